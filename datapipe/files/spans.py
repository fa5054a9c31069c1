"""A seekable stream over bytes that are fetched by offset and count, a request each: never fewer than 1 MiB at once.

What is read in order is fetched in growing requests. Several places may be read in turn, as the columns of a Parquet
file are: each goes on in its own span of bytes. Memory is bounded by `KEPT_BYTES`.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass

FIRST_BYTES = 1 << 20
"""Least bytes of a request: below, the request costs more than the bytes."""
MOST_BYTES = 8 << 20
"""A request of reading in order grows to this: some 100 ms of a store that gives 80 MB/s to one connection."""
KEPT_BYTES = 32 << 20
WHOLE_BYTES = 4 << 20
"""A file up to this size is fetched at once."""


@dataclass(frozen=True)
class _Span:
    begin: int
    data: bytes
    asked: int = 0
    """Bytes of the request that brought the last of it."""

    @property
    def end(self) -> int:
        return self.begin + len(self.data)


class SpanStream(io.RawIOBase):
    """The bytes of a file of known size. `fetch(offset, count)` returns exactly `count` bytes or raises OSError."""

    def __init__(self, size: int, fetch: Callable[[int, int], bytes], close: Callable[[], None] | None = None) -> None:
        """A stream at offset 0. `close` is called when the stream is closed."""
        self._size = size
        self._fetch = fetch
        self._release = close
        self._at = 0
        self._spans: list[_Span] = []

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """Where the next byte lies."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to an offset; nothing is fetched."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def read(self, count: int | None = -1) -> bytes:
        """The next `count` bytes, fewer only at the end of the file."""
        left = max(0, self._size - self._at)
        wanted = left if count is None or count < 0 else min(count, left)
        begin, self._at = self._at, self._at + wanted
        if wanted > MOST_BYTES:
            return self._fetch(begin, wanted)  # large enough by itself, and too large to keep
        span = self._covering(begin, wanted) if wanted else _Span(begin, b"")
        return span.data[begin - span.begin : begin - span.begin + wanted]

    def readall(self) -> bytes:
        """Everything from here on."""
        return self.read(-1)

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill a buffer."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Let go of the bytes and of what they come from."""
        if not self.closed:
            self._spans.clear()
            if self._release is not None:
                self._release()
        super().close()

    def _covering(self, begin: int, count: int) -> _Span:
        """A span that holds the wanted bytes."""
        for span in reversed(self._spans):
            if span.begin <= begin < span.end:
                return span if begin + count <= span.end else self._extended(span, begin, count)
        near = next((one for one in reversed(self._spans) if one.end <= begin <= one.end + FIRST_BYTES), None)
        least = FIRST_BYTES if near is None else min(2 * near.asked, MOST_BYTES)
        return self._fetched(b"", begin, max(count, least), near)

    def _extended(self, span: _Span, begin: int, count: int) -> _Span:
        """What the span holds of the wanted bytes, with what follows them."""
        held = span.data[begin - span.begin :]
        more = max(count - len(held), min(2 * span.asked, MOST_BYTES))
        return self._fetched(held, span.end, more, span)

    def _fetched(self, held: bytes, begin: int, count: int, instead_of: _Span | None) -> _Span:
        if self._size <= WHOLE_BYTES and not held:
            begin, count = 0, self._size
        elif begin + count > self._size:  # a request that would run over the end begins earlier: footers are read so
            count = self._size - begin if held else min(count, self._size)
            begin = begin if held else self._size - count
        span = _Span(begin - len(held), held + self._fetch(begin, count), count)
        if instead_of is not None:
            self._spans.remove(instead_of)
        self._spans.append(span)
        while len(self._spans) > 1 and sum(len(one.data) for one in self._spans) > KEPT_BYTES:
            self._spans.pop(0)
        return span
