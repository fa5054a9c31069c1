"""Files by path or URI, through pyarrow: local, `s3://` and `gs://` alike.

A file is written whole or not at all. Locally: temporary name, fsync, rename. On object stores the object appears at
its final key when the stream is closed; on an error the stream is dropped unclosed, and whatever the store made of it
is not named by any receipt.
"""

import contextlib
import errno
import functools
import hashlib
import io
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs

ROW_GROUP_BYTES = 8 << 20
TEMPORARY = ".tmp"
"""Ending of the hidden files that become others."""
READ_BYTES = 1 << 20
"""Smallest read from storage: remote reads below 1 MiB pay more for the request than for the bytes."""


def locate(path: str) -> tuple[fs.FileSystem, str]:
    """The file system of a path or URI, and the path in it. Raises OSError for a scheme nobody knows."""
    scheme, separator, rest = path.partition("://")
    if not separator:
        return fs.LocalFileSystem(), str(Path(path).absolute())
    authority, _, key = rest.partition("/")
    try:
        filesystem, root = _file_system(scheme, authority)
    except pa.ArrowInvalid as error:
        raise OSError(errno.EINVAL, str(error), path) from None
    return filesystem, f"{root}/{key}"


@functools.cache
def _file_system(scheme: str, authority: str) -> tuple[fs.FileSystem, str]:
    """The file system and its root (a bucket, or nothing).

    Only this much goes through pyarrow's idea of a URI: keys may hold blanks, `%`, `#` and `?`, and nothing in them is
    decoded. Kept, because finding out a bucket's region asks the network.
    """
    filesystem, root = fs.FileSystem.from_uri(f"{scheme}://{authority}" + ("" if authority else "/"))
    return filesystem, root.rstrip("/")


def join(folder: str, *parts: str) -> str:
    """A path below a folder, local or remote."""
    return "/".join([folder.rstrip("/"), *parts])


@contextlib.contextmanager
def open_reading(path: str) -> Iterator[BinaryIO]:
    """The bytes of a file, seekable. Raises OSError."""
    filesystem, inner = locate(path)
    with filesystem.open_input_file(inner) as stream:
        yield cast(BinaryIO, stream)


def open_raw(path: str) -> BinaryIO:
    """A new stream over the file's bytes as stored: what readers open. Raises OSError."""
    filesystem, inner = locate(path)
    if isinstance(filesystem, fs.LocalFileSystem):
        return Path(inner).open("rb", buffering=READ_BYTES)
    return cast(BinaryIO, io.BufferedReader(filesystem.open_input_file(inner), READ_BYTES))


def read_bytes(path: str) -> bytes:
    """The whole of a small file. Raises FileNotFoundError, OSError."""
    with open_reading(path) as stream:
        return stream.read()


def exists(path: str) -> bool:
    """Whether there is a file."""
    filesystem, inner = locate(path)
    return bool(filesystem.get_file_info(inner).type == fs.FileType.File)


def remove(path: str) -> None:
    """Delete a file, if there is one."""
    filesystem, inner = locate(path)
    with contextlib.suppress(FileNotFoundError):
        filesystem.delete_file(inner)


def size_of(path: str) -> int | None:
    """Size in bytes, None when there is no such file."""
    filesystem, inner = locate(path)
    info = filesystem.get_file_info(inner)
    return info.size if info.type == fs.FileType.File else None


def files_below(folder: str) -> list[str]:
    """Paths of all files below a folder, in order; none when it does not exist."""
    filesystem, inner = locate(folder)
    found = filesystem.get_file_info(fs.FileSelector(inner, recursive=True, allow_not_found=True))
    below = sorted(one.path[len(inner) :] for one in found if one.type == fs.FileType.File)
    return [folder + path for path in below]


def remove_temporaries(folder: str) -> None:
    """Delete what killed processes left half written below a local folder that nobody writes now."""
    for path in Path(folder).rglob(f".*{TEMPORARY}"):
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def open_writing(path: str) -> Iterator["Sink"]:
    """A stream whose file exists under `path` only if the block ends well."""
    filesystem, inner = locate(path)
    if not isinstance(filesystem, fs.LocalFileSystem):
        stream = cast(BinaryIO, filesystem.open_output_stream(inner))
        with _filling(stream) as sink:
            yield sink
        stream.close()
        return
    target = Path(inner)
    target.parent.mkdir(parents=True, exist_ok=True)
    # Not told by the process id: two containers that share a folder may both have it.
    temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex[:12]}{TEMPORARY}")
    try:
        with temporary.open("wb") as stream:
            with _filling(stream) as sink:
                yield sink
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def _filling(stream: BinaryIO) -> Iterator["Sink"]:
    """A sink on `stream` that takes nothing any more once the block has failed."""
    sink = Sink(stream)
    try:
        yield sink
    except BaseException:
        sink.is_abandoned = True
        raise


class Sink(io.RawIOBase):
    """A stream that knows the size and sha256 of what went through it."""

    def __init__(self, stream: BinaryIO) -> None:
        """Write on to `stream`."""
        self.stream = stream
        self.digest = hashlib.sha256()
        self.size = 0
        self.is_abandoned = False
        """A Parquet writer that is thrown away still writes a footer: it must not look like the end of a good file."""

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Pass `data` on."""
        size = memoryview(data).nbytes
        if not self.is_abandoned:
            self.digest.update(data)
            self.size += size
            self.stream.write(data)
        return size


def write_bytes(path: str, data: bytes) -> "Output":
    """Write a small file, whole or not at all."""
    with open_writing(path) as sink:
        sink.write(data)
    return Output(path, sink.size, sink.digest.hexdigest())


@dataclass(frozen=True)
class Output:
    """A finished file, as a receipt names it: `path` is relative to the output folder there."""

    path: str
    bytes: int
    sha256: str


class ParquetFile:
    """One Parquet file being written: zstd level 1, row groups of about `ROW_GROUP_BYTES` of text.

    With `align=True` every batch is a row group of its own, so that annotations match their documents group by group.
    """

    def __init__(self, sink: Sink, schema: pa.Schema, align: bool = False) -> None:
        """Write rows of `schema` to `sink`."""
        self._writer = pq.ParquetWriter(
            sink, schema, compression="zstd", compression_level=1, store_schema=True, write_page_checksum=True
        )
        self._schema = schema
        self._align = align
        self._pending: list[pa.RecordBatch] = []
        self._pending_bytes = 0
        self.rows = 0

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows."""
        self.rows += batch.num_rows
        self._pending.append(batch)
        self._pending_bytes += batch.nbytes
        if self._align or self._pending_bytes >= ROW_GROUP_BYTES:
            self._flush()

    def add_metadata(self, metadata: dict[str, str]) -> None:
        """Key-value metadata of the file."""
        self._writer.add_key_value_metadata(metadata)

    def _flush(self) -> None:
        table = pa.Table.from_batches(self._pending, self._schema)
        self._writer.write_table(table, row_group_size=max(table.num_rows, 1))
        self._pending, self._pending_bytes = [], 0

    def close(self) -> None:
        """Write what is pending and the footer."""
        if self._pending:
            self._flush()
        self._writer.close()


@contextlib.contextmanager
def writing_parquet(path: str, schema: pa.Schema, align: bool = False) -> Iterator[tuple[ParquetFile, list[Output]]]:
    """A Parquet file being written; its `Output` is in the list once the block has ended well."""
    finished: list[Output] = []
    with open_writing(path) as sink:
        file = ParquetFile(sink, schema, align)
        yield file, finished
        file.close()
    finished.append(Output(path, sink.size, sink.digest.hexdigest()))
