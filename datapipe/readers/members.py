"""Members of archives as files that readers open."""

import io
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple, Protocol, cast

from datapipe.reader import SourceFile
from datapipe.readers.assembly import RecordError
from datapipe.readers.stored_bytes import CutShort

HELD_BYTES = 64 << 20
"""Members up to this size are held in memory, where a reader can seek in them; larger ones are read forward only."""
UNPACKED_FLOOR = 1 << 30
UNPACKED_RATIO = 250
"""What an archive may unpack to: its size times this, and a gigabyte in any case. Real text stays below 100 times."""


class Member(NamedTuple):
    """One entry of an archive."""

    name: str
    what: Callable[[str], SourceFile] | RecordError | str
    """Makes a file of it, with a relative path; or why it cannot be read; or what else it is (`link`)."""
    offset: int = 0
    """In the unpacked archive."""
    is_file: bool = True
    """False for damage between members."""


class Entries(Protocol):
    """The entries of an archive in their order, those of damaged stretches included."""

    @property
    def taken(self) -> int:
        """Bytes read from storage so far."""

    def __iter__(self) -> Iterator[Member]:
        """All of them. Raises OSError where storage fails."""

    def close(self) -> None:
        """Close the archive."""


def unpacked_limit(stored_bytes: int) -> int:
    """Bytes that an archive of this size may unpack to."""
    return max(UNPACKED_FLOOR, UNPACKED_RATIO * stored_bytes)


def too_large(limit: int) -> str:
    """Why a bomb goes no further."""
    return f"the archive unpacks to more than {limit:,} bytes: the rest is not read"


def clean_name(name: str) -> str:
    """A name as it can be written anywhere: bytes that are no UTF-8 are spelt out."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace").replace("\0", "\\x00")


def member_file(path: str, relative: str, size: int, open_once: Callable[[], BinaryIO], can_seek: bool) -> SourceFile:
    """A member as a file. `open_once` gives its bytes; they are held in memory if they are few or cannot be sought in.

    Large ones in a compressed tar can be opened once: the second time raises RecordError.
    """
    if can_seek and size > HELD_BYTES:
        return SourceFile(path, relative, size, open_once)
    opened: list[BinaryIO] = []

    def opener() -> BinaryIO:
        if size <= HELD_BYTES:
            if not opened:
                opened.append(cast(BinaryIO, _held(open_once(), size)))
            opened[0].seek(0)
            return opened[0]
        if opened:
            raise RecordError(f"{size:,} bytes in a compressed archive can be read only once; unpack it")
        opened.append(open_once())
        return opened[0]

    return SourceFile(path, relative, size, opener)


class _Held(io.BytesIO):
    """A member in memory; where it was cut short, reading ends so."""

    fault: CutShort | None = None

    def read(self, count: int | None = -1) -> bytes:
        data = super().read(count)
        if not data and count != 0 and self.fault is not None:
            raise self.fault
        return data

    def close(self) -> None:
        """Stay open: a reader may open the file again."""


def _held(stream: BinaryIO, size: int) -> _Held:
    held = _Held()
    try:
        while held.tell() <= size and (data := stream.read(1 << 20)):
            held.write(data)
    except CutShort as fault:
        held.fault = fault
    return held
