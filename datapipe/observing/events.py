"""What happens in a run: the events of its log, each a frozen dataclass, and the line that each becomes.

A line of the log is one JSON object. `event` is the class's name in small letters, `run` the run's id, `time` the wall
clock in UTC, `at` the seconds since the run's start by a clock that never jumps; the other keys are the class's fields.
Durations are differences of `at`, never of `time`.
"""

import dataclasses
import json
import re
from dataclasses import dataclass
from typing import Any, get_args

from pydantic_core import from_json

FORMAT = 1
"""Raised when a field changes its meaning. New fields and new events may come without it: readers pass them over."""


@dataclass(frozen=True)
class RunStarted:
    """A driver has taken the output folder. The first event of every run."""

    recipe: str
    corpusmill: str
    """Version."""
    executor: str
    host: str
    pid: int
    fingerprints: dict[str, str]
    """Of every pass."""
    finished_before: dict[str, int]
    """Shards per pass that the logs of earlier runs tell finished under today's fingerprints: not done again."""
    sample: float | None = None
    max_shards: int | None = None
    format: int = FORMAT


@dataclass(frozen=True)
class PassStarted:
    """A pass begins to hand out tasks."""

    name: str
    tasks: int
    bytes: int
    """Of its input: stored bytes for the first pass, else text; 0 where unknown."""


@dataclass(frozen=True)
class ShardFinished:
    """This run has done one shard of a pass."""

    name: str
    """Of the pass."""
    shard: str
    seconds: float
    cpu_seconds: float
    peak_mb: float
    rows_in: int
    rows_out: int
    text_bytes: int
    input_bytes: int
    """Of `PassStarted.bytes`: what of the pass's input this makes done."""
    stored_bytes: int
    """Of its output files."""
    quarantined: int
    tasks: int = 1
    """1 when a task has ended with it; 0 for the further shards of one task."""
    node: str = ""


@dataclass(frozen=True)
class ShardsReused:
    """Shards of a pass that were finished before, since the last event of this kind: one event for many."""

    name: str
    shards: int
    tasks: int
    rows_in: int
    rows_out: int
    text_bytes: int
    input_bytes: int
    stored_bytes: int
    quarantined: dict[str, int]
    """Records in quarantine, by source."""


@dataclass(frozen=True)
class PassFinished:
    """Every task of a pass has its receipt."""

    name: str
    seconds: float


@dataclass(frozen=True)
class Incident:
    """Something the run survived: a worker process begun anew, or a record set apart for what it did."""

    name: str
    """Of the pass."""
    kind: str
    """`restart`, `verdict`, or `retry` where Ray has begun the whole task anew."""
    task: str
    step: str
    what: str
    """The record's id, or the file and the place in it."""
    error: str
    node: str = ""
    peak_bytes: int = 0


@dataclass(frozen=True)
class Warned:
    """What the run wants its user to know."""

    message: str


@dataclass(frozen=True)
class Pulse:
    """The driver lives, though no shard may have ended."""

    disk_free_bytes: int | None
    """Of the output's file system; None on object stores."""


@dataclass(frozen=True)
class RunFinished:
    """All is done."""

    documents: int
    """Kept, without those held out."""
    text_bytes: int
    """Of them."""


@dataclass(frozen=True)
class RunFailed:
    """The run has stopped with an error."""

    kind: str
    """Class of the exception: `RunError`, `RecipeError` and `MixtureError` are for users."""
    error: str


@dataclass(frozen=True)
class RunInterrupted:
    """The run was asked to stop: Ctrl-C, SIGTERM, a cancelled job."""

    reason: str


Event = (
    RunStarted
    | PassStarted
    | ShardFinished
    | ShardsReused
    | PassFinished
    | Incident
    | Warned
    | Pulse
    | RunFinished
    | RunFailed
    | RunInterrupted
)


def event_name(kind: type) -> str:
    """`shard_finished` of `ShardFinished`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


KINDS: dict[str, type[Event]] = {event_name(kind): kind for kind in get_args(Event)}
_NAMES = {kind: name for name, kind in KINDS.items()}
_FIELDS = {kind: frozenset(field.name for field in dataclasses.fields(kind)) for kind in KINDS.values()}


@dataclass(frozen=True)
class Record:
    """An event with when it was, and in which run."""

    run: str
    time: str
    """UTC, as 2026-11-22T13:04:40.123Z. May jump with the machine's clock."""
    at: float
    """Seconds since the run's start; never less than in the record before."""
    event: Event


def encode(record: Record) -> bytes:
    """The line, with its newline."""
    head = {"event": _NAMES[type(record.event)], "run": record.run, "time": record.time, "at": record.at}
    text = json.dumps(head | vars(record.event), ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace") + b"\n"  # names of files may be no Unicode


def decode(line: bytes) -> Record | None:
    """The record of a line; None for a torn line and for an event of another version that cannot be read as one."""
    try:
        data: dict[str, Any] = from_json(line)
        kind = KINDS[data.pop("event")]
        run, moment, at = data.pop("run"), data.pop("time"), data.pop("at")
        if not data.keys() <= _FIELDS[kind]:
            data = {key: value for key, value in data.items() if key in _FIELDS[kind]}
        return Record(run, moment, at, kind(**data))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
