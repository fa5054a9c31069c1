"""What a task that is watched does for its watcher: says what it is at, and takes care where it was told to.

Nothing here matters to a task that runs in the run's own process (`inline`): `current()` is None there.
"""

import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import TypeVar

import psutil
import pyarrow as pa
import pyarrow.compute as pc

from datapipe import stage
from datapipe.isolation.parent import Care, Incident, Limits, incident
from datapipe.isolation.verdicts import READ
from datapipe.isolation.watching import AT_READ, AT_ROW, AT_STEP, NOWHERE, Death, Entry, Fork, Note, watch

MANY_ROWS = 4
"""A call on so many rows or more may take the CPU time of so many records: beyond, its batch is only taken apart."""
SKIPPED_BYTES_PER_SECOND = 10e6
"""A reader that begins in the middle of a compressed file skips what lies before, at least this fast."""
ATTEMPTS = 3
"""A disposable process that somebody else killed is tried so often before the record is blamed."""

Item = TypeVar("Item")


@dataclass
class Supervision:
    """Of one task."""

    note: Note
    limits: Limits
    care: Care
    task: str = ""
    incidents: list[Incident] = field(default_factory=list)

    def begin(self, task: str) -> None:
        """The task, as errors are to call it."""
        self.task = task
        self.note.begin(task)

    @contextmanager
    def at_step(self, step: str, batch: pa.RecordBatch) -> Iterator[None]:
        """The step works on these rows; one that goes through them in Python tells each (`stage.looking_at`)."""
        ids = batch["id"]
        budget = self.limits.record_cpu_seconds * max(min(batch.num_rows, MANY_ROWS), 1)
        with self.at(AT_STEP, budget, step, ids[0].as_py() if batch.num_rows else ""):
            stage.listen(lambda row: self.note.write(AT_ROW, self.limits.record_cpu_seconds, step, ids[row].as_py()))
            try:
                yield
            finally:
                stage.listen(None)

    @contextmanager
    def at(self, kind: bytes, budget: float, step: str, what: str) -> Iterator[None]:
        """Something begins that `budget` CPU seconds must do for; it ends with the block."""
        self.note.write(kind, budget, step, what)
        try:
            yield
        finally:
            self.note.write(NOWHERE)

    def set_apart(self, step: str, what: str, death: Death) -> None:
        """Report a verdict."""
        self.incidents.append(incident("verdict", self.task, step, what, death))

    def apart(self, make: Callable[[], Iterator[Item]]) -> Iterator[Item | Death]:
        """What an iterator gives that runs in a disposable process; if it dies, how, and nothing more.

        Raises what the iterator raises of OSError and RuntimeError. The items must pickle.
        """
        memory = self.limits.memory_bytes
        if memory:  # what this process holds is no record's fault
            memory = max(memory, psutil.Process().memory_info().rss + memory // 2)
        ours, theirs = Pipe()
        process = Fork(lambda: _serve(ours, theirs, make))
        theirs.close()
        try:
            while True:
                message = watch(ours, process, self.note, memory)
                if isinstance(message, Death):
                    self.note.write(NOWHERE)
                    yield message
                    return
                kind, content = pickle.loads(message)  # noqa: S301
                if kind == "error":
                    raise content
                if kind == "end":
                    return
                yield content
        finally:
            process.kill()
            ours.close()

    def try_apart(self, call: Callable[[], Item]) -> Item | Death:
        """What a call gives in a disposable process, or how that died: believed only if it was not killed by chance."""
        for _ in range(ATTEMPTS):
            outcome = next(self.apart(lambda: (call() for _ in range(1))))
            if not isinstance(outcome, Death) or outcome.kind != "killed":
                break
        return outcome


def _serve(ours: Connection, theirs: Connection, make: Callable[[], Iterator[Item]]) -> None:
    ours.close()
    try:
        for item in make():
            theirs.send_bytes(pickle.dumps(("item", item), pickle.HIGHEST_PROTOCOL))
        theirs.send_bytes(pickle.dumps(("end", None)))
    except (OSError, RuntimeError) as error:
        theirs.send_bytes(pickle.dumps(("error", error)))


_current: Supervision | None = None


def begin_task(pass_name: str, shard: str) -> None:
    """Tell the watcher, if there is one, what is being made."""
    if _current is not None:
        _current.begin(f"{pass_name} {shard}")


def current() -> Supervision | None:
    """The supervision of the task at hand; None where nobody watches."""
    return _current


@contextmanager
def supervised(supervision: Supervision | None) -> Iterator[None]:
    """Be watched for the length of a block (None: not be watched)."""
    global _current
    before, _current = _current, supervision
    try:
        yield
    finally:
        _current = before


@contextmanager
def at_read(place: str, skipped_bytes: int = 0) -> Iterator[None]:
    """The reader works on its next delivery, and skips so many bytes before."""
    if _current is None:
        yield
        return
    budget = _current.limits.record_cpu_seconds * MANY_ROWS + skipped_bytes / SKIPPED_BYTES_PER_SECOND
    with _current.at(AT_READ, budget, READ, place):
        yield


def row_of(entry: Entry, batch: pa.RecordBatch) -> int | None:
    """The row of a batch that a note is about."""
    if entry.kind != AT_ROW:
        return None
    place: int = pc.index(batch["id"], entry.what).as_py()
    return place if place >= 0 else None
