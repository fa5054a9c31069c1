"""The shingles of the documents in pairs, by block: the one look at text that comparing takes.

What crosses: `datapipe.kernels.packed_records`, every document in a row of records of its own, never parted.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapipe.dedup.near.index_records import index_words, indexed_signatures
from datapipe.dedup.near.records import SHINGLE_WORDS, NearForm
from datapipe.dedup.near.row_keys import first_key, row_keys, rows_of
from datapipe.dedup.near.shingle_files import FILE_BYTES, Packed, ShingleFiles, asked_of, sorted_requests
from datapipe.dedup.near.signed_documents import signatures
from datapipe.dedup.near.task_keys import TaskKey
from datapipe.exchange import Split
from datapipe.exchange_files import Slice, read_slice
from datapipe.kernels.shingling import Shingling
from datapipe.receipts import Receipt, Stopwatch
from datapipe.shard_files import Upstream, open_rows
from datapipe.stage import text_buffers


@dataclass(frozen=True)
class ShingleTask:
    """The documents of a group of shards that some block needs."""

    key: TaskKey
    shards: tuple[str, ...]
    first_shard: int
    upstream: tuple[Upstream, ...]
    """Documents with their text, or with their signatures if those are compared."""
    requests: tuple[Slice, ...]
    form: NearForm
    split: Split
    """By block key."""
    file_bytes: int = FILE_BYTES


def gather_shingles(task: ShingleTask) -> Receipt:
    """Write the sets of shingles, in one file or, so that memory stays bounded, in several; and the receipt.

    Only row groups with a requested document are read. `bytes_in`: texts read of requested documents, `rows_out`:
    sets written; `figures`: `{"shingles": {"shingles": n, "bytes": as written, "text_bytes": of those documents}}`.
    Where signatures are compared, they are written instead.
    """
    done = task.key.finished()
    if done is not None:
        return done
    watch = Stopwatch()
    requests = sorted_requests(task.requests)
    written = ShingleFiles(task.key, task.split, task.file_bytes)
    for number, shard in enumerate(task.shards, task.first_shard):
        asked = asked_of(requests, first_key(number))
        for rows, batch in open_rows(task.key.folder, shard, task.upstream, np.unique(rows_of(asked[:, 0]))):
            packed = _pack(batch, task.form)
            written.add(packed, row_keys(number, rows), asked)
            if "text" in batch.schema.names:
                written.text_bytes += pc.sum(pc.binary_length(batch["text"])).as_py()
    return written.leave(watch, len(requests))


def _pack(batch: pa.RecordBatch, form: NearForm) -> Packed:
    from datapipe.kernels.packed_sets import pack_signatures

    if form.compare == "signatures":
        return pack_signatures(signatures(batch, form.permutations))
    return packed_shingles(batch, form.shingling)


def packed_shingles(batch: pa.RecordBatch, shingling: Shingling) -> Packed:
    """The sets of shingles of all texts of a batch."""
    from datapipe.kernels.packed_sets import pack_sets
    from datapipe.kernels.shingles import shingle_sets

    return pack_sets(*shingle_sets(*text_buffers(batch["text"]), shingling))


@dataclass(frozen=True)
class EarlierShingleTask:
    """The documents of some files of earlier runs that a block needs: shingles if they were kept, else signatures."""

    key: TaskKey
    files: tuple[Slice, ...]
    shingles: tuple[Slice | None, ...]
    """Of every file, the one of its shingles if the run kept them."""
    first_file: int
    requests: tuple[Slice, ...]
    form: NearForm
    split: Split
    file_bytes: int = FILE_BYTES


def gather_earlier_shingles(task: EarlierShingleTask) -> Receipt:
    """The same for documents of earlier runs."""
    done = task.key.finished()
    if done is not None:
        return done
    watch = Stopwatch()
    requests = sorted_requests(task.requests)
    written = ShingleFiles(task.key, task.split, task.file_bytes)
    for number, (file, shingles) in enumerate(zip(task.files, task.shingles, strict=True), task.first_file):
        asked = asked_of(requests, first_key(number, earlier=True))
        rows = np.unique(rows_of(asked[:, 0]))
        if not len(rows):
            continue
        if shingles is None or task.form.compare == "signatures":
            packed = _stored_signatures(file, rows, task.form.permutations)
        else:
            packed = _stored_shingles(shingles, rows)
        written.add(packed, row_keys(number, rows, earlier=True), asked)
    return written.leave(watch, len(requests))


def _stored_signatures(file: Slice, rows: npt.NDArray[np.int64], permutations: int) -> Packed:
    from datapipe.kernels.packed_sets import pack_signatures

    records = read_slice(file, index_words(permutations))[rows]
    return pack_signatures(indexed_signatures(records, permutations))


def _stored_shingles(file: Slice, rows: npt.NDArray[np.int64]) -> Packed:
    from datapipe.kernels.packed_records import collect, firsts

    records = read_slice(file, SHINGLE_WORDS)
    firsts_of = firsts(records)[:-1]
    places = np.searchsorted(records[firsts_of, 0], rows.astype(np.uint64))
    return collect(records, firsts_of[places])
