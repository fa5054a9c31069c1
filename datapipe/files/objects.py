"""Objects of a store, read and written through pyarrow: what it leaves undone over faults is done here."""

import contextlib
import ctypes
import errno
import hashlib
import time
from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO, cast

import pyarrow as pa

from datapipe.files.file_systems import attempts, locate, one_line
from datapipe.files.spans import SpanStream


@contextlib.contextmanager
def naming(path: str) -> Iterator[None]:
    """Let an error of pyarrow's name the path: some of its messages leave out which object it was."""
    try:
        yield
    except OSError as error:
        if error.filename is not None:
            raise
        kind = FileNotFoundError if isinstance(error, FileNotFoundError) else OSError
        raise kind(error.errno or errno.EIO, one_line(error), path) from None
    except pa.ArrowInvalid as error:  # an empty part between two slashes, a folder where a file should be
        raise OSError(errno.EINVAL, one_line(error), path) from None


def open_object(path: str) -> tuple[BinaryIO, int, int]:
    """A stream over an object, its size, and when it was written (seconds since 1970). Raises OSError.

    S3 says all that in one answer. For `gs://` pyarrow begins to fetch the whole object and lets go of that again.
    """
    filesystem, inner = locate(path)
    with naming(path):
        file = filesystem.open_input_file(inner)
        said = file.metadata() or {}
        written = said.get("Last-Modified", said.get("updated"))
        if written is None:  # any other file system that pyarrow knows
            seconds = (filesystem.get_file_info(inner).mtime_ns or 0) // 10**9
        else:
            seconds = int(datetime.fromisoformat(written.decode()).timestamp())
        size: int = file.size()

    def fetch(offset: int, count: int) -> bytes:
        with naming(path):
            data = _read_at(file, offset, count, path)
        if len(data) != count:
            raise OSError(errno.EIO, f"ends at byte {offset + len(data):,} of {size:,}", path)
        return data

    return cast(BinaryIO, SpanStream(size, fetch, file.close)), size, seconds


def _read_at(file: pa.NativeFile, offset: int, count: int, path: str) -> bytes:
    """A range of an object.

    Where a store answers with an error that is longer than the range, pyarrow has no room for it, does not repeat the
    request, and cannot say what the error was. The repetition is made here; opening anew says what the matter is.
    """
    for attempt in range(1, attempts()):
        try:
            return cast(bytes, file.read_at(count, offset))
        except OSError as error:
            if "Failed to flush response stream" not in str(error):
                raise
        filesystem, inner = locate(path)
        filesystem.open_input_file(inner).close()
        time.sleep(0.025 * 2**attempt)
    return cast(bytes, file.read_at(count, offset))


def complete(stream: pa.NativeFile, path: str, sha256: bytes) -> None:
    """Close the stream of an upload, of bytes with that sum. Raises OSError.

    A store that completed it, but whose answer got lost, knows of no such upload when it is asked again: then what it
    has under the key is compared with what was sent.
    """
    try:
        stream.close()
    except OSError as error:
        if "NO_SUCH_UPLOAD" not in str(error) or not _holds(path, sha256):
            raise
        keep(stream)


def _holds(path: str, sha256: bytes) -> bool:
    """Whether the object has this sum."""
    digest = hashlib.sha256()
    with contextlib.suppress(OSError), open_object(path)[0] as stream:
        while data := stream.read(1 << 20):
            digest.update(data)
    return digest.digest() == sha256


def keep(stream: pa.NativeFile) -> None:
    """Never destroy a stream.

    pyarrow can abort an upload in C++ only, and completes one when its stream is destroyed, on interpreter exit even
    with a deadlock (seen with 26.0.1). A stream that is never destroyed never completes.
    """
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(stream))
