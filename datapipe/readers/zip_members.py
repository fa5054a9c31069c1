"""The members of a zip file, in the order of its directory: stored or deflated ones, read through `zipfile`."""

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import IO, BinaryIO, TypeVar, cast

from datapipe.reader import SourceFile
from datapipe.readers.assembly import RecordError
from datapipe.readers.members import Member, clean_name, member_file, too_large, unpacked_limit
from datapipe.readers.stored_bytes import CutShort
from datapipe.readers.watched_stream import WatchedStream

Result = TypeVar("Result")

MAX_READ_BYTES = 64 << 20
"""`zipfile` reads the directory at once and keeps each entry as an object, about ten times as large: 700,000 fit."""
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Of others `zipfile` does not bound what it unpacks at a time."""

DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    ArithmeticError,
    LookupError,
    RuntimeError,
)
"""What `zipfile` raises for damaged files."""


class ZipEntries:
    """The members of one zip file."""

    def __init__(self, file: SourceFile) -> None:
        """Open it. Raises OSError."""
        self._file = file
        self._stream = _DirectoryStream(file.open())

    @property
    def taken(self) -> int:
        """Bytes read from storage so far."""
        return self._stream.taken

    def close(self) -> None:
        """Close the archive."""
        self._stream.close()

    def __iter__(self) -> Iterator[Member]:
        """All members; a file without a sound directory is one fault."""
        try:
            if not self._stream.seekable():
                raise RecordError("zip needs a file that can be read in any order")
            archive = self._stream.watch(partial(zipfile.ZipFile, cast(BinaryIO, self._stream)))
        except RecordError as fault:
            yield Member("", RecordError(f"no zip file: {fault}"), is_file=False)
            return
        left = limit = unpacked_limit(self._file.size)
        for one in archive.infolist():
            left -= max(0, one.file_size)
            if left < 0:
                yield Member("", RecordError(too_large(limit)), one.header_offset, is_file=False)
                return
            yield Member(clean_name(one.filename), self._what(archive, one), one.header_offset)

    def _what(self, archive: zipfile.ZipFile, one: zipfile.ZipInfo) -> Callable[[str], SourceFile] | RecordError | str:
        mode = one.external_attr >> 16  # of Unix, where the archive comes from there
        if one.filename.endswith("/"):
            return "folder"
        if mode & 0o170000 == 0o120000:
            return "link"
        if mode & 0o170000 not in (0, 0o100000):
            return "device"
        if one.flag_bits & 1:
            return RecordError("the member is encrypted")
        if one.compress_type not in METHODS:
            return RecordError(f"compression method {one.compress_type} is not read; possible: stored, deflate")
        return partial(self._opened, archive, one)

    def _opened(self, archive: zipfile.ZipFile, one: zipfile.ZipInfo, relative: str) -> SourceFile:
        def stream() -> BinaryIO:
            return cast(BinaryIO, _MemberStream(self._stream, partial(archive.open, one)))

        return member_file(self._file.path, relative, one.file_size, stream, can_seek=True)


class _DirectoryStream(WatchedStream):
    """The zip file, where a directory that asks for too much memory is damage."""

    faults = (*WatchedStream.faults, *DAMAGE)

    def read(self, count: int = -1) -> bytes:
        if count > MAX_READ_BYTES:
            raise CutShort(f"a directory of {count:,} bytes")
        return super().read(count)

    def seek(self, offset: int, whence: int = 0) -> int:
        if whence == 0 and offset < 0:
            raise ValueError("an offset before the file")
        if whence == 2 and offset < 0 and super().seek(0, 2) + offset < 0:
            raise OSError("an offset before the file")  # the stream's own would pass for storage that fails
        return super().seek(offset, whence)


class _MemberStream:
    """The bytes of one member, opened when they are asked for; damage ends them."""

    def __init__(self, archive: WatchedStream, opener: Callable[[], IO[bytes]]) -> None:
        self._archive, self._opener = archive, opener
        self._stream: IO[bytes] | None = None

    def _undamaged(self, call: Callable[[IO[bytes]], Result]) -> Result:
        """What `call` makes of the stream. Raises CutShort for what `zipfile` finds wrong."""
        try:
            if self._stream is None:
                self._stream = self._archive.watch(self._opener)
            return self._archive.watch(partial(call, self._stream))
        except RecordError as fault:
            raise CutShort(str(fault)) from None

    @property
    def closed(self) -> bool:
        return self._stream is not None and self._stream.closed

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._undamaged(lambda stream: stream.tell())

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._undamaged(lambda stream: stream.seek(offset, whence))

    def read(self, count: int = -1) -> bytes:
        return self._undamaged(lambda stream: stream.read(count))

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()
