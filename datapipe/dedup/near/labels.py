"""The connected parts of all ties, by union-find on one machine: an array of a number per document, ties streamed."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from datapipe import storage
from datapipe.dedup.near.records import TIE_WORDS
from datapipe.dedup.near.row_keys import Keys, first_key
from datapipe.dedup.near.task_keys import TaskKey
from datapipe.exchange_files import Slice, read_slice, write_records
from datapipe.receipts import Receipt, Stopwatch

MOST_DOCUMENTS = 120_000_000
"""That one machine labels: parents and sizes of 4 bytes each stay within 1 GiB. Beyond it rounds over files do it."""


@dataclass(frozen=True)
class Holders:
    """Where rows are: the shards of this run and the files of earlier ones, in the order of row keys."""

    shards: tuple[int, ...]
    """Documents of every shard, all of them."""
    earlier: tuple[int, ...]
    """Records of every file of the earlier runs' indexes."""

    @property
    def documents(self) -> int:
        """All together."""
        return sum(self.shards) + sum(self.earlier)

    def numbers(self, bounds: Sequence[int]) -> list[int]:
        """How many documents stand before each of these first keys of shards or files; then all of them."""
        found: list[int] = self.offsets[self.firsts.searchsorted(np.array(bounds, np.uint64))].tolist()
        return [*found, self.documents]

    @property
    def firsts(self) -> Keys:
        """The key of the first row of each, rising."""
        own = [first_key(number) for number in range(len(self.shards))]
        return np.array(own + [first_key(number, True) for number in range(len(self.earlier))], np.uint64)

    @property
    def offsets(self) -> npt.NDArray[np.int64]:
        """How many documents stand before each, and then all of them: those of any holder follow one another."""
        return np.cumsum([0, *self.shards, *self.earlier])


@dataclass(frozen=True)
class LabelTask:
    """All ties."""

    key: TaskKey
    ties: tuple[Slice, ...]
    """One after another, never all at once in memory."""
    holders: Holders
    bounds: tuple[int, ...]
    """Lowest row key of every group of shards and of earlier files."""


def label_documents(task: LabelTask) -> Receipt:
    """Write a file of labels for every group (`labels_path`), sorted by row key, and the receipt.

    The label of a part is its least row key; documents without a tie have none. `rows_in`: ties; `rows_out`: labelled
    documents; `figures`: `{"labelled": {number of the group: documents}, "parts": {"parts": n, "largest": documents}}`.
    """
    from datapipe.kernels.union_find import flatten, join, labels_between

    done = task.key.finished()
    if done is not None:
        return done
    watch = Stopwatch()
    firsts, offsets = task.holders.firsts, task.holders.offsets
    parents, ties = np.arange(task.holders.documents, dtype=np.uint32), 0
    for one in task.ties:
        read = read_slice(one, TIE_WORDS)
        join(parents, read, firsts, offsets)
        ties += len(read)
    sizes = flatten(parents)
    outputs, labelled = [], {}
    for group, (start, end) in enumerate(itertools.pairwise(task.holders.numbers(task.bounds))):
        labels = labels_between(parents, sizes, firsts, offsets, start, end)
        path = storage.join(task.key.folder, labels_path(task.key.pass_name, group))
        outputs.append(write_records(path, labels, np.zeros(len(labels), np.uint32), 1))
        labelled[f"{group:06}"] = len(labels)
    largest = int(sizes.max(initial=0))
    parts = {"parts": int((sizes > 1).sum()), "largest": largest if largest > 1 else 0}
    figures = {"labelled": labelled, "parts": parts}
    return task.key.leave(watch, outputs, rows_in=ties, rows_out=sum(labelled.values()), figures=figures)


def labels_path(pass_name: str, group: int) -> str:
    """Path of a group's labels in the output folder: an exchange file of one partition."""
    return f"exchange/{pass_name}/{group:06}.records"
