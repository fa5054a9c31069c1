"""Ranges of documents: consecutive groups of shards and of earlier files, with a number per document in memory."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from datapipe.dedup.near.row_keys import Keys
from datapipe.dedup.near.task_keys import TaskKey
from datapipe.exchange import Split
from datapipe.exchange_files import Slice


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
