"""The files of one shard in the output folder: documents, annotations row for row with them, decisions, quarantine."""

import contextlib
import errno
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import xxhash

from datapipe import storage
from datapipe.receipts import Count
from datapipe.recipe import Step
from datapipe.storage import Output, writing_parquet

QUARANTINE_SCHEMA = pa.schema(
    [
        pa.field("id", pa.string()),
        pa.field("file", pa.string()),
        pa.field("offset", pa.int64()),
        pa.field("step", pa.string(), nullable=False),
        pa.field("error", pa.string(), nullable=False),
    ]
)
"""A record that could not be read has a file and an offset, a document that a step could not bear has an id."""

QUARANTINED = pa.field("quarantined", pa.bool_(), nullable=False)
"""Column of every annotation file: the pass could not measure this document."""

DECISION_FIELDS = (
    pa.field("id", pa.string(), nullable=False),
    pa.field("step", pa.string(), nullable=False),
    pa.field("drop_reason", pa.string(), nullable=False),
    pa.field("failed", pa.list_(pa.string()), nullable=False),
)
DECISION_SCHEMA = pa.schema(DECISION_FIELDS)
EARLY_DECISION_SCHEMA = pa.schema(
    [
        *DECISION_FIELDS,
        pa.field("language", pa.string()),
        pa.field("measured", pa.string()),
        pa.field("excerpt", pa.string()),
    ]
)
"""A document that leaves early is written nowhere else: `measured` holds what the rules compared
(`language_score=0.21, url=null`), `excerpt` of a few the opening of the text."""


@dataclass
class Swept:
    """What became of a batch: the rows that stayed, the rows that left."""

    batch: pa.RecordBatch
    rows: npt.NDArray[np.int64]
    """Position in the original batch of every row that stayed."""
    decisions: list[pa.RecordBatch] = field(default_factory=list)
    """Rows of EARLY_DECISION_SCHEMA."""
    quarantine: list[dict[str, object]] = field(default_factory=list)
    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """Rows by language, step and reason."""
    bytes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)


def language_names(batch: pa.RecordBatch) -> list[str]:
    """The language of every row for the accounts, "" where there is none."""
    if "language" not in batch.schema.names:
        return [""] * batch.num_rows
    return [str(language) for language in batch["language"].fill_null("").to_pylist()]


def count_table(counts: Counter[tuple[str, str, str]], sizes: Counter[tuple[str, str, str]]) -> tuple[Count, ...]:
    """The accounts in the form of a receipt, in order."""
    return tuple(Count(*key, rows, sizes[key]) for key, rows in sorted(counts.items()))


def text_sizes(batch: pa.RecordBatch) -> pa.Array:
    """UTF-8 bytes of every text."""
    return pc.cast(pc.binary_length(batch["text"]), pa.int64())


def write_quarantine(folder: str, pass_folder: str, shard: str, rows: list[dict[str, object]]) -> list[Output]:
    """Write what could not be read or borne; when there is nothing no file, not even an earlier run's."""
    path = storage.join(folder, "quarantine", *([pass_folder] if pass_folder else []), f"{shard}.parquet")
    if not rows:
        storage.remove(path)
        return []
    with writing_parquet(path, QUARANTINE_SCHEMA) as (file, outputs):
        file.write(pa.RecordBatch.from_pylist(rows, QUARANTINE_SCHEMA))
    return outputs


@dataclass(frozen=True)
class Upstream:
    """A file of an earlier pass for the same shard, and the columns to take from it (None: all)."""

    kind: str
    pass_name: str
    columns: tuple[str, ...] | None


def shard_path(kind: str, pass_name: str, shard: str) -> str:
    """Path of a shard's file in the output folder."""
    return f"{kind}/{pass_name}/{shard}.parquet"


def open_aligned(folder: str, shard: str, upstream: Sequence[Upstream]) -> Iterator[pa.RecordBatch]:
    """The batches of a shard, a row group each, with the columns of all upstream files side by side.

    Raises ValueError when annotations were made for other documents (row count, digest of ids).
    """
    return (batch for _, batch in _aligned(folder, shard, upstream, None))


def open_rows(
    folder: str, shard: str, upstream: Sequence[Upstream], rows: npt.NDArray[np.int64]
) -> Iterator[tuple[npt.NDArray[np.int64], pa.RecordBatch]]:
    """As `open_aligned`, the row groups alone that hold any of these rows (rising): which of them, and the batch of
    these. Raises ValueError also for a row that the shard does not have.
    """
    found = 0
    for first, batch in _aligned(folder, shard, upstream, rows):
        wanted = rows[slice(*np.searchsorted(rows, [first, first + batch.num_rows]))]
        found += len(wanted)
        yield wanted, batch.take(pa.array(wanted - first))
    if found < len(rows):
        raise ValueError(f"{shard}: no row {rows[found]:,} of those that are asked for")


def _aligned(
    folder: str, shard: str, upstream: Sequence[Upstream], rows: npt.NDArray[np.int64] | None
) -> Iterator[tuple[int, pa.RecordBatch]]:
    """The row groups, those with any of these rows if some are given, each with the number of its first row."""
    paths = [storage.join(folder, shard_path(one.kind, one.pass_name, shard)) for one in upstream]
    with opened(paths) as files:
        digests = {(file.metadata.metadata or {}).get(b"id_digest") for file in files}
        groups = {tuple(file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)) for file in files}
        if len(digests) > 1 or len(groups) > 1:
            raise ValueError(f"{' and '.join(paths)} do not hold the same documents")
        (sizes,) = groups
        behind = 0
        for group, size in enumerate(sizes):
            first, behind = behind, behind + size
            if rows is None or np.diff(np.searchsorted(rows, [first, behind]))[0]:
                yield first, _side_by_side(files, upstream, group)


def _side_by_side(files: Sequence[pq.ParquetFile], upstream: Sequence[Upstream], group: int) -> pa.RecordBatch:
    columns: dict[str, pa.Array] = {}
    fields: dict[str, pa.Field] = {}
    for file, one in zip(files, upstream, strict=True):
        table = file.read_row_group(group, columns=None if one.columns is None else list(one.columns))
        for name in table.schema.names:
            array = _one_array(table.column(name))
            # Every annotation file has this column: a document is quarantined when any pass says so.
            both = name == QUARANTINED.name and name in columns
            columns[name] = pc.or_(columns[name], array) if both else array
            fields[name] = table.schema.field(name)
    return pa.RecordBatch.from_arrays(list(columns.values()), schema=pa.schema(list(fields.values())))


@contextlib.contextmanager
def opened(paths: Sequence[str]) -> Iterator[list[pq.ParquetFile]]:
    """Parquet files opened together and closed together. Raises OSError for one that is none or has changed."""
    with contextlib.ExitStack() as stack:
        files = [_parquet_file(stack.enter_context(storage.open_raw(path)), path) for path in paths]
        try:
            yield files
        except OSError as error:
            if error.errno is not None:
                raise
            raise _damaged(" or ".join(paths)) from None  # pyarrow on a page whose checksum or compression is wrong


def _parquet_file(stream: BinaryIO, path: str) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(stream, page_checksum_verification=True)
    except pa.ArrowInvalid:
        raise _damaged(path) from None
    except OSError as error:
        if error.errno is not None:
            raise
        raise _damaged(path) from None  # pyarrow on a footer that makes no sense


def read_here(file: pq.ParquetFile, columns: Sequence[str] | None = None) -> pa.Table:
    """The whole file, read by this thread alone: for commands that end soon.

    One of Arrow's threads may be the last to let go of a stream of Python's, and aborts the process where the
    interpreter has ended by then (apache/arrow issue 34314).
    """
    return file.read(None if columns is None else list(columns), use_threads=False)


def _damaged(path: str) -> OSError:
    return OSError(errno.EIO, "damaged; run again with --verify", path)


def _one_array(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks or [pa.nulls(0, column.type)])


def id_digest(folder: str, shard: str, upstream: Upstream) -> str:
    """The digest of ids that the documents of a shard carry."""
    with opened([storage.join(folder, shard_path(upstream.kind, upstream.pass_name, shard))]) as files:
        return str((files[0].metadata.metadata or {})[b"id_digest"].decode())


class DocumentWriter:
    """Documents and early decisions of one shard being written, with their accounts."""

    def __init__(self, folder: str, pass_name: str, shard: str, schema: pa.Schema, steps: Sequence[Step]) -> None:
        """Write to `documents/` and, if any step drops early, `decisions/`."""
        self._schema = schema
        self._ids = xxhash.xxh3_128()
        kinds = {"documents": schema}
        if any(step.early for step in steps):
            kinds["decisions"] = EARLY_DECISION_SCHEMA
        self._schemas = {storage.join(folder, shard_path(kind, pass_name, shard)): kinds[kind] for kind in kinds}
        self.outputs: list[Output] = []
        self.quarantine: list[dict[str, object]] = []
        self.counts: Counter[tuple[str, str, str]] = Counter()
        self.sizes: Counter[tuple[str, str, str]] = Counter()
        self.failed: Counter[str] = Counter()
        self.rows_out = self.bytes_out = self.bytes_in = 0

    def __enter__(self) -> "DocumentWriter":
        """Open the files."""
        with contextlib.ExitStack() as stack:
            opened = [stack.enter_context(writing_parquet(path, schema)) for path, schema in self._schemas.items()]
            self._files = stack.pop_all()
        self._parquet, self._finished = zip(*opened, strict=True)
        return self

    def __exit__(self, *error: Any) -> None:
        """Finish the files, or on an error drop them."""
        if error[0] is None:
            self._parquet[0].add_metadata({"id_digest": self._ids.hexdigest()})
        self._files.__exit__(*error)
        self.outputs += [output for outputs in self._finished for output in outputs]

    def write(self, swept: Swept) -> None:
        """Add what stayed and what left of a batch."""
        sizes = text_sizes(swept.batch)
        columns = {name: swept.batch[name] for name in swept.batch.schema.names} | {"text_bytes": sizes}
        batch = pa.RecordBatch.from_arrays([columns[name] for name in self._schema.names], schema=self._schema)
        self._parquet[0].write(batch)
        self._ids.update("".join(f"{one}\n" for one in batch["id"].to_pylist()).encode())
        for one in swept.decisions:
            self._parquet[1].write(one)
        self.quarantine += swept.quarantine
        self.counts += swept.counts
        self.sizes += swept.bytes
        self.failed += swept.failed
        for language, size in zip(language_names(batch), sizes.to_pylist(), strict=True):
            self.counts[language, "", ""] += 1
            self.sizes[language, "", ""] += size
            self.bytes_out += size
        self.rows_out += batch.num_rows
