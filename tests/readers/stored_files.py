"""Files made in memory, and what a reader makes of them."""

import io
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from datapipe.reader import Delivery, Position, Reader, ReadOptions, SourceFile, Unreadable, delivered_schema

DEFAULT = ReadOptions()
BEGINNING = Position()
SMALL = ReadOptions(batch_rows=3, batch_bytes=64)
"""Cuts deliveries after a few records."""


class OneWayStream(io.RawIOBase):
    """A stream as a network gives it: it cannot seek, and reads return less than asked."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def read(self, count: int = -1) -> bytes:
        return self._data.read(min(count, 1000) if count >= 0 else 1000)


class FailingStream(io.BytesIO):
    """Storage that fails behind a certain byte."""

    def __init__(self, data: bytes, works_until: int) -> None:
        super().__init__(data)
        self._works_until = works_until

    def read(self, count: int | None = -1) -> bytes:
        if self.tell() + (count or 0) > self._works_until:
            raise OSError("connection lost")
        return super().read(count)


@dataclass(frozen=True)
class Contents:
    """All that a reader delivered of a file."""

    rows: list[dict[str, Any]]
    unreadable: list[Unreadable]
    passed_over: Counter[str]
    bytes_read: int

    @property
    def texts(self) -> list[str]:
        return [row["text"] for row in self.rows]

    @property
    def records(self) -> list[int]:
        return [row["record"] for row in self.rows]

    @property
    def errors(self) -> list[str]:
        return [one.error for one in self.unreadable]


def stored(data: bytes, relative: str = "a.file") -> SourceFile:
    return SourceFile(f"memory:{relative}", relative, len(data), lambda: io.BytesIO(data))


def deliveries(
    reader: Reader, file: SourceFile, options: ReadOptions = DEFAULT, start: Position = BEGINNING
) -> list[Delivery]:
    found = list(reader.read(file, start, options))
    for one in found:
        assert one.batch.schema.equals(delivered_schema(reader, options), check_metadata=True)
        one.batch.validate(full=True)
    return found


def contents(reader: Reader, data: bytes, options: ReadOptions = DEFAULT, relative: str = "a.file") -> Contents:
    """What the reader delivers of a file, after a check that it delivers the same when it resumes anywhere."""
    file = stored(data, relative)
    check_resumption(reader, file, options)
    check_resumption(reader, file, replace(options, batch_rows=2, batch_bytes=50))
    check_resumption(reader, file, replace(options, batch_rows=1))
    found = deliveries(reader, file, options)
    return Contents(
        [row for one in found for row in one.batch.to_pylist()],
        [failed for one in found for failed in one.unreadable],
        sum((Counter(one.passed_over) for one in found), Counter()),
        sum(one.bytes_read for one in found),
    )


def check_resumption(reader: Reader, file: SourceFile, options: ReadOptions) -> None:
    """From every position that was delivered, reading gives the deliveries that follow it."""
    through = deliveries(reader, file, options)
    for number, one in enumerate(through, 1):
        resumed = deliveries(reader, file, options, one.next)
        assert list(map(comparable, resumed)) == list(map(comparable, through[number:]))


def comparable(delivery: Delivery) -> tuple[Any, ...]:
    """All of a delivery but the bytes read, which depend on where blocks begin."""
    return delivery.batch.to_pylist(), delivery.next, delivery.unreadable, dict(delivery.passed_over)
