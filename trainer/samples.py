"""Which documents a step saw, or will see: `trainer samples`. The course of a run tells it at any time."""

from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from datapipe.observing.voice import Voice
from datapipe.output import RunError, placed
from trainer.corpus import Corpus, corpus_of
from trainer.course import Course, read_course
from trainer.order import Order
from trainer.plan import Plan
from trainer.planning import start_of
from trainer.schedule import step_of, step_samples, stretch_at
from trainer.settle import settle
from trainer.tokens.documents import DocumentIndex
from trainer.tokens.reading import Reader
from trainer.tokens.sidecar import read_rows

COURSE = "course.json"


@dataclass(frozen=True)
class SeenDocument:
    """What of a document is in a window."""

    number: int
    """In its shard, from 0."""
    id: str | None
    source: str | None
    """None where nothing tells: in the files of others."""
    window_tokens: tuple[int, int]
    """Tokens [first, end) of the window are its,"""
    document_tokens: tuple[int, int]
    """which are these of its own."""
    tokens: int
    """All that it has."""


@dataclass(frozen=True)
class Sample:
    """One window, where it comes from and what is in it."""

    sample: int
    step: int
    phase: str
    domain: str
    unit: str
    epoch: int
    """How often all of the unit was seen before."""
    shard: str
    """Its file of tokens."""
    window: int
    """In the shard."""
    first_token: int
    """Of the shard: the window's first."""
    documents: tuple[SeenDocument, ...]


def samples_of_step(plan: Plan, step: int, root: str | None = None, rank: int = 0, world: int = 1) -> list[Sample]:
    """The samples of step number `step`, counted from 1, that are those of a rank.

    Raises RunError where there is no such step, or `world` does not divide its batch.
    """
    corpus, course = _course(plan, root)
    first, end = step_samples(course, step)
    if (end - first) % world or not 0 <= rank < world:
        raise RunError(f"rank {rank} of {world}: step {step:,} has {end - first:,} samples, which they share evenly")
    count = (end - first) // world
    return _samples(corpus, course, first + rank * count, count)


def one_sample(plan: Plan, sample: int, root: str | None = None) -> list[Sample]:
    """The sample of this number, counted from 0. Raises RunError where there is none."""
    corpus, course = _course(plan, root)
    return _samples(corpus, course, sample, 1)


def _course(plan: Plan, root: str | None) -> tuple[Corpus, Course]:
    """The course of the plan's run, if it has begun, else the one that it will have."""
    corpus = corpus_of(plan, root)
    path = Path(placed("output", plan.output, root)) / COURSE
    if not path.exists():
        return corpus, _course_to_come(plan, corpus, root)
    try:
        course = read_course(path.read_text("utf-8"))
    except ValueError:
        raise RunError(f"{path} is damaged") from None
    if course.data != corpus.sizes.fingerprint:
        raise RunError(f"{path}: the run was on other tokens than {plan.file} names now: what it saw cannot be told")
    return corpus, course


def _course_to_come(plan: Plan, corpus: Corpus, root: str | None) -> Course:
    """Raises RunError where it depends on a checkpoint that is not there yet."""
    folder, record = start_of(plan, root, Voice(Console(stderr=True)))
    if record is not None:
        return settle(plan, corpus.sizes, record.course, record.samples_seen)
    if plan.start is not None and plan.start.cursors == "keep":
        raise RunError(f"{plan.file}: {folder}: no checkpoint there yet: what comes behind it cannot be told")
    return settle(plan, corpus.sizes)


def _samples(corpus: Corpus, course: Course, first: int, count: int) -> list[Sample]:
    order = Order(course)
    places = order.places(first, count)
    reader = Reader(corpus, order)
    found = []
    for sample, (shard, first_token) in enumerate(reader.locate(places), first):
        domain, unit = order.units[places.unit[sample - first]]
        found.append(
            Sample(
                sample,
                step_of(course, sample) + 1,
                stretch_at(course, sample).phase,
                domain,
                unit,
                int(places.epoch[sample - first]),
                f"{shard.prefix}.bin",
                first_token // course.seq_len,
                first_token,
                _documents(corpus, shard.prefix, first_token),
            )
        )
    return found


def _documents(corpus: Corpus, prefix: str, first_token: int) -> tuple[SeenDocument, ...]:
    """Those with tokens in the window that begins at `first_token`."""
    end_token = first_token + corpus.sizes.seq_len + 1
    with DocumentIndex(prefix) as index:
        numbers = range(index.at(first_token), index.at(end_token - 1) + 1)
        edges = index.edges(numbers[0], numbers[-1] + 1)
    names: list[tuple[str | None, str | None]] = [(None, None)] * len(numbers)
    if corpus.has_sidecars:
        rows = read_rows(prefix, numbers[0], numbers[-1] + 1, ["id", "source"])
        names = list(zip(rows["id"].to_pylist(), rows["source"].to_pylist(), strict=True))
    seen = []
    for number, name, start, end in zip(numbers, names, edges[:-1], edges[1:], strict=True):
        first, last = max(start, first_token), min(end, end_token)
        if first < last:
            of_window, of_document = (first - first_token, last - first_token), (first - start, last - start)
            seen.append(SeenDocument(number, *name, of_window, of_document, end - start))
    return tuple(seen)
