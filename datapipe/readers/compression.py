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
from typing import Any, BinaryIO

import zstandard

from datapipe.reader import Position

BLOCK_BYTES = 1 << 20
"""Least bytes of one read from storage, and of one piece where its member has as many."""
ZSTD_WINDOW_BYTES = 1 << 27
"""Memory a frame may ask for: what `zstd -d` grants without `--long`."""
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


class Stored:
    """The bytes of a file as stored, read in blocks, with the next ones in view."""

    def __init__(self, stream: BinaryIO) -> None:
        """Take over a stream that stands at offset 0."""
        self._stream = stream
        self._block = b""
        self._at = 0
        self._is_at_end = False
        self.offset = 0
        """Of the next byte."""
        self.taken = 0
        """Bytes read from storage."""

    def ahead(self, count: int) -> bytes:
        """The next `count` bytes, fewer only at the end of the file."""
        while len(self._block) - self._at < count and not self._is_at_end:
            block = self._stream.read(max(BLOCK_BYTES, count))
            self._is_at_end = not block
            self.taken += len(block)
            self._block = self._block[self._at :] + block
            self._at = 0
        return self._block[self._at : self._at + count]

    def advance(self, count: int) -> None:
        """Leave `count` of the bytes in view behind."""
        self._at += count
        self.offset += count

    def go_to(self, offset: int) -> None:
        """Go on at `offset`: by seeking where the stream can, else by reading on."""
        if self.offset <= offset <= self.offset + len(self._block) - self._at:
            self.advance(offset - self.offset)
        elif self._stream.seekable():
            self._stream.seek(offset)
            self._block, self._at, self._is_at_end, self.offset = b"", 0, False, offset
        else:
            while self.offset < offset and (block := self.ahead(min(BLOCK_BYTES, offset - self.offset))):
                self.advance(len(block))

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()


@dataclass(frozen=True)
class _Codec:
    unit: str
    start: re.Pattern[bytes]
    slice_bytes: int
    """Input fed at a time, and with it the most that may come out at once."""
    open: Callable[[], Any]


# Deflate yields at most 1,032 bytes per byte: 17 MB per slice. A zstd block takes at least 4 bytes and yields at most
# 128 KiB (RFC 8878, 3.1.1.2): 34 MB per slice.
_GZIP = _Codec("gzip member", re.compile(rb"\x1f\x8b\x08[\x00-\x1f]"), 16 << 10, partial(zlib.decompressobj, wbits=31))
_ZSTD_START = re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18")
_ZSTD_FRAME = b"\x28\xb5\x2f\xfd"
_ZSTD_DICTIONARY = b"\x5d\x2a\x4d\x18"
_HEAD_BYTES = 4
_SEARCH_BYTES = 16 << 10


def as_stored(stored: Stored, start: Position) -> Iterator[Piece]:
    """The bytes from `start` on, none of them decompressed."""
    stored.go_to(start.offset)
    while data := stored.ahead(BLOCK_BYTES):
        yield Piece(data, stored.offset, 0, False)
        stored.advance(len(data))


def decompressed(stored: Stored, start: Position) -> Iterator[Piece | Damage]:
    """The bytes from `start` on. Raises OSError where storage fails."""
    head = stored.ahead(_HEAD_BYTES)
    if _GZIP.start.match(head):
        codec = _GZIP
    elif _ZSTD_START.match(head):
        codec = _Codec("zstd frame", _ZSTD_START, 1 << 10, _zstd_opener(stored))
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
            return b"".join(parts), f"{codec.unit} cut short"
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
    """Decompressors of frames, with the dictionary that a .warc.zst may carry in a skippable frame at its head."""
    head = stored.ahead(8)
    size = int.from_bytes(head[4:], "little")
    dictionary = None
    if head.startswith(_ZSTD_DICTIONARY) and size <= DICTIONARY_BYTES:
        content = stored.ahead(8 + size)[8:]
        if content.startswith(_ZSTD_FRAME):
            content = zstandard.ZstdDecompressor().decompress(content, max_output_size=DICTIONARY_BYTES)
        dictionary = zstandard.ZstdCompressionDict(content)
    decompressor = zstandard.ZstdDecompressor(dict_data=dictionary, max_window_size=ZSTD_WINDOW_BYTES)
    return partial(decompressor.decompressobj, write_size=1 << 14)
