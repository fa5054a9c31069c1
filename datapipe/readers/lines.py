"""Lines of a file, each with its place, in bounded memory whatever their length; and readers of a record per line."""

import contextlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pyarrow as pa

from datapipe.reader import Delivery, Part, Position, ReadOptions, SourceFile
from datapipe.readers.assembly import Assembly, Outcome, RecordError
from datapipe.readers.charset import UTF8_MARK
from datapipe.readers.compression import is_compressed
from datapipe.readers.stored_bytes import BLOCK_BYTES
from datapipe.readers.window import Window


class Line(NamedTuple):
    """One line without its newline, or why there is none."""

    text: bytes
    begin: int
    """Where it begins, counted from the window's cursor: `window.place(begin)` tells its place."""
    fault: str | None = None
    is_record: bool = True
    """False for damage between two lines, which is none itself."""


def deliver_lines(
    file: SourceFile,
    start: Position,
    options: ReadOptions,
    schema: pa.Schema,
    outcome_of: Callable[[bytes], Outcome],
) -> Iterator[Delivery]:
    """Deliver what `outcome_of` makes of the bytes of each line. A mark of UTF-8 is left out."""
    with contextlib.closing(Window(file, start, end=options.end)) as window:
        assembly = Assembly(schema, options, lambda: window.taken)
        record = start.record
        if start == Position() and window.has(len(UTF8_MARK)) and window.peek(0, len(UTF8_MARK)) == UTF8_MARK:
            window.skip(len(UTF8_MARK))
        for line in lines(window, options.max_record_bytes):
            outcome = RecordError(line.fault) if line.fault else outcome_of(line.text)
            if assembly.is_full(outcome):
                yield assembly.deliver(window.position(record, line.begin))
            offset = window.place(line.begin)[0] if isinstance(outcome, RecordError) else 0
            assembly.take(record if line.is_record else None, offset, outcome)
            record += line.is_record
        if start == Position() and record == 0 and assembly.is_empty:
            assembly.take(record, 0, RecordError("the file is empty"))
            record += 1
        if not assembly.is_empty:
            yield assembly.deliver(window.position(record))


def parts_of_lines(file: SourceFile, part_bytes: int) -> tuple[Part, ...]:
    """Whole lines of at most `part_bytes`, or one longer line; none of a compressed file. One pass counts the lines."""
    parts: list[Part] = []
    start, cut, record = Position(), Position(), 0
    offset, target = 0, part_bytes
    with contextlib.closing(file.open()) as stream:
        while block := stream.read(min(BLOCK_BYTES, target - offset)):
            if offset == 0 and is_compressed(block):
                return ()
            record += block.count(b"\n")
            last = block.rfind(b"\n") + 1
            if last:
                cut = Position(offset=offset + last, record=record)
            offset += len(block)
            if offset == target:
                if cut > start:
                    parts.append(_part(start, cut.offset))
                    start = cut
                target = start.offset + part_bytes if start.offset + part_bytes > offset else offset + part_bytes
    return (*parts, _part(start, offset)) if offset > start.offset else tuple(parts)


def _part(start: Position, end: int) -> Part:
    return Part(start, end, end - start.offset)


def lines(window: Window, max_bytes: int) -> Iterator[Line]:
    """Every line from the cursor on; the last one needs no newline. Longer ones than `max_bytes` are skipped."""
    while True:
        end = _load_lines(window, max_bytes)
        if end > 0:
            yield from _complete(window.peek(0, end), max_bytes)
            window.skip(end)
        elif window.size > max_bytes:
            yield Line(b"", 0, _too_long(max_bytes))
            _skip_line(window)
        elif window.damage is not None:
            is_record = window.size > 0
            yield Line(b"", 0, f"{window.damage.error}{', within this line' if is_record else ''}", is_record)
            window.next_stretch()
        else:
            if window.size:
                yield Line(window.peek(0, window.size), 0)
                window.skip(window.size)
            return


def _load_lines(window: Window, max_bytes: int) -> int:
    """Bring a block of lines into view: bytes up to the last newline, 0 for an unfinished or an overlong line."""
    while window.size < BLOCK_BYTES and window.load():
        pass
    end = window.find_last(b"\n") + 1
    while end == 0 and window.size <= max_bytes:
        searched = window.size
        if not window.load():
            break
        end = window.find(b"\n", searched) + 1
    return end


def _complete(block: bytes, max_bytes: int) -> Iterator[Line]:
    begin = 0
    for text in block[:-1].split(b"\n"):
        yield Line(text, begin) if len(text) <= max_bytes else Line(b"", begin, _too_long(max_bytes))
        begin += len(text) + 1


def _skip_line(window: Window) -> None:
    while (end := window.find(b"\n")) < 0:
        window.skip(window.size)
        if not window.load():
            return
    window.skip(end + 1)


def _too_long(max_bytes: int) -> str:
    return f"line of more than {max_bytes:,} bytes (max_record_bytes)"
