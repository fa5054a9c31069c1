"""The log of a run folder, read: what its last run did so far, and what earlier ones have finished."""

import heapq
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version

from datapipe.accounts import source_of
from datapipe.observing.event_log import read_records
from datapipe.observing.events import (
    Event,
    Incident,
    PassFinished,
    PassStarted,
    Pulse,
    Record,
    RunFailed,
    RunFinished,
    RunInterrupted,
    RunStarted,
    ShardFinished,
    ShardsReused,
    Warned,
)
from datapipe.output import Trial

SLOWEST = 10
LAST_INCIDENTS = 20
QUARANTINE_FILES = 20
"""Shards with records in quarantine that are remembered: enough to name the usual errors."""


def run_started(folder: str, recipe: str, trial: Trial, fingerprints: dict[str, str], executor: str) -> RunStarted:
    """The event that begins this process's run. `recipe` is its name."""
    return RunStarted(
        recipe, version("corpusmill"), executor, os.uname().nodename, os.getpid(), fingerprints,
        finished_before(read_records(folder), fingerprints), trial.sample, trial.max_shards,
    )  # fmt: skip


def finished_before(records: Iterable[Record], fingerprints: Mapping[str, str]) -> dict[str, int]:
    """Shards per pass that some run is logged to have finished, or found finished, under these fingerprints."""
    most: Counter[str] = Counter()
    of_run: Counter[str] = Counter()
    same: set[str] = set()
    for record in records:
        event = record.event
        if isinstance(event, RunStarted):
            most |= of_run
            of_run.clear()
            same = {name for name, one in event.fingerprints.items() if fingerprints.get(name) == one}
        elif isinstance(event, ShardFinished | ShardsReused) and event.name in same:
            of_run[event.name] += event.shards if isinstance(event, ShardsReused) else 1
    return {name: count for name, count in (most | of_run).items() if count}


@dataclass
class PassSums:
    """One pass of the last run, so far."""

    tasks: int = 0
    """To do; `tasks_done` of them have ended."""
    input_bytes: int = 0
    """To read; 0 where unknown."""
    started_at: float = 0.0
    ended_at: float | None = None
    tasks_done: int = 0
    shards: int = 0
    reused_shards: int = 0
    rows_in: int = 0
    rows_out: int = 0
    text_bytes: int = 0
    reused_text_bytes: int = 0
    input_bytes_done: int = 0
    stored_bytes: int = 0
    quarantined: int = 0
    cpu_seconds: float = 0.0
    peak_mb: float = 0.0

    def add(self, event: ShardFinished | ShardsReused) -> None:
        """Add what is finished."""
        self.tasks_done += event.tasks
        self.rows_in += event.rows_in
        self.rows_out += event.rows_out
        self.text_bytes += event.text_bytes
        self.input_bytes_done += event.input_bytes
        self.stored_bytes += event.stored_bytes
        if isinstance(event, ShardsReused):
            self.shards += event.shards
            self.reused_shards += event.shards
            self.reused_text_bytes += event.text_bytes
            self.quarantined += sum(event.quarantined.values())
        else:
            self.shards += 1
            self.quarantined += event.quarantined
            self.cpu_seconds += event.cpu_seconds
            self.peak_mb = max(self.peak_mb, event.peak_mb)


@dataclass
class RunSums:
    """What the log tells of the last run."""

    run: str
    begin: RunStarted
    started: str
    """UTC."""
    last: str
    """UTC, of the latest event."""
    seconds: float = 0.0
    """From the start to the latest event."""
    end: RunFinished | RunFailed | RunInterrupted | None = None
    passes: dict[str, PassSums] = field(default_factory=dict)
    slowest: list[tuple[float, int, ShardFinished]] = field(default_factory=list)
    """A heap: the fastest of the slowest first."""
    incidents: list[Incident] = field(default_factory=list)
    """The latest ones; `incident_counts` counts all, by pass and kind."""
    incident_counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    warnings: list[str] = field(default_factory=list)
    quarantined: Counter[str] = field(default_factory=Counter)
    """Records, by source."""
    disk_free_bytes: int | None = None

    @property
    def has_changed_nothing(self) -> bool:
        """Whether it told of a failure before it had done a shard. Of a run without an end nobody knows what it did."""
        told = isinstance(self.end, RunFailed | RunInterrupted)
        return told and all(one.shards == one.reused_shards for one in self.passes.values())

    def add(self, record: Record) -> None:
        """Add the next event."""
        self.last, self.seconds = record.time, record.at
        event: Event = record.event
        match event:
            case PassStarted():
                self.passes[event.name] = PassSums(event.tasks, event.bytes, record.at)
            case ShardFinished():
                self.passes[event.name].add(event)
                self.quarantined[source_of(event.shard)] += event.quarantined
                heapq.heappush(self.slowest, (event.seconds, id(event), event))
                if len(self.slowest) > SLOWEST:
                    heapq.heappop(self.slowest)
            case ShardsReused():
                self.passes[event.name].add(event)
                self.quarantined.update(event.quarantined)
            case PassFinished():
                self.passes[event.name].ended_at = record.at
            case Incident():
                self.incident_counts[event.name, event.kind] += 1
                self.incidents = [*self.incidents[1 - LAST_INCIDENTS :], event]
            case Warned():
                self.warnings.append(event.message)
            case Pulse():
                self.disk_free_bytes = event.disk_free_bytes
            case RunFinished() | RunFailed() | RunInterrupted():
                self.end = event


def last_change(records: Iterable[Record]) -> tuple[RunSums | None, frozenset[str]]:
    """The sums of the last run that changed the folder, and the ids of those behind it, which changed nothing."""
    changing: RunSums | None = None
    unchanging: set[str] = set()
    sums: RunSums | None = None

    def settle() -> None:
        nonlocal changing
        if sums is not None and changing is not None and sums.has_changed_nothing:
            unchanging.add(sums.run)
        elif sums is not None:
            changing = sums
            unchanging.clear()

    for record in records:
        if isinstance(record.event, RunStarted):
            settle()
            sums = RunSums(record.run, record.event, record.time, record.time)
        elif sums is not None and record.run == sums.run:
            sums.add(record)
    settle()
    return changing, frozenset(unchanging)


def last_run(records: Iterable[Record]) -> tuple[RunSums | None, list[tuple[str, str]]]:
    """The sums of the last run; and the latest shards (pass, shard) of any run that put records into quarantine."""
    sums: RunSums | None = None
    broken: dict[tuple[str, str], None] = {}
    for record in records:
        event = record.event
        if isinstance(event, RunStarted):
            sums = RunSums(record.run, event, record.time, record.time)
        elif sums is not None and record.run == sums.run:
            sums.add(record)
        if isinstance(event, ShardFinished) and event.quarantined:
            broken.pop((event.name, event.shard), None)
            broken[event.name, event.shard] = None
            if len(broken) > QUARANTINE_FILES:
                del broken[next(iter(broken))]
    return sums, list(broken)
