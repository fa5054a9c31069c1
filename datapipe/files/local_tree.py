"""The regular files below a local folder, with links followed: each folder is walked once, each file listed once.

A link may lead out of the folder: that is what links to other disks are for. A link back to a folder above, or to what
is listed under its own name, adds nothing, so a loop ends and nothing is read twice. Where two links lead to one place
the first in order of names counts. Links to nothing, pipes, devices and sockets are passed over.
"""

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass

Identity = tuple[int, int]
"""Device and inode."""


@dataclass(frozen=True)
class LocalFile:
    """A regular file."""

    path: str
    size: int
    mtime_ns: int


def local_file(path: str) -> LocalFile:
    """One file by its path. Raises OSError."""
    found = os.stat(path)  # noqa: PTH116
    return LocalFile(path, found.st_size, found.st_mtime_ns)


def local_files(folder: str, is_deep: bool = True) -> list[LocalFile]:
    """The files in a folder, or in all folders below too; none where there is no such folder.

    Raises UnicodeEncodeError for a name that is not UTF-8, OSError for a folder that cannot be read.
    """
    tree = _Tree()
    try:
        tree.walk(folder, is_deep)
    except FileNotFoundError:
        return []
    # Links wait until all that stands under its own name is walked.
    while tree.linked_folders:
        tree.linked_folders.sort()
        tree.walk(tree.linked_folders.pop(0), is_deep)
    known = set(tree.files)
    for identity, file in sorted(tree.linked_files, key=lambda pair: pair[1].path):
        if identity not in known:
            known.add(identity)
            tree.files.setdefault(identity, []).append(file)
    return [file for same in tree.files.values() for file in same]


class _Tree:
    """What was found so far."""

    def __init__(self) -> None:
        self.files: dict[Identity, list[LocalFile]] = {}
        """By identity: hard links are files of their own."""
        self.linked_files: list[tuple[Identity, LocalFile]] = []
        self.linked_folders: list[str] = []
        self._walked: set[Identity] = set()

    def walk(self, folder: str, is_deep: bool) -> None:
        """Walk over a folder and those below that stand there themselves, but for what was walked before."""
        folders = [folder.rstrip("/") or "/"]
        while folders:
            here = folders.pop()
            found = os.stat(here)  # noqa: PTH116 - millions of files: no Path for each
            if not stat.S_ISDIR(found.st_mode) or _identity(found) in self._walked:
                continue
            self._walked.add(_identity(found))
            for path, is_link, found in _entries(here):
                if stat.S_ISDIR(found.st_mode) and is_deep:
                    (self.linked_folders if is_link else folders).append(path)
                elif stat.S_ISREG(found.st_mode):
                    file = LocalFile(path, found.st_size, found.st_mtime_ns)
                    if is_link:
                        self.linked_files.append((_identity(found), file))
                    else:
                        self.files.setdefault(_identity(found), []).append(file)


def _entries(folder: str) -> Iterator[tuple[str, bool, os.stat_result]]:
    """Path, whether it is a link, and what it is or leads to, of all that is in a folder."""
    with os.scandir(folder) as entries:
        for entry in entries:
            entry.name.encode()  # surrogates stand for bytes that are no UTF-8
            try:
                yield entry.path, entry.is_symlink(), entry.stat()
            except OSError as error:
                if error.errno not in (errno.ENOENT, errno.ELOOP):
                    raise


def _identity(found: os.stat_result) -> Identity:
    return found.st_dev, found.st_ino
