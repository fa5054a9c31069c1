"""The members of a tar file, read once from its beginning to its end: plain, `.gz`, `.zst`, `.bz2`, `.xz`.

`tarfile` reads the headers; the bytes come through `Window`, which knows damage and bounds memory. A damaged header
costs what lies between it and the next sound one.
"""

import bz2
import io
import lzma
import tarfile
from collections.abc import Callable, Iterator
from functools import partial
from typing import BinaryIO, cast

from datapipe.reader import Position, SourceFile
from datapipe.readers.assembly import RecordError
from datapipe.readers.members import Member, clean_name, member_file, too_large, unpacked_limit
from datapipe.readers.stored_bytes import BLOCK_BYTES, CutShort
from datapipe.readers.window import Window

MAX_HEADER_BYTES = 1 << 20
"""Of one name or one set of extended fields: more is no header."""
XZ_MEMORY_BYTES = 128 << 20
"""Memory an .xz stream may ask for: `xz -9` takes 65 MiB."""
BLOCK = tarfile.BLOCKSIZE
FOLDERS = (tarfile.DIRTYPE,)
LINKS = (tarfile.LNKTYPE, tarfile.SYMTYPE)
DEVICES = (tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE)


class TarEntries:
    """The members of one tar file."""

    def __init__(self, file: SourceFile) -> None:
        """Open it. Raises OSError."""
        self._file = file
        self._tape = _Tape(file)
        self._headers = _headers_of(self._tape)

    @property
    def taken(self) -> int:
        """Bytes read from storage so far."""
        return self._tape.taken

    def close(self) -> None:
        """Close the archive."""
        self._tape.close()

    def __iter__(self) -> Iterator[Member]:
        """All members; what follows the first bytes that cannot be unpacked is one fault."""
        try:
            yield from self._members()
        except CutShort as fault:
            yield Member("", RecordError(str(fault)), self._headers.offset, is_file=False)

    def _members(self) -> Iterator[Member]:
        tape, headers = self._tape, self._headers
        damaged_at: int | None = None
        has_end = False
        while block := tape.block_at(headers.offset):
            at = headers.offset
            found = None if len(block) < BLOCK or not block.strip(b"\0") else _header(headers)
            if not block.strip(b"\0"):
                has_end, headers.offset = True, at + BLOCK
            elif found is None:
                damaged_at = at if damaged_at is None else damaged_at
                headers.offset = max(at + BLOCK, tape.tell() + -tape.tell() % BLOCK)
            else:
                if damaged_at is not None:
                    yield _damage(damaged_at)
                damaged_at, has_end = None, False
                yield Member(clean_name(found.name), self._what(found), found.offset)
        if damaged_at is not None:
            yield _damage(damaged_at)
        elif not has_end:
            yield Member("", RecordError("the archive ends without its end mark"), headers.offset, is_file=False)

    def _what(self, found: tarfile.TarInfo) -> Callable[[str], SourceFile] | str:
        if found.type in FOLDERS:
            return "folder"
        if found.type in LINKS:
            return "link"
        if found.type in DEVICES:
            return "device"
        if found.issparse():
            return "sparse file"
        if not found.isreg():
            return "unknown kind of member"
        return partial(self._opened, found.offset_data, found.size)

    def _opened(self, begin: int, size: int, relative: str) -> SourceFile:
        def stream() -> BinaryIO:
            return cast(BinaryIO, _MemberStream(self._tape, begin, size))

        return member_file(self._file.path, relative, size, stream, self._tape.seekable())


def _damage(at: int) -> Member:
    return Member("", RecordError(f"no tar header at byte {at:,}"), at, is_file=False)


def _headers_of(tape: "_Tape") -> tarfile.TarFile:
    """A TarFile that stands at the beginning of the tape and has read nothing: its own constructor reads a header."""
    headers = tarfile.TarFile(fileobj=io.BytesIO(bytes(2 * BLOCK)), encoding="utf-8", errors="surrogateescape")
    headers.fileobj, headers.offset = tape, 0  # type: ignore[assignment]
    return headers


def _header(headers: tarfile.TarFile) -> tarfile.TarInfo | None:
    """The member whose header begins at `headers.offset`, which goes on to the next; None where there is no header."""
    at = headers.offset
    try:
        found = tarfile.TarInfo.fromtarfile(headers)
    except (tarfile.TarError, ValueError, OverflowError, RecursionError):
        # Python's parser recurses over the headers of long names, and trusts the numbers in them.
        headers.offset = at
        return None
    if found.size < 0 or headers.offset <= at:
        headers.offset = at
        return None
    return found


class _Tape:
    """The unpacked bytes of an archive. It goes forward, and back only where nothing is compressed."""

    def __init__(self, file: SourceFile) -> None:
        self._file = SourceFile(file.path, file.relative, file.size, partial(_unpacked, file))
        self._limit = unpacked_limit(file.size)
        self._window = Window(self._file, Position())
        self._at = 0
        self._taken_before = 0
        self._is_plain = self._window.has(1) and not self._window.is_compressed

    @property
    def taken(self) -> int:
        return min(self._taken_before + self._window.taken, self._file.size)  # of .bz2 and .xz it counts what came out

    def close(self) -> None:
        self._window.close()

    def seekable(self) -> bool:
        return self._is_plain and self._window.can_seek

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int) -> None:
        """Go to `offset`, or to the end where that is before it. Raises CutShort."""
        if offset < self._at or (offset > self._at + BLOCK_BYTES and self.seekable()):
            if not self.seekable():
                raise CutShort("a member was read twice")
            self._taken_before = self.taken
            self._window.close()
            self._window, self._at = Window(self._file, Position(offset=offset)), offset
        while self._at < offset and self.take(min(BLOCK_BYTES, offset - self._at)):
            pass

    def take(self, count: int) -> bytes:
        """The next `count` bytes, fewer at the end. Raises CutShort where they are damaged, or too many in all."""
        whole = self._window.has(count)
        data = self._window.peek(0, min(count, self._window.size))
        self._window.skip(len(data))
        self._at += len(data)
        if self._at > self._limit:
            raise CutShort(too_large(self._limit))
        if not whole and not data and self._window.damage is not None:
            raise CutShort(self._window.damage.error)
        return data

    def read(self, count: int) -> bytes:
        """Of a header, for `tarfile`. Raises ReadError for one that is too large to be any."""
        if not 0 <= count <= MAX_HEADER_BYTES:
            raise tarfile.ReadError(f"a header of {count:,} bytes")
        return self.take(count)

    def block_at(self, offset: int) -> bytes:
        """The block at `offset`, empty at the end; the tape stays before it. Raises CutShort."""
        self.seek(offset)
        if self._at < offset:
            return b""
        if not self._window.has(BLOCK) and not self._window.size and self._window.damage is not None:
            raise CutShort(self._window.damage.error)
        return self._window.peek(0, min(BLOCK, self._window.size))


class _MemberStream(io.RawIOBase):
    """The bytes of one member."""

    def __init__(self, tape: _Tape, begin: int, size: int) -> None:
        self._tape, self._begin, self._size, self._at = tape, begin, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._tape.seekable()

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def read(self, count: int = -1) -> bytes:
        """Raises CutShort where the archive ends or is damaged before the member does."""
        left = max(0, self._size - self._at)
        wanted = left if count < 0 else min(count, left)
        if not wanted:
            return b""
        self._tape.seek(self._begin + self._at)
        data = self._tape.take(wanted) if self._tape.tell() == self._begin + self._at else b""
        if not data:
            raise CutShort(f"the archive ends within this member, {left:,} bytes early")
        self._at += len(data)
        return data


def _unpacked(file: SourceFile) -> BinaryIO:
    """The file's bytes; those of .bz2 and .xz unpacked, which `Window` does not know."""
    stream = file.open()
    head = stream.read(6)
    stream.close()
    if head.startswith(b"BZh"):
        return cast(BinaryIO, _Unpacking(file.open(), bz2.BZ2Decompressor))
    if head == b"\xfd7zXZ\0":
        return cast(BinaryIO, _Unpacking(file.open(), partial(lzma.LZMADecompressor, memlimit=XZ_MEMORY_BYTES)))
    return file.open()


class _Unpacking(io.RawIOBase):
    """Streams of .bz2 or .xz one behind the other, unpacked forward in bounded memory."""

    def __init__(self, stream: BinaryIO, opener: Callable[[], bz2.BZ2Decompressor | lzma.LZMADecompressor]) -> None:
        self._stream, self._opener = stream, opener
        self._unpacker = opener()
        self._rest = b""
        self._is_fresh = True

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def close(self) -> None:
        self._stream.close()

    def read(self, count: int = -1) -> bytes:
        """Up to `count` bytes. Raises CutShort."""
        try:
            while True:
                if self._unpacker.eof:
                    self._rest = self._unpacker.unused_data
                    self._unpacker, self._is_fresh = self._opener(), True
                if self._unpacker.needs_input and not self._rest:
                    self._rest = self._stream.read(BLOCK_BYTES)
                    if not self._rest:
                        if self._is_fresh:
                            return b""
                        raise CutShort("the compressed stream is cut short")
                fed, self._rest = self._rest, b""
                if self._is_fresh and not fed.strip(b"\0"):
                    continue  # padding behind a stream
                self._is_fresh = False
                if data := self._unpacker.decompress(fed, max(count, 1)):
                    return data
        except (lzma.LZMAError, EOFError, ValueError) as error:
            raise CutShort(f"the compressed stream is damaged: {error}") from None
        except OSError as error:
            if error.errno is not None:
                raise  # storage; bz2 gives no number
            raise CutShort(f"the compressed stream is damaged: {error}") from None
