"""How a run is, during it or after it, from its log and its lock: what `datapipe status` tells."""

import dataclasses
import time
from calendar import timegm
from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal

from datapipe import storage
from datapipe.housekeeping.disk import free_bytes
from datapipe.observing.event_log import MAX_PART_SECONDS, read_records
from datapipe.observing.events import Incident, RunFailed, RunFinished, RunInterrupted, ShardFinished
from datapipe.observing.run_log import PassSums, RunSums, last_run
from datapipe.output import RunError, owner, read_plan
from datapipe.report.quarantine import alike
from datapipe.shard_files import opened

State = Literal["running", "finished", "failed", "interrupted", "died"]
MAX_ROWS = 2_000
"""Rows of one quarantine file that are read."""


@dataclass(frozen=True)
class PassStatus:
    """One pass of the last run."""

    name: str
    is_over: bool
    tasks: int
    tasks_done: int
    shards: int
    reused_shards: int
    documents: int
    """Read."""
    documents_out: int
    mb: float
    """Of text."""
    mb_per_second: float
    """Of what was not finished before."""
    stored_mb: float
    quarantined: int
    cpu_seconds: float
    peak_mb: float
    seconds: float
    seconds_left: float | None
    """None when it is over or nothing is done yet."""


@dataclass(frozen=True)
class Status:
    """A run, as it is now."""

    folder: str
    recipe: str
    corpusmill: str
    executor: str
    state: State
    owner: str
    """Who holds the folder's lock, else the process that wrote the log."""
    started: str
    last_event: str
    silent_seconds: float
    """Since the last event, by the clocks of two machines."""
    seconds: float
    error: str
    """Of a run that failed or was interrupted."""
    documents_kept: int | None
    passes: tuple[PassStatus, ...]
    finished_before: dict[str, int]
    slowest: tuple[ShardFinished, ...]
    incidents: tuple[Incident, ...]
    """The latest."""
    incident_counts: dict[str, int]
    """By pass and kind, as `extract restart`."""
    warnings: tuple[str, ...]
    quarantined: dict[str, int]
    """Records by source."""
    errors: tuple[tuple[int, str], ...]
    """The most frequent ones and an example, from the latest `files_of_errors` files with records in quarantine."""
    files_of_errors: int
    disk_free_bytes: int | None

    def data(self) -> dict[str, Any]:
        """For machines."""
        return dataclasses.asdict(self)


def read_status(folder: str, now: float | None = None) -> Status:
    """The status of a run's folder. Raises RunError where there is no log, OSError when storage fails."""
    folder = folder.rstrip("/")
    holder = owner(folder)
    sums, broken = last_run(read_records(folder))
    if sums is None and storage.exists(storage.join(folder, "course.json")):
        raise RunError(f"{folder}: a run of the trainer; `trainer report {folder}` draws how it goes")
    if sums is None and holder:
        raise RunError(f"{folder}: {holder} has just begun; nothing is logged yet")
    if sums is None:
        known = read_plan(folder)
        raise RunError(
            f"{folder}: no event log: {'written by an older version' if known else 'not the output folder of a run'}"
        )
    silent = max(0.0, (time.time() if now is None else now) - seconds_of(sums.last))
    begin, state = sums.begin, state_of(sums.end, holder)
    if state == "running":
        sums.seconds += min(silent, MAX_PART_SECONDS)  # a living run is never silent for longer: more is a clock's jump
    errors, files = _errors(folder, broken, next(iter(begin.fingerprints), ""))
    return Status(
        folder,
        begin.recipe,
        begin.corpusmill,
        begin.executor,
        state,
        holder or f"process {begin.pid} on {begin.host}",
        sums.started,
        sums.last,
        silent,
        sums.seconds,
        _error(sums.end),
        sums.end.documents if isinstance(sums.end, RunFinished) else None,
        tuple(_pass(name, one, sums) for name, one in sums.passes.items()),
        begin.finished_before,
        tuple(event for *_, event in sorted(sums.slowest, reverse=True)),
        tuple(sums.incidents),
        {" ".join(key): count for key, count in sorted(sums.incident_counts.items())},
        tuple(sums.warnings),
        {source: count for source, count in sorted(sums.quarantined.items()) if count},
        errors,
        files,
        free_bytes(folder),
    )


def state_of(last: object, holder: str | None) -> State:
    """What the last event of a log, or only a run's end, or None, and who holds the folder's lock say together."""
    match last:
        case RunFinished():
            return "finished"
        case RunFailed():
            return "failed"
        case RunInterrupted():
            return "interrupted"
    return "running" if holder else "died"


def seconds_of(moment: str) -> float:
    """Seconds since 1970 of a record's time."""
    return timegm(time.strptime(moment[:19], "%Y-%m-%dT%H:%M:%S"))


def _error(end: RunFinished | RunFailed | RunInterrupted | None) -> str:
    match end:
        case RunFailed():
            is_told = end.kind in ("RunError", "RecipeError", "MixtureError")
            return end.error if is_told else f"{end.kind}: {end.error}"
        case RunInterrupted():
            return end.reason
    return ""


def _pass(name: str, sums: PassSums, run: RunSums) -> PassStatus:
    seconds = max(0.0, (run.seconds if sums.ended_at is None else sums.ended_at) - sums.started_at)
    read = (sums.text_bytes - sums.reused_text_bytes) / 1e6
    done = sums.input_bytes_done / sums.input_bytes if sums.input_bytes else sums.tasks_done / max(sums.tasks, 1)
    is_going = sums.ended_at is None and 0 < done < 1
    return PassStatus(
        name,
        sums.ended_at is not None,
        sums.tasks,
        sums.tasks_done,
        sums.shards,
        sums.reused_shards,
        sums.rows_in,
        sums.rows_out,
        sums.text_bytes / 1e6,
        read / seconds if seconds else 0.0,
        sums.stored_bytes / 1e6,
        sums.quarantined,
        sums.cpu_seconds,
        sums.peak_mb,
        seconds,
        seconds * (1 - done) / done if is_going else None,
    )


def _errors(folder: str, broken: list[tuple[str, str]], first: str) -> tuple[tuple[tuple[int, str], ...], int]:
    """The errors in the quarantine of some shards, alike ones counted together; and how many files were read."""
    counts: Counter[str] = Counter()
    example: dict[str, str] = {}
    files = 0
    for name, shard in broken:
        path = storage.join(folder, "quarantine", *([] if name == first else [name]), f"{shard}.parquet")
        if not storage.exists(path):
            continue
        files += 1
        with opened([path]) as (file,):
            for row in next(file.iter_batches(MAX_ROWS, columns=["step", "error"])).to_pylist():
                key = f"{row['step']}: {alike(row['error'])}"
                counts[key] += 1
                example.setdefault(key, f"{row['step']}: {row['error']}")
    return tuple((count, example[key]) for key, count in counts.most_common(5)), files
