"""Which step ends at which sample, and which rate it has: pure functions of the samples seen.

A phase ends where the tokens of the plan so far are used up: its **edge**, a sample. The batch that crosses the edge is
finished; the next phase begins behind it, and is that much shorter. Pieces of the learning rate know nothing of
batches: they lie between edges. The rate of a step is that of `samples_seen` after its batch.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise

from datapipe.loading.located_yaml import RecipeError, parse
from datapipe.output import RunError
from trainer.course import Course, SettledRate, Stretch
from trainer.plan import Plan, Rate
from trainer.rates import inverse_square_root, rate_inside


@dataclass(frozen=True)
class PhaseEdges:
    """Where a phase lies, in samples."""

    name: str
    first: int
    """The sample it begins at."""
    edge: int
    """Where its tokens end,"""
    end: int
    """and where its last batch does: `edge` or up to a batch less one behind it."""
    batch: int

    @property
    def steps(self) -> int:
        """How many it has."""
        return (self.end - self.first) // self.batch


def phase_edges(plan: Plan, seq_len: int, first: int = 0) -> tuple[PhaseEdges, ...]:
    """The phases of a plan from the sample `first` on; those that end before it are left out.

    Raises RecipeError for a phase that the last batch of the one before it swallows.
    """
    phases: list[PhaseEdges] = []
    position = first
    for number, (phase, edge) in enumerate(zip(plan.phases, _edges(plan, seq_len), strict=True)):
        if edge <= first:
            continue
        if edge <= position:
            message = f"the phase would end at sample {edge:,}, and the last batch before it does at {position:,}"
            raise plan_error(plan, ("phases", number, "tokens"), f"{message}; give it more tokens, or leave it out")
        steps = steps_between(position, edge, phase.batch)
        phases.append(PhaseEdges(phase.name, position, edge, position + steps * phase.batch, phase.batch))
        position = phases[-1].end
    return tuple(phases)


def steps_between(first: int, edge: int, batch: int) -> int:
    """Batches from the sample `first` until `edge` is reached or crossed."""
    return -((first - edge) // batch)


def step_of(course: Course, samples_seen: int) -> int:
    """Steps that are done when so many samples were seen: the number, from 1, of the step that ended there."""
    return sum((min(samples_seen, s.end) - s.first) // s.batch for s in course.stretches if s.first < samples_seen)


def step_samples(course: Course, step: int) -> tuple[int, int]:
    """The samples [first, end) of a step, counted from 1. Raises RunError where the course has no such step."""
    done = 0
    for stretch in course.stretches:
        steps = (stretch.end - stretch.first) // stretch.batch
        if done < step <= done + steps:
            first = stretch.first + (step - done - 1) * stretch.batch
            return first, first + stretch.batch
        done += steps
    raise RunError(f"there is no step {step:,}; possible: 1 to {done:,}")


def stretch_at(course: Course, sample: int) -> Stretch:
    """The stretch that a sample lies in. Raises RunError behind the end of the course."""
    for stretch in course.stretches:
        if stretch.first <= sample < stretch.end:
            return stretch
    raise RunError(f"there is no sample {sample:,}; possible: 0 to {course.stretches[-1].end - 1:,}")


def rate_at(rates: tuple[SettledRate, ...], samples_seen: int) -> float:
    """The rate of the step that ends when so many samples were seen: a piece's end still belongs to the piece."""
    for piece in rates:
        if samples_seen <= piece.end:
            return rate_inside(piece, samples_seen)
    return rates[-1].end_rate  # what the last batch is beyond the plan's last token


def settled_rates(plan: Plan, seq_len: int) -> tuple[SettledRate, ...]:
    """The learning rate of a plan in pieces without gap or overlap, on the clock of its own samples, from 0.

    Pieces of a phase begin at the edge before it and follow each other; the last one may leave `tokens` out. Raises
    RecipeError where they do not end exactly where the next phase with a `learning_rate` begins, or the plan ends.
    """
    if not plan.phases[0].learning_rate:
        raise plan_error(plan, ("phases", 0), "the first phase needs a learning_rate")
    edges = [0, *_edges(plan, seq_len)]
    tokens = [0, *accumulate(phase.tokens for phase in plan.phases)]
    with_rates = [number for number, phase in enumerate(plan.phases) if phase.learning_rate]
    settled: list[SettledRate] = []
    for number, next_number in pairwise([*with_rates, len(plan.phases)]):
        ends = _piece_ends(plan, number, tokens[number], edges[next_number], seq_len)
        for place, (rate, end) in enumerate(zip(plan.phases[number].learning_rate, ends, strict=True)):
            before = settled[-1] if settled else None
            path = ("phases", number, "learning_rate", place)
            settled.append(_settled(plan, path, rate, before, end))
    return tuple(settled)


def plan_error(plan: Plan, path: tuple[str | int, ...], message: str) -> RecipeError:
    """The error at a place of a plan, with its file and line."""
    return parse(plan.text, plan.file).error(path, message)


def _edges(plan: Plan, seq_len: int) -> list[int]:
    """The sample at which the tokens of each phase are used up."""
    return [_samples(tokens, seq_len) for tokens in accumulate(phase.tokens for phase in plan.phases)]


def _samples(tokens: int, seq_len: int) -> int:
    """Sequences that hold so many tokens."""
    return -(-tokens // seq_len)


def _piece_ends(plan: Plan, number: int, first_token: int, last: int, seq_len: int) -> Iterator[int]:
    """Where each piece of a phase's learning rate ends; all must end at the sample `last`. Raises RecipeError."""
    pieces = plan.phases[number].learning_rate
    end, token = _samples(first_token, seq_len), first_token
    until = "the end of the plan" if last == _edges(plan, seq_len)[-1] else "the next phase with a learning_rate"
    for place, rate in enumerate(pieces):
        path = ("phases", number, "learning_rate", place)
        is_last = place == len(pieces) - 1
        if rate.tokens is None and not is_last:
            raise plan_error(plan, path, "needs tokens: only the last piece of a phase may leave them out")
        token += rate.tokens or 0
        before, end = end, last if rate.tokens is None else _samples(token, seq_len)
        if end > last:
            raise plan_error(plan, path, f"ends at sample {end:,}, beyond {until} at {last:,}; shorten it")
        if end < last and is_last:
            raise plan_error(
                plan, path, f"ends at sample {end:,}, before {until} at {last:,}; leave its tokens out, or add a piece"
            )
        if end <= before:
            raise plan_error(plan, path, f"is empty: it begins and ends at sample {end:,}")
        yield end


def _settled(plan: Plan, path: tuple[str | int, ...], rate: Rate, before: SettledRate | None, end: int) -> SettledRate:
    """One piece with both its rates. Raises RecipeError for rates that its shape does not take."""
    if rate.start is None and before is None:
        raise plan_error(plan, path, "the first piece needs a start")
    first = before.end if before else 0
    start_rate = before.end_rate if rate.start is None and before else float(rate.start or 0)
    end_rate = rate.end
    if rate.shape == "constant":
        if end_rate not in (None, start_rate):
            raise plan_error(plan, path, f"constant goes from {start_rate:g} to {end_rate:g}; leave end out")
        end_rate = start_rate
    elif rate.shape == "inverse_square_root":
        if end_rate is not None:
            raise plan_error(plan, path, "inverse_square_root takes no end: its rate is start x sqrt(first / now)")
        if first == 0:
            raise plan_error(
                plan, path, "inverse_square_root falls from the plan's sample 0 on, where it has no rate; warm up first"
            )
        end_rate = inverse_square_root(start_rate, first, end)
    elif end_rate is None:
        raise plan_error(plan, path, f"{rate.shape} needs an end")
    if rate.shape == "exponential" and not (start_rate > 0 and end_rate > 0):
        raise plan_error(plan, path, f"exponential goes from {start_rate:g} to {end_rate:g}; both must be above 0")
    return SettledRate(rate.shape, first, end, start_rate, end_rate)
