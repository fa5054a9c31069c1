"""A stream that counts what is read, and knows failures of storage from those of whoever reads."""

from collections.abc import Callable
from typing import BinaryIO, ClassVar, TypeVar

import pyarrow as pa

from datapipe.readers.assembly import RecordError
from datapipe.readers.stored_bytes import CutShort

Result = TypeVar("Result")


class WatchedStream:
    """A seekable stream for pyarrow, which raises OSError for a damaged file and for failing storage alike."""

    faults: ClassVar[tuple[type[Exception], ...]] = (pa.ArrowException, OSError, UnicodeDecodeError, CutShort)
    """What whoever reads raises for a damaged file, and for storage that fails."""

    def __init__(self, stream: BinaryIO) -> None:
        """Take over a stream."""
        self._stream = stream
        self._failure: OSError | None = None
        self.taken = 0
        """Bytes read so far."""

    def watch(self, read: Callable[[], Result]) -> Result:
        """Call `read`. Raises RecordError where the file is at fault, the stream's own error where storage is."""
        try:
            return read()
        except self.faults as error:
            if self._failure is not None:
                raise self._failure from None
            raise RecordError(str(error).strip().partition("\n")[0] or type(error).__name__) from None

    @property
    def closed(self) -> bool:
        """Whether the stream is closed."""
        return self._stream.closed

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()

    def read(self, count: int = -1) -> bytes:
        """The next bytes."""
        try:
            data = self._stream.read(count)
        except OSError as error:
            self._failure = error
            raise
        self.taken += len(data)
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to `offset`."""
        try:
            return self._stream.seek(offset, whence)
        except OSError as error:
            self._failure = error
            raise

    def tell(self) -> int:
        """Where the next byte lies."""
        return self._stream.tell()

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """Whether the stream can be sought in."""
        return self._stream.seekable()
