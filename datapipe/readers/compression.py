"""Bytes as stored become plain bytes, each with its place in the file: gzip members, zstd frames, or as they are.

What a file is follows from its first bytes, never from its name. Memory is bounded however well the data compresses:
input is fed in slices so small that the densest of them stays small decompressed. What cannot be decompressed is
`Damage`; reading goes on at the next member or frame that begins behind it.
"""

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import zstandard

from datapipe.reader import Position
from datapipe.readers.stored_bytes import BLOCK_BYTES, Stored

ZSTD_WINDOW_BYTES = 1 << 27
"""Memory a frame may ask for: what `zstd -d` grants without `--long`."""
GZIP_SLICE_BYTES = 16 << 10
"""Becomes at most 17 MB: deflate yields no more than 1,032 bytes per byte."""
ZSTD_SLICE_BYTES = 1 << 10
"""Becomes at most 34 MB: a block takes at least 4 bytes and yields at most 128 KiB (RFC 8878, 3.1.1.2)."""
DICTIONARY_BYTES = 16 << 20
"""Largest dictionary taken from the head of a .warc.zst."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Decompressed bytes that follow on one another in the file."""

    data: bytes
    offset: int
    """In the file: of the member that holds the data, or of the data itself where nothing is compressed."""
    within: int
    """In the decompressed member: of the data; 0 where nothing is compressed."""
    is_compressed: bool


@dataclass(frozen=True, slots=True)
class Damage:
    """Stored bytes that could not be decompressed: what comes next does not follow on what came before."""

    offset: int
    within: int
    """Decompressed bytes of the member before the damage."""
    error: str


@dataclass(frozen=True)
class _Codec:
    unit: str
    start: re.Pattern[bytes]
    slice_bytes: int
    """Input fed at a time, which bounds what comes out at a time."""
    open: Callable[[], Any]


_GZIP_START = re.compile(rb"\x1f\x8b\x08[\x00-\x1f]")
_GZIP = _Codec("gzip member", _GZIP_START, GZIP_SLICE_BYTES, partial(zlib.decompressobj, wbits=31))
_ZSTD_START = re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18")
_ZSTD_FRAME = b"\x28\xb5\x2f\xfd"
_ZSTD_DICTIONARY = b"\x5d\x2a\x4d\x18"
_HEAD_BYTES = 4
_SEARCH_BYTES = 16 << 10


def as_stored(stored: Stored, start: Position) -> Iterator[Piece | Damage]:
    """The bytes from `start` on, none of them decompressed."""
    stored.go_to(start.offset)
    while data := stored.ahead(BLOCK_BYTES):
        yield Piece(data, stored.offset, 0, False)
        stored.advance(len(data))
    if stored.fault is not None:
        yield Damage(stored.offset, 0, stored.fault)


def is_compressed(head: bytes) -> bool:
    """Whether a file that begins so holds gzip members or zstd frames."""
    return bool(_GZIP.start.match(head) or _ZSTD_START.match(head))


def decompressed(stored: Stored, start: Position) -> Iterator[Piece | Damage]:
    """The bytes from `start` on. Raises OSError where storage fails."""
    head = stored.ahead(_HEAD_BYTES)
    if _GZIP.start.match(head):
        codec = _GZIP
    elif _ZSTD_START.match(head):
        codec = _Codec("zstd frame", _ZSTD_START, ZSTD_SLICE_BYTES, _zstd_opener(stored))
    else:
        yield from as_stored(stored, start)
        return
    stored.go_to(start.offset)
    yield from _members(stored, codec, start.within)


def _members(stored: Stored, codec: _Codec, skip: int) -> Iterator[Piece | Damage]:
    """All members; the first without its first `skip` bytes."""
    while head := stored.ahead(_HEAD_BYTES):
        if codec.start.match(head):
            yield from _member(stored, codec, skip)
        else:
            offset = stored.offset
            if not _leave_until_start(stored, codec):
                yield Damage(offset, 0, f"no {codec.unit} begins here")
        skip = 0


def _member(stored: Stored, codec: _Codec, skip: int) -> Iterator[Piece | Damage]:
    offset, within, error = stored.offset, 0, None
    inflater = codec.open()
    while error is None and not inflater.eof:
        data, error = _inflate(stored, codec, inflater)
        cut = max(0, skip - within)
        if len(data) > cut:
            yield Piece(data[cut:], offset, within + cut, True)
        within += len(data)
    if error is not None:
        if stored.offset == offset:
            stored.advance(1)
        _leave_until_start(stored, codec)
        yield Damage(offset, within, error)


def _inflate(stored: Stored, codec: _Codec, inflater: Any) -> tuple[bytes, str | None]:
    """The next data of a member, at least a block of it unless it ends or is damaged; and what is wrong with it."""
    parts: list[bytes] = []
    size = 0
    while size < BLOCK_BYTES and not inflater.eof:
        # Slices are counted from the member's start, so damage takes the same bytes with it wherever reading began.
        fed = stored.ahead(codec.slice_bytes)
        if not fed:
            return b"".join(parts), stored.fault or f"{codec.unit} cut short"
        try:
            data = inflater.decompress(fed)
        except (zlib.error, zstandard.ZstdError) as failure:
            return b"".join(parts), f"{codec.unit} damaged: {failure}"
        stored.advance(len(fed) - len(inflater.unused_data))
        parts.append(data)
        size += len(data)
    return b"".join(parts), None


def _leave_until_start(stored: Stored, codec: _Codec) -> bool:
    """Go on to where a member seems to begin, or to the end; whether there were only zeros on the way (padding)."""
    only_zeros = True
    while block := stored.ahead(_SEARCH_BYTES):
        found = codec.start.search(block)
        is_last = len(block) < _SEARCH_BYTES
        end = found.start() if found else len(block) if is_last else len(block) - _HEAD_BYTES + 1
        only_zeros = only_zeros and not block[:end].strip(b"\0")
        stored.advance(end)
        if found:
            break
    return only_zeros


def _zstd_opener(stored: Stored) -> Callable[[], Any]:
    """Makes decompressors, with the dictionary that a .warc.zst may carry in a skippable frame at its head."""
    head = stored.ahead(8)
    size = int.from_bytes(head[4:], "little")
    dictionary = None
    if head.startswith(_ZSTD_DICTIONARY) and size <= DICTIONARY_BYTES:
        dictionary = _dictionary(stored.ahead(8 + size)[8:])
    decompressor = zstandard.ZstdDecompressor(dict_data=dictionary, max_window_size=ZSTD_WINDOW_BYTES)
    return partial(decompressor.decompressobj, write_size=1 << 14)


def _dictionary(content: bytes) -> zstandard.ZstdCompressionDict | None:
    """The dictionary, itself compressed or not; None for a damaged one: its frames will say so."""
    if content.startswith(_ZSTD_FRAME):
        decompressor = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES)
        try:
            content = decompressor.stream_reader(content).read(DICTIONARY_BYTES)
        except zstandard.ZstdError:
            return None
    return zstandard.ZstdCompressionDict(content)
