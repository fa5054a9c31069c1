"""What stands in the output folder of a run, in numbers for a page."""

from dataclasses import dataclass
from pathlib import Path

from datapipe.output import RunError
from trainer.checkpointing.folders import all_checkpoints_in
from trainer.checkpointing.record import Origin
from trainer.checkpointing.state_file import Damaged, read_record
from trainer.course import PARTS, Course, Stretch, read_course
from trainer.order import Order
from trainer.report.history import History, history
from trainer.running.log import FILE as LOG
from trainer.running.log import records_of
from trainer.schedule import rate_at

SAMPLE = "sample.txt"
"""What `trainer generate` said, if somebody kept it there."""
SAMPLE_CHARACTERS = 20_000


@dataclass(frozen=True)
class StretchRow:
    """A stretch of the course."""

    stretch: Stretch
    steps: int
    tokens: int
    first_rate: float
    last_rate: float
    shares: dict[str, float]
    """Asked of each domain."""


@dataclass(frozen=True)
class UnitRow:
    """A unit and what was taken of it."""

    domain: str
    unit: str
    windows: int
    samples: int
    """In this run."""
    epochs: float
    """Since the start of training, this run and those it went on from."""
    share: float
    """Of the samples of this run."""


@dataclass(frozen=True)
class RunFigures:
    """A run."""

    folder: str
    name: str
    plan: str
    course: Course
    history: History
    origin: Origin | None
    checkpoints: tuple[str, ...]
    """Names of those that are there."""
    sample: str
    """Text that the model wrote."""

    @property
    def last_sample(self) -> int:
        """Of the course."""
        return self.course.stretches[-1].end

    def tokens(self, samples: int) -> int:
        """Of so many samples."""
        return samples * self.course.seq_len


def read_run(folder: str) -> RunFigures:
    """The figures of an output folder. Raises RunError where no run has written there, or what it wrote is damaged."""
    path = Path(folder)
    if not (path / "course.json").exists() or not (path / LOG).exists():
        raise RunError(f"{folder}: no course.json and {LOG} there: give the output folder of a `trainer run`")
    try:
        course = read_course((path / "course.json").read_text("utf-8"))
    except ValueError:
        raise RunError(f"{path / 'course.json'}: damaged; `trainer run` writes it anew when it goes on") from None
    checkpoints = all_checkpoints_in(path)
    name, origin = _last_record(checkpoints)
    return RunFigures(
        folder,
        name or path.name,
        _text(path / "plan.yaml"),
        course,
        history(records_of(folder)),
        origin,
        tuple(one.name for one in checkpoints),
        _text(path / SAMPLE)[:SAMPLE_CHARACTERS].strip(),
    )


def _text(path: Path) -> str:
    return path.read_text("utf-8", errors="replace") if path.exists() else ""


def _last_record(checkpoints: list[Path]) -> tuple[str, Origin | None]:
    """Name of the model, and what the run began with, as the last sound checkpoint says."""
    for folder in reversed(checkpoints):
        try:
            record = read_record(folder)
        except Damaged:
            continue
        return record.name, record.origin
    return "", None


def stretch_rows(run: RunFigures) -> list[StretchRow]:
    """The course, stretch by stretch."""
    return [
        StretchRow(
            one,
            (one.end - one.first) // one.batch,
            run.tokens(one.end - one.first),
            rate_at(run.course.rates, one.first + one.batch),
            rate_at(run.course.rates, one.end),
            {domain: parts / PARTS for domain, parts in one.parts.domains.items()},
        )
        for one in run.course.stretches
    ]


def unit_rows(run: RunFigures) -> list[UnitRow]:
    """Every unit, those of a domain together, most read first."""
    seen = min(run.history.samples_seen, run.last_sample)
    order = Order(run.course)
    cursors, used = order.cursors(seen), order.used(0, seen)
    rows = [
        UnitRow(
            domain,
            unit,
            windows,
            used[domain][unit],
            cursors[domain][unit] / windows if windows else 0.0,
            used[domain][unit] / seen if seen else 0.0,
        )
        for domain, units in run.course.windows.items()
        for unit, windows in units.items()
    ]
    return sorted(rows, key=lambda row: (row.domain, -row.samples, row.unit))
