"""The pages of a Parquet column chunk, found by their headers: pyarrow takes a page whole, however large it is.

The headers are Thrift structs in the compact protocol; of them only sizes and counts are of interest.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from datapipe.readers.assembly import RecordError
from datapipe.readers.watched_stream import WatchedStream

HEADER_BYTES = 64 << 10
"""No page header is longer: it may hold the smallest and largest value, which writers cut off."""
MAX_DEPTH = 8
"""Of structs in structs: a page header has three."""
UNCOMPRESSED, COMPRESSED, DATA, DATA_V2, COUNT = 2, 3, 5, 8, 1
"""Numbers of fields (parquet.thrift, PageHeader, DataPageHeader, DataPageHeaderV2)."""


class Page(NamedTuple):
    """One page."""

    values: int
    """Rows, in a column that is not nested; 0 for a dictionary."""
    size: int
    """Bytes decompressed."""


def pages(stream: WatchedStream, begin: int, end: int) -> Iterator[Page]:
    """The pages that lie between two offsets of the file. Raises RecordError where there is no page."""
    while begin < end:
        stream.seek(begin)
        try:
            header, length = _struct(stream.read(min(HEADER_BYTES, end - begin)), 0, 0)
            values = (header.get(DATA) or header.get(DATA_V2) or {}).get(COUNT, 0)
            page, stored = Page(int(values), int(header[UNCOMPRESSED])), int(header[COMPRESSED])
        except (IndexError, KeyError, TypeError, AttributeError):
            raise RecordError(f"no page at byte {begin:,}") from None
        if stored < 0 or page.values < 0:
            raise RecordError(f"no page at byte {begin:,}")
        yield page
        begin += length + stored


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 128:
            return value, at


def _number(data: bytes, at: int) -> tuple[int, int]:
    value, at = _varint(data, at)
    return value >> 1 ^ -(value & 1), at


def _bytes(data: bytes, at: int) -> tuple[None, int]:
    size, at = _varint(data, at)
    return None, at + size


_SIMPLE: dict[int, Callable[[bytes, int], tuple[Any, int]]] = {
    1: lambda _, at: (True, at),
    2: lambda _, at: (False, at),
    3: lambda data, at: (data[at], at + 1),
    4: _number,
    5: _number,
    6: _number,
    7: lambda _, at: (None, at + 8),
    8: _bytes,
}
"""Types of fields; lists, sets and maps are in no page header."""
_STRUCT = 12


def _struct(data: bytes, at: int, depth: int) -> tuple[dict[int, Any], int]:
    """The fields by number, and where the struct ends. Raises IndexError, KeyError."""
    fields: dict[int, Any] = {}
    number = 0
    while head := data[at]:
        at += 1
        if head >> 4:
            number += head >> 4
        else:
            number, at = _number(data, at)
        if head & 15 == _STRUCT:
            if depth == MAX_DEPTH:
                raise IndexError
            fields[number], at = _struct(data, at, depth + 1)
        else:
            fields[number], at = _SIMPLE[head & 15](data, at)
    return fields, at + 1
