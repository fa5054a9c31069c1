"""Documents and lines of files: plain text, JSONL and Parquet, packed or not."""

import gzip
import io
import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import zstandard

from datapipe import storage
from datapipe.output import RunError

OPTIONAL = ("language", "programming_language")
"""Columns that a table of documents has besides `text`; null where a file has them not."""
ROWS_AT_ONCE = 1024
"""Documents decoded together: no more of a large file is read than is taken."""


def read_documents(path: str) -> Iterator[pa.Table]:
    """The documents of a file, by the ending of its name; one document, if it has no known one. Raises RunError."""
    name = path.removesuffix(".gz").removesuffix(".zst")
    if name.endswith(".parquet"):
        yield from read_parquet(path)
    elif name.endswith((".jsonl", ".ndjson")):
        yield table_of(list(json_lines(path, ("text",))))
    else:
        yield table_of([{"text": decompressed(path).decode("utf-8-sig", errors="replace")}])


def read_parquet(path: str) -> Iterator[pa.Table]:
    """Documents of a file, batch by batch. Raises RunError, OSError."""
    try:
        with storage.open_reading(path) as stream:
            file = pq.ParquetFile(stream)
            names = file.schema_arrow.names
            if "text" not in names:
                raise RunError(f"{path}: no column `text`; there are {', '.join(names)}")
            chosen = [name for name in ("text", *OPTIONAL) if name in names]
            for batch in file.iter_batches(ROWS_AT_ONCE, columns=chosen):
                yield _documents(batch)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise RunError(f"{path}: no sound Parquet file of texts: {error}") from None


def _documents(batch: pa.RecordBatch) -> pa.Table:
    """With all columns, and without rows that have no text."""
    types = {"text": pa.large_string(), **dict.fromkeys(OPTIONAL, pa.string())}
    there = batch.schema.names
    columns = {
        name: batch[name].cast(kind) if name in there else pa.nulls(len(batch), kind) for name, kind in types.items()
    }
    table = pa.table(columns).filter(pc.is_valid(columns["text"]))
    table.validate(full=True)  # bytes that are not UTF-8 pass the cast between string types
    return table


def table_of(rows: list[dict[str, Any]]) -> pa.Table:
    """Documents from objects; other keys are left out."""
    schema = pa.schema([("text", pa.large_string()), *((name, pa.string()) for name in OPTIONAL)])
    return pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema)


def json_lines(path: str, needed: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """The objects of a JSONL file. Raises RunError for one that is none, or without a string at a key `needed`."""
    for number, line in enumerate(decompressed(path).split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise RunError(f"{path}: line {number}: no JSON: {error}") from None
        for key in needed:
            if not isinstance(row, dict) or not isinstance(row.get(key), str):
                raise RunError(f"{path}: line {number}: expected an object with a string at `{key}`")
            if not _is_text(row[key]):
                raise RunError(f"{path}: line {number}: `{key}` holds half a surrogate pair, which is no text")
        yield row


def _is_text(value: str) -> bool:
    """Whether UTF-8 can hold it."""
    return not any("\ud800" <= character <= "\udfff" for character in value)


def decompressed(path: str) -> bytes:
    """The content of a file that may be packed with gzip or zstd, as its name says. Raises RunError."""
    try:
        data = storage.read_bytes(path)
        if path.endswith(".gz"):
            return gzip.decompress(data)
        if path.endswith(".zst"):
            return zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data), read_across_frames=True).read()
    except FileNotFoundError:
        raise RunError(f"{path}: no such file") from None
    except (EOFError, gzip.BadGzipFile, zstandard.ZstdError) as error:
        raise RunError(f"{path}: damaged: {error}") from None
    return data
