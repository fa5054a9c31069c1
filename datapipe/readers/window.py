"""A file's decompressed bytes, seen through a window that slides forward and knows where each byte lies.

The bytes form stretches: a stretch ends at damage (see `compression`) or at the end of the file, and nothing that is
read from the window crosses such a border.
"""

import re
from array import array
from bisect import bisect_right

from datapipe.reader import Position, SourceFile
from datapipe.readers.compression import Damage, Piece, as_stored, decompressed
from datapipe.readers.stored_bytes import Stored

_LEAVE_BYTES = 1 << 20
"""Bytes left behind are dropped only in amounts worth a move of the rest."""


class Window:
    """The bytes of a file from `start` on. Every index and count is relative to the cursor."""

    def __init__(self, file: SourceFile, start: Position, decompress: bool = True, end: int | None = None) -> None:
        """Open the file; `end` cuts it short: only files that are not compressed have parts. Raises OSError."""
        self._stored = Stored(file.open(), end)
        self._arriving = (decompressed if decompress and end is None else as_stored)(self._stored, start)
        self._data = bytearray()
        self._cursor = 0
        # Of each piece in view: where it begins, counted from `start`, and its place. Members may hold a byte each, so
        # these are numbers side by side.
        self._begins, self._offsets, self._withins = array("q"), array("q"), array("q")
        self._is_compressed = False
        self._dropped = 0
        self._ended = False
        self.damage: Damage | None = None
        """What ended the stretch; None while it goes on, and at the end of the file."""

    def close(self) -> None:
        """Close the file."""
        self._stored.close()

    @property
    def taken(self) -> int:
        """Bytes read from storage so far."""
        return self._stored.taken

    @property
    def is_compressed(self) -> bool:
        """Whether the bytes in view were decompressed."""
        return self._is_compressed

    @property
    def can_seek(self) -> bool:
        """Whether storage can go to any place at once."""
        return self._stored.can_seek

    @property
    def size(self) -> int:
        """Bytes in view."""
        return len(self._data) - self._cursor

    def load(self) -> bool:
        """Bring more bytes into view; False at the end of the stretch."""
        if self._ended:
            return False
        arrived = next(self._arriving, None)
        if isinstance(arrived, Piece):
            self._begins.append(self._dropped + len(self._data))
            self._offsets.append(arrived.offset)
            self._withins.append(arrived.within)
            self._is_compressed = arrived.is_compressed
            self._data += arrived.data
            return True
        self._ended, self.damage = True, arrived
        return False

    def has(self, count: int) -> bool:
        """Whether the stretch has `count` more bytes; then they are in view."""
        while self.size < count and self.load():
            pass
        return self.size >= count

    def next_stretch(self) -> None:
        """Leave the rest of this stretch and what damaged it behind."""
        self._data.clear()
        self._forget(len(self._begins))
        self._cursor, self._ended, self.damage = 0, False, None

    def place(self, index: int = 0) -> tuple[int, int]:
        """`offset` and `within` of a byte in view, or of the one behind the last."""
        if self.has(index + 1):
            absolute = self._dropped + self._cursor + index
            piece = bisect_right(self._begins, absolute) - 1
            offset, within, further = self._offsets[piece], self._withins[piece], absolute - self._begins[piece]
            return (offset, within + further) if self._is_compressed else (offset + further, 0)
        if self.damage is not None:
            return self.damage.offset, self.damage.within
        return self._stored.offset, 0

    def position(self, record: int, index: int = 0) -> Position:
        """The place of a byte, as the position of a record."""
        offset, within = self.place(index)
        return Position(offset=offset, within=within, record=record)

    def skip(self, count: int) -> None:
        """Move the cursor over bytes in view."""
        self._cursor += count
        if self._cursor >= min(_LEAVE_BYTES, len(self._data)):
            del self._data[: self._cursor]
            self._dropped += self._cursor
            self._cursor = 0
            self._forget(max(0, bisect_right(self._begins, self._dropped) - 1))

    def _forget(self, pieces: int) -> None:
        for numbers in (self._begins, self._offsets, self._withins):
            del numbers[:pieces]

    def peek(self, begin: int, end: int) -> bytes:
        """A copy of bytes in view."""
        return bytes(memoryview(self._data)[self._cursor + begin : self._cursor + end])

    def find(self, needle: bytes, begin: int = 0) -> int:
        """Index of the first `needle` in view from `begin` on, or -1."""
        found = self._data.find(needle, self._cursor + begin)
        return found if found < 0 else found - self._cursor

    def find_last(self, needle: bytes) -> int:
        """Index of the last `needle` in view, or -1."""
        found = self._data.rfind(needle, self._cursor)
        return found if found < 0 else found - self._cursor

    def search(self, pattern: re.Pattern[bytes], begin: int = 0, end: int | None = None) -> tuple[int, int] | None:
        """Where `pattern` first matches in view, between `begin` and `end`."""
        limit = len(self._data) if end is None else self._cursor + end
        found = pattern.search(self._data, self._cursor + begin, limit)
        return None if found is None else (found.start() - self._cursor, found.end() - self._cursor)

    def match(self, pattern: re.Pattern[bytes], index: int = 0) -> int | None:
        """Where a match of `pattern` that begins at `index` ends."""
        found = pattern.match(self._data, self._cursor + index)
        return None if found is None else found.end() - self._cursor
