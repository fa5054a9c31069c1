"""Where the records of a WARC or ARC file begin and end, also in files that are damaged.

fastwarc's iterator stops at the first record that is not as it should be, and knows no ARC. Here a record counts as
whole only if another one, or the end, follows on it; where it does not, the next record is looked for, so that a wrong
Content-Length costs one record. An ARC record is given the header fields of a WARC record.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from datapipe.readers.header_fields import parse_fields
from datapipe.readers.stored_bytes import BLOCK_BYTES
from datapipe.readers.window import Window

MAX_HEADER_BYTES = 1 << 20
BEGINNING_BYTES = 64 << 10
"""Of a block that is too large: enough to see what it would have been."""
MAX_NEWLINES = 16
"""Line ends between two records: the standard has four, writers differ."""

_WARC = re.compile(rb"WARC/\d\.\d+[ \t]*\r{0,2}\n")
_ARC = re.compile(
    rb"([a-zA-Z][\w+.-]{0,20}:\S{0,10000}) (\S{0,100}) (\d{8,20}) ([^\n]{0,1000}?) ?(-?\d{1,20})\r{0,2}\n"
)
_END_OF_HEADER = re.compile(rb"\r{0,2}\n\r{0,2}\n|WARC/\d\.\d+[ \t]*\r{0,2}\n")
"""A blank line; or another record's beginning: then the header has no end, and the search must not go on for long."""
_NEXT = re.compile(
    rb"WARC/\d\.\d+[ \t]*\r{0,2}\n[A-Za-z][\w-]{0,100}:|\n[a-z][\w+.-]{0,20}://\S{1,10000} [\d.:a-f]{1,50} \d{14} "
)
"""What begins a record and hardly anything else: looked for where the end of one is not known."""
_NEXT_BYTES = 11_000
"""No match of `_NEXT` is longer: kept in view between two searches."""
_NEWLINES = re.compile(rb"[\r\n]{0,%d}" % MAX_NEWLINES)


class Frame(NamedTuple):
    """One record as stored, or why it cannot be read.

    Of a record that is only too large, the fields and the beginning of the block are there: most are no documents.
    """

    offset: int
    within: int
    fields: Mapping[str, str]
    block: bytes
    fault: str | None = None
    is_record: bool = True
    """False for damage between two records, which is none itself."""


class _Header(NamedTuple):
    size: int
    fields: Mapping[str, str]

    @property
    def content_length(self) -> int | None:
        """Bytes of the block; None where the field is missing or wrong."""
        length = self.fields.get("content-length", "")
        return int(length) if length.isascii() and length.isdigit() and len(length) < 19 else None


def frames(window: Window, max_bytes: int) -> Iterator[Frame]:
    """Every record from the cursor on. Blocks of more than `max_bytes` are skipped."""
    while True:
        while window.has(1) and (newlines := window.match(_NEWLINES)):
            window.skip(newlines)
        if window.has(1):
            yield _frame(window, max_bytes)
        elif window.damage is not None:
            yield Frame(*window.place(), {}, b"", window.damage.error, is_record=False)
            window.next_stretch()
        else:
            return


def _frame(window: Window, max_bytes: int) -> Frame:
    place = window.place()
    header = _header(window)
    length = header.content_length
    if length is not None and length <= max_bytes and _is_whole(window, header.size + length):
        block = window.peek(header.size, header.size + length)
        window.skip(header.size + length)
        return Frame(*place, header.fields, block)
    beginning = window.peek(header.size, header.size + BEGINNING_BYTES)
    window.skip(header.size)
    skipped = _skip_to_next(window)
    if length is not None and length > max_bytes and length <= skipped <= length + MAX_NEWLINES:
        fault = f"block of {length:,} bytes is above max_record_bytes ({max_bytes:,})"
        return Frame(*place, header.fields, beginning, fault)
    return Frame(*place, {}, b"", _fault(window, header, skipped))


def _fault(window: Window, header: _Header, skipped: int) -> str:
    """Why the record with this header ended after `skipped` bytes; the damage that cut it short is left behind."""
    length = header.content_length
    if not header.fields:
        return "neither a WARC nor an ARC record"
    if length is None:
        return f"no valid Content-Length: {header.fields.get('content-length', '')[:40]!r}"
    if skipped >= length or window.has(1):
        return f"wrong Content-Length {length:,}: the next record begins {skipped:,} bytes on"
    fault = f"cut short: {skipped:,} bytes of {length:,}"
    if window.damage is not None:
        fault += f" ({window.damage.error})"
        window.next_stretch()
    return fault


def _header(window: Window) -> _Header:
    """The header at the cursor; one byte without fields where there is none."""
    window.has(MAX_HEADER_BYTES)
    if (version := window.match(_WARC)) is not None:
        end = window.search(_END_OF_HEADER, version - 2, MAX_HEADER_BYTES)
        if end is not None and window.peek(end[0], end[0] + 4) != b"WARC":
            return _Header(end[1], parse_fields(window.peek(version, end[0])))
    elif (end_of_line := window.match(_ARC)) is not None:
        return _Header(end_of_line, _arc_fields(window.peek(0, end_of_line)))
    return _Header(1, {})


def _arc_fields(line: bytes) -> dict[str, str]:
    found = _ARC.fullmatch(line)
    assert found is not None
    url, _, date, kind, length = (part.decode("utf-8", "replace") for part in found.groups())
    return {
        "warc-type": "warcinfo" if url.startswith("filedesc:") else "response",
        "warc-target-uri": url,
        "warc-date": f"{date[:4]}-{date[4:6]}-{date[6:8]}T{date[8:10]}:{date[10:12]}:{date[12:14]}Z",
        "content-type": kind.partition(" ")[0],
        "content-length": length,
    }


def _is_whole(window: Window, end: int) -> bool:
    """Whether the stretch reaches to `end`, and there comes its end or another record."""
    if not window.has(end):
        return False
    window.has(end + _NEXT_BYTES)
    following = window.match(_NEWLINES, end)
    assert following is not None
    if not window.has(following + 1) or window.match(_WARC, following) is not None:
        return True
    # The rest of a cut address looks like the line of an ARC record; only a newline tells.
    return following > end and window.match(_ARC, following) is not None


def _skip_to_next(window: Window) -> int:
    """Go on to where another record seems to begin, or to the end of the stretch; the bytes skipped."""
    skipped = 0
    while True:
        window.has(BLOCK_BYTES + _NEXT_BYTES)
        found = window.search(_NEXT)
        if found is not None:
            begin = found[0] + (window.peek(found[0], found[0] + 1) == b"\n")
            window.skip(begin)
            return skipped + begin
        is_last = not window.has(BLOCK_BYTES + _NEXT_BYTES)
        leave = window.size if is_last else window.size - _NEXT_BYTES
        window.skip(leave)
        skipped += leave
        if is_last:
            return skipped
