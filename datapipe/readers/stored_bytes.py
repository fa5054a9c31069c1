"""The bytes of a file as stored, read from storage in large blocks whatever is asked for."""

from typing import BinaryIO

BLOCK_BYTES = 1 << 20
"""Least bytes of one read from storage: remote reads below pay more for the request than for the bytes."""


class CutShort(Exception):
    """A stream ends here, before its end: what follows is damaged. Only archives raise it."""


class Stored:
    """The bytes of a file as stored, read in blocks, with the next ones in view."""

    def __init__(self, stream: BinaryIO, end: int | None = None) -> None:
        """Take over a stream that stands at offset 0; from `end` on nothing is read."""
        self._stream = stream
        self._end = end
        self._block = b""
        self._at = 0
        self._is_at_end = False
        self.fault: str | None = None
        """Why the bytes end before the end of the file."""
        self.offset = 0
        """Of the next byte."""
        self.taken = 0
        """Bytes read from storage."""

    @property
    def can_seek(self) -> bool:
        """Whether `go_to` goes there at once."""
        return self._stream.seekable()

    def ahead(self, count: int) -> bytes:
        """The next `count` bytes, fewer only at the end of the file."""
        while len(self._block) - self._at < count and not self._is_at_end:
            try:
                block = self._stream.read(self._allowed(max(BLOCK_BYTES, count)))
            except CutShort as fault:
                block, self.fault = b"", str(fault)
            self._is_at_end = not block
            self.taken += len(block)
            self._block = self._block[self._at :] + block
            self._at = 0
        return self._block[self._at : self._at + count]

    def _allowed(self, count: int) -> int:
        """As much of `count` bytes behind those in view as lies before the end."""
        if self._end is None:
            return count
        return max(0, min(count, self._end - self.offset - (len(self._block) - self._at)))

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
