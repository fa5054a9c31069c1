"""Records of an exchange read and written some at a time, so that a key may have any number of them."""

from collections.abc import Iterable, Iterator

import numpy as np

from datapipe import storage
from datapipe.dedup.near.task_keys import TaskKey
from datapipe.exchange import Split
from datapipe.exchange_files import Records, Slice, read_slice, write_records
from datapipe.receipts import Receipt, Stopwatch
from datapipe.relays import exchange_path
from datapipe.storage import Output

READ_RECORDS = 1 << 20
"""Records looked at together: 16 MiB of edges."""
WRITTEN_RECORDS = 4 << 20
"""Of one output, at least unless it is the last: 64 MiB of edges, sorted and divided in copies."""


def read_chunks(slices: Iterable[Slice], words: int) -> Iterator[Records]:
    """All records, some at a time; equal every time."""
    for one in slices:
        records = read_slice(one, words)
        for start in range(0, len(records), READ_RECORDS):
            yield records[start : start + READ_RECORDS]


def read_batches(slices: Iterable[Slice], words: int, most: int) -> Iterator[Records]:
    """All records, of so many slices at a time that they are at least `most`; no batch is held here meanwhile."""
    parts: list[Records] = []
    for one in slices:
        parts.append(read_slice(one, words))
        if sum(map(len, parts)) >= most:
            yield _joined(parts)
    if parts:
        yield _joined(parts)


def _joined(parts: list[Records]) -> Records:
    """All of them, which go."""
    records = parts[0] if len(parts) == 1 else np.concatenate(parts)
    parts.clear()
    return records


class Sink:
    """The records that a task writes, without those that are equal to others near them."""

    def __init__(self, key: TaskKey, split: Split, words: int) -> None:
        """For records of so many words."""
        self._key, self._split, self._words = key, split, words
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
        return self._key.leave(watch, self._outputs, rows_in=rows_in, rows_out=self._written, figures=figures)

    def _write(self) -> None:
        from datapipe.kernels.buckets import move_unique
        from datapipe.kernels.record_sort import sort_records

        self._rows = 0
        records = sort_records(_joined(self._parts), self._words)
        records = records[: move_unique(records)]
        name = f"{self._key.shard}-{len(self._outputs):05}"
        path = storage.join(self._key.folder, exchange_path(self._key.pass_name, name))
        self._outputs.append(write_records(path, records, self._split.partition(records[:, 0]), self._split.count))
        self._written += len(records)
