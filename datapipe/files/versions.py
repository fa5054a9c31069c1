"""Which version of an input file a plan was made for, and the refusal to read another one.

Local files are told by size and time of change, objects by size and the store's time in whole seconds (listings and
heads of objects share no more than that), URLs by length and ETag.
"""

import errno
import os
import stat
from dataclasses import dataclass
from typing import BinaryIO

from pyarrow import fs

from datapipe import storage
from datapipe.files.file_systems import is_local
from datapipe.files.http_files import HttpInfo, changed, is_http, open_http


@dataclass(frozen=True)
class Version:
    """A file as it was found."""

    size: int
    stamp: str
    """Empty where nothing is known but the size."""
    has_ranges: bool = True

    @property
    def as_http(self) -> HttpInfo:
        """The same, as web servers tell it."""
        return HttpInfo(self.size if self.size or self.has_ranges else None, self.stamp, self.has_ranges)


def open_version(path: str, version: Version) -> BinaryIO:
    """A stream over the bytes of a file as stored. Raises OSError, also for a file that is another one by now."""
    if is_http(path):
        return open_http(path, version.as_http)
    filesystem, inner = storage.locate(path)
    try:
        if not is_local(filesystem):
            stream, size, seconds = storage.open_object(path)
            _compare(path, version, size, seconds)
            return stream
        # Without waiting: a pipe by that name would hold the task for ever.
        number = os.open(inner, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise _gone(path) from None
    stream = os.fdopen(number, "rb", storage.READ_BYTES)
    _compare_local(path, version, os.fstat(number))
    return stream


def check_version(path: str, version: Version) -> None:
    """Raise OSError for a file that is gone or another one by now. A request for a remote file."""
    if is_http(path):
        return  # every answer of the server was looked at
    filesystem, inner = storage.locate(path)
    if is_local(filesystem):
        try:
            found = os.stat(inner)  # noqa: PTH116
        except FileNotFoundError:
            raise _gone(path) from None
        _compare_local(path, version, found)
        return
    info = storage.info_of(path)
    if info.type != fs.FileType.File:
        raise _gone(path)
    _compare(path, version, info.size, info.mtime_ns // 10**9)


def _compare_local(path: str, version: Version, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise changed(path, "no regular file any more")
    if found.st_size != version.size:
        raise changed(path, _sizes(version.size, found.st_size))
    if version.stamp not in ("", str(found.st_mtime_ns)):
        raise changed(path, "same size, written since")


def _compare(path: str, version: Version, size: int, seconds: int) -> None:
    if size != version.size:
        raise changed(path, _sizes(version.size, size))
    if version.stamp and int(version.stamp) // 10**9 != seconds:
        raise changed(path, "same size, written since")


def _sizes(then: int, now: int) -> str:
    return f"{then:,} bytes then, {now:,} now"


def _gone(path: str) -> OSError:
    return FileNotFoundError(errno.ENOENT, "gone since the plan was made; run again", path)
