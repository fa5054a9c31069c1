"""Readers of files that are one record each."""

import contextlib
from collections.abc import Callable, Iterator

import pyarrow as pa

from datapipe.reader import Delivery, Position, ReadOptions, SourceFile
from datapipe.readers.assembly import Assembly, Outcome, RecordError
from datapipe.readers.window import Window


def deliver_file(
    file: SourceFile,
    start: Position,
    options: ReadOptions,
    schema: pa.Schema,
    outcome_of: Callable[[bytes], Outcome],
    decompress: bool = True,
) -> Iterator[Delivery]:
    """Deliver what `outcome_of` makes of the bytes of the file; it is given at most `max_record_bytes` of them."""
    if start.record > 0:
        return
    with contextlib.closing(Window(file, start, decompress)) as window:
        if window.has(options.max_record_bytes + 1):
            outcome: Outcome = RecordError(f"file of more than {options.max_record_bytes:,} bytes (max_record_bytes)")
        elif window.damage is not None:
            outcome = RecordError(window.damage.error)
        else:
            outcome = outcome_of(window.peek(0, window.size))
        yield from deliver_outcome(file, start, options, schema, outcome, window.taken)


def deliver_outcome(
    file: SourceFile, start: Position, options: ReadOptions, schema: pa.Schema, outcome: Outcome, bytes_read: int = 0
) -> Iterator[Delivery]:
    """Deliver what has become of the one record of the file."""
    if start.record > 0:
        return
    assembly = Assembly(schema, options, lambda: bytes_read)
    assembly.take(0, 0, outcome)
    yield assembly.deliver(Position(offset=file.size, record=1))
