"""A range of documents and the edges at them: read some at a time, so that a document may have any number of them.

A range is some consecutive groups of shards and of earlier files; a number per document of it fits into memory.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from datapipe import storage
from datapipe.dedup.near.row_keys import Keys
from datapipe.dedup.near.task_keys import TaskKey
from datapipe.exchange import Split
from datapipe.exchange_files import Records, Slice, read_slice, write_records
from datapipe.receipts import Receipt, Stopwatch
from datapipe.relays import exchange_path
from datapipe.storage import Output

READ_RECORDS = 1 << 20
"""Edges looked at together,"""
WRITTEN_RECORDS = 4 << 20
"""and records of one output, about: 64 MiB of edges, sorted and divided in copies."""


@dataclass(frozen=True)
class RangeTask:
    """One range of row keys."""

    key: TaskKey
    slices: tuple[Slice, ...]
    """What is known of its documents."""
    firsts: tuple[int, ...]
    """Lowest row key of every shard or earlier file in it, rising,"""
    rows: tuple[int, ...]
    """and the documents of each."""
    bounds: tuple[int, ...]
    """Lowest row key of every group in it,"""
    first_group: int
    """and the number of the first one."""
    split: Split
    """By range."""

    @property
    def documents(self) -> int:
        """In all of it."""
        return sum(self.rows)

    @property
    def numbering(self) -> tuple[Keys, npt.NDArray[np.int64]]:
        """The key of the first row of each shard or file, and the number of that document in the range."""
        return np.array(self.firsts, np.uint64), np.cumsum([0, *self.rows])

    def own_keys(self) -> Keys:
        """The row key of every document."""
        keys = np.empty(self.documents, np.uint64)
        for first, start, rows in zip(self.firsts, self.numbering[1].tolist(), self.rows, strict=False):
            keys[start : start + rows] = np.arange(first, first + rows, dtype=np.uint64)
        return keys

    def keys_of(self, numbers: npt.NDArray[np.int64]) -> Keys:
        """The row keys of some documents."""
        firsts, offsets = self.numbering
        holders = offsets.searchsorted(numbers, "right") - 1
        keys: Keys = firsts[holders] + (numbers - offsets[holders]).astype(np.uint64)
        return keys


def read_chunks(slices: Iterable[Slice], words: int) -> Iterator[Records]:
    """All records, some at a time; equal every time."""
    for one in slices:
        records = read_slice(one, words)
        for start in range(0, len(records), READ_RECORDS):
            yield records[start : start + READ_RECORDS]


class Sink:
    """The records that a task writes, without those that are equal to others near them."""

    def __init__(self, task: RangeTask, words: int) -> None:
        """For records of so many words, to be divided as the task says."""
        self._task, self._words = task, words
        self._outputs: list[Output] = []
        self._parts: list[Records] = []
        self._rows = self._written = 0

    def add(self, records: Records) -> None:
        """Take some more."""
        self._parts.append(records)
        self._rows += len(records)
        if self._rows >= WRITTEN_RECORDS:
            self._write()

    def leave(self, watch: Stopwatch, rows_in: int, figures: dict[str, dict[str, int]]) -> Receipt:
        """Write what is left, and the receipt."""
        if self._parts:
            self._write()
        return self._task.key.leave(watch, self._outputs, rows_in=rows_in, rows_out=self._written, figures=figures)

    def _write(self) -> None:
        from datapipe.kernels.buckets import move_unique
        from datapipe.kernels.record_sort import sort_records

        records = np.concatenate(self._parts)
        self._parts, self._rows = [], 0
        records = sort_records(records, self._words)
        records = records[: move_unique(records)]
        key, split = self._task.key, self._task.split
        path = storage.join(key.folder, exchange_path(key.pass_name, f"{key.shard}-{len(self._outputs):05}"))
        self._outputs.append(write_records(path, records, split.partition(records[:, 0]), split.count))
        self._written += len(records)
