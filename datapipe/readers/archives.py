"""Archives as inputs: the members of a tar or zip file are read as if they were files in a folder of its name.

Nothing is unpacked to disk, and a name in an archive is only a name: it becomes part of ids and of the quarantine, and
opens nothing. Links, devices, folders, hidden files, archives in archives and files that are not the reader's are
passed over and counted. What an archive unpacks to is limited, so that a bomb ends as an entry of the quarantine.
"""

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing

import pyarrow as pa

from datapipe.reader import Delivery, Position, Reader, ReadOptions, SourceFile, Unreadable, delivered_schema
from datapipe.readers.assembly import RecordError
from datapipe.readers.compression import is_compressed
from datapipe.readers.members import Entries, Member
from datapipe.readers.tar_members import TarEntries
from datapipe.readers.zip_members import ZipEntries

TAR_SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.zst", ".tar.bz2", ".tar.xz")
ARCHIVE_SUFFIXES = (*TAR_SUFFIXES, ".zip")
ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
"""How zip files begin; an empty one with its end."""

TAR_MAGIC = slice(257, 262)
"""Where a tar file says `ustar` (POSIX 1003.1, and GNU)."""


def is_archive(name: str) -> bool:
    """Whether a path or glob names archives."""
    return name.lower().endswith(ARCHIVE_SUFFIXES)


def deliver_members(
    reader: Reader, file: SourceFile, start: Position, options: ReadOptions
) -> Iterator[tuple[str, Delivery]]:
    """What `reader` delivers of the members, each with the path it lies under: `a.tar/inner/b.jsonl`.

    `Position.member` is the number of the member, the rest of a position the place in it. Raises OSError where storage
    fails.
    """
    with closing(_entries(file)) as entries:
        portions = _Portions(entries, delivered_schema(reader, options))
        for number, path, entry in _numbered(entries, file.relative):
            if number < start.member:
                continue
            what = _wanted(reader, entry)
            if isinstance(what, str):
                portions.pass_over(what, number)
                continue
            try:
                if isinstance(what, RecordError):
                    raise what
                inner = dataclasses.replace(start, member=0) if number == start.member else Position()
                behind = Position(member=number + 1)
                for one, is_last in _told_apart(reader.read(what(path), inner, options)):
                    following = behind if is_last else dataclasses.replace(one.next, member=number)
                    yield path, portions.portion(one, following)
            except RecordError as error:
                yield path, portions.failure(entry.offset, error, number)
        if portions.passed_over:
            yield file.relative, portions.last()


def _told_apart(deliveries: Iterator[Delivery]) -> Iterator[tuple[Delivery, bool]]:
    """Each with whether it is the last: behind that one the next member begins, even if none of its bytes was read."""
    held: Delivery | None = None
    for one in deliveries:
        if held is not None:
            yield held, False
        held = one
    if held is not None:
        yield held, True


def _entries(file: SourceFile) -> Entries:
    """By content; what begins like neither kind of archive is what its name says."""
    with closing(file.open()) as stream:
        head = stream.read(TAR_MAGIC.stop)
    is_tar = head[TAR_MAGIC] == b"ustar" or is_compressed(head)
    is_zip = head.startswith(ZIP_STARTS) or (file.relative.lower().endswith(".zip") and not is_tar)
    return ZipEntries(file) if is_zip else TarEntries(file)


def _numbered(entries: Entries, archive: str) -> Iterator[tuple[int, str, Member]]:
    """The entries with their numbers and paths; a name that comes again gets a number of its own, `a.txt#2`."""
    names: Counter[str] = Counter()
    for number, entry in enumerate(entries):
        if not entry.is_file:
            yield number, archive, entry
            continue
        path = _below(archive, entry.name)
        names[path] += 1
        yield number, path if names[path] == 1 else f"{path}#{names[path]}", entry


def _below(archive: str, name: str) -> str:
    """A member's path; what leads out of the folder stays a part of the name."""
    plain = name.lstrip("/")
    while plain.startswith("./"):
        plain = plain[2:].lstrip("/")
    return f"{archive}/{plain}"


def _wanted(reader: Reader, entry: Member) -> Callable[[str], SourceFile] | RecordError | str:
    """What to make of an entry: how to open it, why it cannot be read, or why it is passed over."""
    if isinstance(entry.what, str) or not entry.is_file:
        return entry.what
    if any(part.startswith(".") and part.strip(".") for part in entry.name.split("/")):
        return "hidden"
    if is_archive(entry.name):
        return "archive in an archive"
    return entry.what if entry.name.lower().endswith(reader.suffixes or ("",)) else "other file"


class _Portions:
    """Deliveries of members made deliveries of the archive: with places in it, and all that was passed over before."""

    def __init__(self, entries: Entries, schema: pa.Schema) -> None:
        self._entries, self._schema = entries, schema
        self._delivered_bytes = self._behind = 0
        self.passed_over: Counter[str] = Counter()

    def pass_over(self, kind: str, number: int) -> None:
        """Count a member that is not read."""
        self.passed_over[kind] += 1
        self._behind = number + 1

    def portion(self, one: Delivery, following: Position) -> Delivery:
        """A delivery of a member."""
        counts = dict(sorted((self.passed_over + Counter(one.passed_over)).items()))
        self.passed_over = Counter()
        size, self._delivered_bytes = self._entries.taken - self._delivered_bytes, self._entries.taken
        return dataclasses.replace(one, next=following, passed_over=counts, bytes_read=size)

    def failure(self, offset: int, error: RecordError, number: int) -> Delivery:
        """A member, or what lies between two, that cannot be read."""
        return self._without_rows((Unreadable(None, offset, str(error)),), number + 1)

    def last(self) -> Delivery:
        """What was passed over at the end."""
        return self._without_rows((), self._behind)

    def _without_rows(self, unreadable: tuple[Unreadable, ...], behind: int) -> Delivery:
        nothing = pa.RecordBatch.from_pylist([], schema=self._schema)
        following = Position(member=behind)
        return self.portion(Delivery(nothing, following, 0, unreadable), following)
