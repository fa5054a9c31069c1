"""The phases of a course as launches of Megatron-LM: what it can do in one, and where it has to be started anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from trainer.course import Course, Stretch
from trainer.megatron.schedule import Flags
from trainer.schedule import PhaseEdges, step_of


@dataclass(frozen=True)
class Launch:
    """Steps that one start of Megatron takes."""

    name: str
    """Of its first phase."""
    gpus: int | None
    first_step: int
    last_step: int
    stretches: tuple[Stretch, ...]
    flags: Flags
    """Of the batch, and of where it ends."""


def launches_of(course: Course, phases: Sequence[PhaseEdges]) -> tuple[Launch, ...]:
    """A new one begins where the blend or the number of GPUs changes; and the batch, if no ramp of Megatron's does.

    `phases` are those of the course's plan.
    """
    ramp = ramp_of(phases)
    groups: list[list[Stretch]] = [[course.stretches[0]]]
    for before, after in pairwise(course.stretches):
        is_same = before.parts == after.parts and before.gpus == after.gpus
        if is_same and (ramp is not None or before.batch == after.batch):
            groups[-1].append(after)
        else:
            groups.append([after])
    last_steps = [step_of(course, group[-1].end) for group in groups]
    # Without a ramp Megatron divides all samples by the batch at hand to find its last iteration: none ends too early.
    samples = max(
        course.stretches[-1].end,
        *(0 if ramp else last * group[-1].batch for last, group in zip(last_steps, groups, strict=True)),
    )
    found = []
    for first, last, group in zip([0, *last_steps], last_steps, groups, strict=False):
        flags = {**(ramp or {"--global-batch-size": (str(group[0].batch),)}), "--train-samples": (str(samples),)}
        if len(groups) > 1:
            flags["--exit-interval"] = (str(last),)  # its first multiple is itself
        found.append(Launch(group[0].phase, group[0].gpus, first + 1, last, tuple(group), flags))
    return tuple(found)


def ramp_of(phases: Sequence[PhaseEdges]) -> Flags | None:
    """Megatron's batch ramp, where it has the batches of all steps: it grows by equal steps after equally many samples.

    Step k of the ramp begins with the first batch after k-th parts of its samples were seen.
    """
    growths = {after.batch - before.batch for before, after in pairwise(phases)}
    if len(growths) != 1 or min(growths) <= 0:
        return None
    samples, steps = phases[-2].edge, len(phases) - 1
    for k, phase in enumerate(phases[:-1], start=1):
        if not phase.end - phase.batch < k * samples / steps <= phase.end:
            return None
    return {
        "--rampup-batch-size": (str(phases[0].batch), str(growths.pop()), str(samples)),
        "--global-batch-size": (str(phases[-1].batch),),
    }
