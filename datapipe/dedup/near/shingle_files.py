"""Sets of shingles on their way to the blocks that asked for them, in files of bounded size."""

import numpy as np
import numpy.typing as npt

from datapipe.dedup.near.records import REQUEST_WORDS, SHINGLE_WORDS
from datapipe.dedup.near.row_keys import ROW_BITS
from datapipe.dedup.near.task_keys import TaskKey
from datapipe.exchange import Split
from datapipe.exchange_files import Records, Slice, read_slices, write_records
from datapipe.receipts import Receipt, Stopwatch
from datapipe.storage import Output

FILE_BYTES = 128 << 20
"""Of the records of one file, about: they are held once more while they are put in order."""

Packed = tuple[npt.NDArray[np.int64], npt.NDArray[np.uint64]]
"""Where each packed document begins, and their words (`datapipe.kernels.packed_sets`)."""


def sorted_requests(slices: tuple[Slice, ...]) -> Records:
    """All requests of a group: by row key, then by block."""
    from datapipe.kernels.record_sort import sort_records

    return sort_records(read_slices(slices, REQUEST_WORDS), REQUEST_WORDS)


def asked_of(requests: Records, first: int) -> Records:
    """Those of the shard or file whose first row has this key."""
    keys = np.array([first, first + (1 << ROW_BITS)], np.uint64)
    return requests[slice(*np.searchsorted(requests[:, 0], keys))]


class ShingleFiles:
    """The outputs of one task."""

    def __init__(self, key: TaskKey, split: Split, file_bytes: int) -> None:
        """Nothing is written yet."""
        self._key, self._split, self._file_bytes = key, split, file_bytes
        self._pending: list[Records] = []
        self._outputs: list[Output] = []
        self.text_bytes = 0
        self._documents = self._shingles = self._bytes = 0

    def add(self, packed: Packed, keys: npt.NDArray[np.uint64], asked: Records) -> None:
        """Documents with these row keys (rising), each for every block that asked for it."""
        from datapipe.kernels.packed_records import spread
        from datapipe.kernels.packed_sets import packed_counts

        starts, words = packed
        own = asked[slice(*np.searchsorted(asked[:, 0], keys[[0, -1]] + np.array([0, 1], np.uint64)))]
        chosen = np.searchsorted(keys, own[:, 0])
        records = spread(starts, words, chosen, own[:, 1].copy(), own[:, 0].copy(), SHINGLE_WORDS)
        self._pending.append(records)
        self._documents += len(own)
        self._shingles += int(packed_counts(starts, words).sum())
        self._bytes += records.nbytes
        if sum(one.nbytes for one in self._pending) >= self._file_bytes:
            self._write()

    def leave(self, watch: Stopwatch, requests: int) -> Receipt:
        """Write what is left, and the receipt."""
        if self._pending:
            self._write()
        counts = {"shingles": self._shingles, "bytes": self._bytes, "text_bytes": self.text_bytes}
        return self._key.leave(
            watch, self._outputs, rows_in=requests, rows_out=self._documents, bytes_in=self.text_bytes,
            figures={"shingles": counts},
        )  # fmt: skip

    def _write(self) -> None:
        records = np.concatenate(self._pending)
        self._pending.clear()
        path = self._key.path(part=len(self._outputs))
        self._outputs.append(write_records(path, records, self._split.partition(records[:, 0]), self._split.count))
