"""Read a file whose reader may raise, crash, hang or take all memory: its rest is then one failure.

An OSError alone is nobody's fault but the storage's: it ends the run.
"""

from collections.abc import Callable, Iterator
from functools import partial

from datapipe.inputs import InputFile
from datapipe.isolation.supervision import ATTEMPTS, at_read, current
from datapipe.isolation.verdicts import READ, Verdicts
from datapipe.isolation.watching import Death
from datapipe.reader import Delivery, Position, Unreadable
from datapipe.run import attempted

REST = "; what follows in the file is not read"

ARCHIVE_RATIO = 10
"""Decompressed bytes of an archive per stored byte, about, and rather more than less."""

Delivered = tuple[InputFile, Delivery]
"""With the file, or the member of an archive, that it comes from."""
Read = Callable[[Position], Iterator[Delivered]]


def read_safely(read: Read, file: InputFile, start: Position, verdicts: Verdicts) -> Iterator[Delivered | Unreadable]:
    """What `read` delivers of `file` from `start` on; where it breaks, why, and nothing more.

    Raises OSError.
    """
    supervision = current()
    position, deaths = start, 0
    while True:
        outcomes: Iterator[Delivered | str | Death] = _outcomes(read, file, position, verdicts)
        if supervision is not None and supervision.care.covers(READ):
            outcomes = supervision.apart(partial(_outcomes, read, file, position, verdicts))
        outcome: Delivered | str | Death | None = None
        for outcome in outcomes:
            if isinstance(outcome, tuple):
                yield outcome
                position, deaths = outcome[1].next, 0
        if isinstance(outcome, Death):
            deaths += 1
            if outcome.kind == "killed" and deaths < ATTEMPTS:
                continue
            verdicts.add_reading(place(file, position), outcome.error)
            if supervision is not None:
                supervision.set_apart(READ, place(file, position), outcome)
            outcome = outcome.error
        if isinstance(outcome, str):
            yield Unreadable(None, position.offset, outcome + REST)
        return


def _outcomes(read: Read, file: InputFile, start: Position, verdicts: Verdicts) -> Iterator[Delivered | str]:
    """What is delivered, and at last the error that is raised, or that the file is known to end with, if any."""
    deliveries = _begin(read, start)
    position = start
    while True:
        known = verdicts.on_reading(place(file, position))
        if known is not None:
            yield known
            return
        with at_read(place(file, position), _skipped(file, position) if position is start else 0):
            outcome = attempted(partial(next, deliveries, None))
        if outcome is None:
            return
        if isinstance(outcome, OSError):
            raise outcome
        if isinstance(outcome, Exception):
            yield f"{type(outcome).__name__}: {outcome}"
            return
        yield outcome
        position = outcome[1].next


def _begin(read: Read, start: Position) -> Iterator[Delivered]:
    yield from read(start)


def _skipped(file: InputFile, start: Position) -> int:
    """Bytes that a reader may have to decompress before it stands at `start`."""
    return start.within + (ARCHIVE_RATIO * file.size if start.member else 0)


def place(file: InputFile, position: Position) -> str:
    """Where reading stands, for people and for verdicts."""
    within = f" + {position.within}" if position.within else ""
    member = f", member {position.member}" if position.member else ""
    return f"{file.relative} at byte {position.offset}{within}{member} (record {position.record})"
