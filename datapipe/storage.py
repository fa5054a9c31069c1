"""Files by path or URI: local, `s3://` and `gs://` alike; `http://` and `https://` for reading.

A file is written whole or not at all. Locally: temporary name, fsync, rename. On object stores the object appears at
its final key when the stream is closed; on an error the stream is never closed, and nothing appears. Should a store
keep half an object all the same, no receipt names it.
"""

import contextlib
import hashlib
import io
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs

from datapipe.files.file_systems import is_local
from datapipe.files.file_systems import locate as locate  # also by this name: every path goes through this module
from datapipe.files.http_files import is_http, open_http
from datapipe.files.objects import complete, keep, naming
from datapipe.files.objects import open_object as open_object

ROW_GROUP_BYTES = 8 << 20
TEMPORARY = ".tmp"
"""Ending of the hidden files that become others."""
READ_BYTES = 1 << 20
"""Smallest read from storage: remote reads below 1 MiB pay more for the request than for the bytes."""


def join(folder: str, *parts: str) -> str:
    """A path below a folder, local or remote."""
    return "/".join([folder.rstrip("/"), *parts])


@contextlib.contextmanager
def open_reading(path: str) -> Iterator[BinaryIO]:
    """The bytes of a file, seekable. Raises OSError."""
    with open_raw(path) as stream:
        yield stream


def open_raw(path: str) -> BinaryIO:
    """A new stream over the file's bytes as stored, seekable but on few web servers. Raises OSError."""
    if is_http(path):
        return open_http(path)
    filesystem, inner = locate(path)
    if is_local(filesystem):
        return Path(inner).open("rb", buffering=READ_BYTES)
    return open_object(path)[0]


def read_bytes(path: str) -> bytes:
    """The whole of a small file. Raises FileNotFoundError, OSError."""
    with open_raw(path) as stream:
        return stream.read()


def exists(path: str) -> bool:
    """Whether there is a file."""
    return size_of(path) is not None


def remove(path: str) -> None:
    """Delete a file, if there is one."""
    filesystem, inner = locate(path)
    with contextlib.suppress(FileNotFoundError), naming(path):
        filesystem.delete_file(inner)


def size_of(path: str) -> int | None:
    """Size in bytes, None when there is no such file."""
    info = info_of(path)
    return info.size if info.type == fs.FileType.File else None


def info_of(path: str) -> fs.FileInfo:
    """What there is under a path: a file, a folder or nothing. Raises OSError."""
    filesystem, inner = locate(path)
    with naming(path):
        return filesystem.get_file_info(inner.rstrip("/") or "/")


def infos_in(folder: str, is_deep: bool = True) -> list[fs.FileInfo]:
    """The files in a folder, or in all folders below too; none when it does not exist. Raises OSError."""
    filesystem, inner = locate(folder)
    with naming(folder):
        found = filesystem.get_file_info(fs.FileSelector(inner, recursive=is_deep, allow_not_found=True))
    return [one for one in found if one.type == fs.FileType.File]


def files_below(folder: str) -> list[str]:
    """Paths of all files below a folder, in order; none when it does not exist."""
    inner = locate(folder)[1]
    return [folder + path for path in sorted(one.path[len(inner) :] for one in infos_in(folder))]


def remove_temporaries(folder: str, lock: str) -> None:
    """Delete what killed processes left half written below a local folder that nobody writes now.

    A folder below that holds a file named `lock` has a writer of its own, who may be at work: it is left alone.
    """
    for found, folders, files in os.walk(folder):
        folders[:] = [one for one in folders if not (Path(found) / one / lock).exists()]
        for name in files:
            if name.startswith(".") and name.endswith(TEMPORARY):
                (Path(found) / name).unlink(missing_ok=True)


@contextlib.contextmanager
def open_writing(path: str) -> Iterator["Sink"]:
    """A stream whose file exists under `path` only if the block ends well."""
    filesystem, inner = locate(path)
    if not is_local(filesystem):
        with _uploading(filesystem, inner, path) as sink:
            yield sink
        return
    target = Path(inner)
    target.parent.mkdir(parents=True, exist_ok=True)
    # Not told by the process id: two containers that share a folder may both have it.
    temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex[:12]}{TEMPORARY}")
    try:
        with _naming_its_end(temporary.open("wb"), path) as stream:
            with _filling(stream, path) as sink:
                yield sink
            with naming(path):
                stream.flush()
                os.fsync(stream.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def _naming_its_end(stream: BinaryIO, path: str) -> Iterator[BinaryIO]:
    """The stream, closed behind the block: closing writes anew what a full disk has not taken, and so fails anew."""
    try:
        yield stream
    finally:
        with naming(path):
            stream.close()


@contextlib.contextmanager
def _uploading(filesystem: fs.FileSystem, inner: str, path: str) -> Iterator["Sink"]:
    """A sink whose object appears when the block has ended well."""
    with naming(path):
        stream = filesystem.open_output_stream(inner, compression=None)
    try:
        with _filling(stream, path) as sink:
            yield sink
        with naming(path):
            complete(stream, path, sink.digest.digest())
    except BaseException:
        keep(stream)
        raise


@contextlib.contextmanager
def _filling(stream: BinaryIO, path: str) -> Iterator["Sink"]:
    """A sink on `stream` that takes nothing any more once the block has failed."""
    sink = Sink(stream, path)
    try:
        yield sink
    except BaseException:
        sink.is_abandoned = True
        raise


class Sink(io.RawIOBase):
    """A stream that knows the size and sha256 of what went through it."""

    def __init__(self, stream: BinaryIO, path: str) -> None:
        """Write on to `stream`, the bytes of the file `path`."""
        self.stream = stream
        self._path = path
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
            with naming(self._path):
                self.stream.write(data)
        return size


def write_bytes(path: str, data: bytes) -> "Output":
    """Write a small file, whole or not at all."""
    with open_writing(path) as sink:
        sink.write(data)
    return Output(path, sink.size, sink.digest.hexdigest())


@dataclass(frozen=True, slots=True)
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
        # A dictionary of signatures, as good as random, would be given up, but after half of the time it all takes.
        lists = any(pa.types.is_fixed_size_list(field.type) for field in schema)
        single = [field.name for field in schema if not pa.types.is_nested(field.type)]
        self._writer = pq.ParquetWriter(
            sink, schema, compression="zstd", compression_level=1, store_schema=True, write_page_checksum=True,
            use_dictionary=single if lists else True,
        )  # fmt: skip
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
