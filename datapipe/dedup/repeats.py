"""Which passages repeat, over the whole corpus, through an exchange there and back.

`count_group` counts the different hashes of a group of shards, `merge_partition` finds those that repeat in any of
them, `mark_group` looks them up again and tells, text by text, which units go.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from datapipe import storage
from datapipe.dedup.passages import MARKS, RepeatedPassages, list_buffers
from datapipe.exchange import Split
from datapipe.exchange_files import Slice, read_slices, write_records
from datapipe.receipts import Receipt, Stopwatch, finished, leave_receipt
from datapipe.relays import exchange_path
from datapipe.shard_files import opened, shard_path
from datapipe.storage import Output, writing_parquet

WORDS = 2
"""Of a record: on the way there (hash, group and count), on the way back (group and whether it keeps one, hash)."""


@dataclass(frozen=True)
class GroupTask:
    """A group of consecutive shards whose passages are hashed."""

    folder: str
    pass_name: str
    number: int
    fingerprint: str
    input_fingerprint: str
    hashes: str
    """Name of the pass that hashed them."""
    shards: tuple[str, ...]
    rows: tuple[int, ...]
    """Documents of every shard,"""
    bytes: tuple[int, ...]
    """and bytes of their texts: of these go the accounts."""
    split: Split
    """Counting: where the counts go."""
    slices: tuple[Slice, ...] = ()
    """Marking: what repeats in the group, in the order of hashes."""
    span: int = 1
    verify: bool = False
    """Trust finished outputs only after their sums are computed anew."""

    @property
    def shard(self) -> str:
        """Name of the receipt of its counts."""
        return f"groups/{self.number:06}"

    def hash_path(self, shard: str) -> str:
        """The file of a shard's passages."""
        return storage.join(self.folder, shard_path("annotations", self.hashes, shard))


@dataclass(frozen=True)
class MergeTask:
    """One partition of all hashes."""

    folder: str
    pass_name: str
    number: int
    fingerprint: str
    input_fingerprint: str
    slices: tuple[Slice, ...]
    split: Split
    """By group, for the way back."""
    keeps_first: bool
    verify: bool = False
    """Trust finished outputs only after their sums are computed anew."""

    @property
    def shard(self) -> str:
        """Name of its receipt."""
        return f"partitions/{self.number:06}"


Task = GroupTask | MergeTask


def count_group(task: GroupTask) -> Receipt:
    """Write the group's different hashes with their counts, and the receipt."""
    from datapipe.kernels.repeats import count_hashes

    done = _finished(task, task.shard)
    if done is not None:
        return done
    watch = Stopwatch()
    hashes = [list_buffers(lists)[1] for shard in task.shards for lists in _lists(task.hash_path(shard))]
    ordered = np.concatenate([np.zeros(0, np.uint64), *hashes])
    del hashes
    ordered.sort()
    records = count_hashes(ordered, task.number)
    output = _write(task, records)
    return _finish(task, task.shard, watch, [output], len(records), sum(task.rows), sum(task.bytes))


def merge_partition(task: MergeTask) -> Receipt:
    """Write, by group, the hashes of the partition that occur more than once, and the receipt."""
    from datapipe.kernels.record_sort import sort_records
    from datapipe.kernels.repeats import merge_counts

    done = _finished(task, task.shard)
    if done is not None:
        return done
    watch = Stopwatch()
    records = merge_counts(sort_records(read_slices(task.slices, WORDS), 1), task.keeps_first)
    output = _write(task, records)
    return _finish(task, task.shard, watch, [output], len(records))


def mark_group(task: GroupTask) -> tuple[Receipt, ...]:
    """Write for every shard of the group, row for row, the numbers of the units that go, each with its receipt.

    Groups come and go as files do, so no receipt of theirs may vouch for the file of a shard.
    """
    receipts = [_finished(task, shard) for shard in task.shards]
    if None in receipts:
        marker = _Marker(read_slices(task.slices, WORDS), task.span)
        receipts = [_mark(task, number, marker, done) for number, done in enumerate(receipts)]
    return tuple(one for one in receipts if one is not None)


def _mark(task: GroupTask, number: int, marker: "_Marker", done: Receipt | None) -> Receipt:
    """Write the marks of one shard; of one that is `done` only see what later shards must know."""
    shard = task.shards[number]
    if done is not None:
        for lists in _lists(task.hash_path(shard)):
            marker.mark(lists)
        return done
    watch, before = Stopwatch(), marker.units
    path = storage.join(task.folder, shard_path("annotations", task.pass_name, shard))
    with opened([task.hash_path(shard)]) as (file,), writing_parquet(path, MARKS, align=True) as (marks, outputs):
        for group in range(file.num_row_groups):
            marks.write(marker.mark(_column(file, group)))
        marks.add_metadata({"id_digest": file.metadata.metadata[b"id_digest"].decode()})
    return _finish(task, shard, watch, outputs, marker.units - before, task.rows[number], task.bytes[number])


def compile_kernels(stage: RepeatedPassages) -> None:
    """Take one small text through all that tasks compute, so that many at once find the kernels compiled."""
    from datapipe.kernels.partitions import in_partitions, partition_starts
    from datapipe.kernels.record_sort import sort_records
    from datapipe.kernels.repeats import count_hashes, merge_counts

    text = pa.array(["a.\na."], pa.large_string())
    lists = stage.hashes(pa.RecordBatch.from_pydict({"text": text, "language": [""], "source": [""]}), ()).column(0)
    counted = count_hashes(np.sort(list_buffers(lists)[1]), 0)
    partition = Split(2, 0, 2).partition(counted[:, 0])
    divided = in_partitions(counted, partition, partition_starts(partition, 2))
    _Marker(merge_counts(sort_records(divided, 1), True), stage.span).mark(lists)


class _Marker:
    """What repeats in a group, and which of it was met already."""

    def __init__(self, repeated: npt.NDArray[np.uint64], span: int) -> None:
        from datapipe.kernels.repeats import index_of

        self._hashes = np.ascontiguousarray(repeated[:, 1])
        self._is_first = (repeated[:, 0] & np.uint64(1)).astype(np.uint8)
        self._seen = np.zeros(len(repeated), np.uint8)
        self._index = index_of(self._hashes)
        self._span = span
        self.units = 0
        """Units that go, so far."""

    def mark(self, lists: pa.Array) -> pa.RecordBatch:
        """The units that go of the next texts, given the hashes of their passages."""
        from datapipe.kernels.repeats import outcomes, units_that_go

        offsets, hashes = list_buffers(lists)
        found = outcomes(hashes, self._hashes, self._is_first, self._seen, *self._index)
        unit_lists, units = units_that_go(offsets, found, self._span)
        self.units += len(units)
        return pa.RecordBatch.from_arrays(
            [pa.ListArray.from_arrays(pa.array(unit_lists), pa.array(units))], schema=MARKS
        )


def _lists(path: str) -> list[pa.Array]:
    with opened([path]) as (file,):
        return [_column(file, group) for group in range(file.num_row_groups)]


def _column(file: pq.ParquetFile, group: int) -> pa.Array:
    column = file.read_row_group(group).column(0)
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def _write(task: Task, records: npt.NDArray[np.uint64]) -> Output:
    path = storage.join(task.folder, exchange_path(task.pass_name, f"{task.number:06}"))
    return write_records(path, records, task.split.partition(records[:, 0]), task.split.count)


def _finished(task: Task, shard: str) -> Receipt | None:
    return finished(task.folder, task.pass_name, shard, task.fingerprint, task.input_fingerprint, task.verify)


def _finish(
    task: Task, shard: str, watch: Stopwatch, outputs: list[Output], passages: int, rows: int = 0, size: int = 0
) -> Receipt:
    receipt = Receipt(
        task.pass_name,
        shard,
        task.fingerprint,
        task.input_fingerprint,
        rows_in=rows,
        rows_out=rows,
        bytes_in=size,
        passages=passages,
        outputs=tuple(outputs),
    )
    return leave_receipt(task.folder, receipt, watch)
