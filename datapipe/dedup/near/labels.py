"""The connected parts of all ties, by union-find on one machine: an array of a number per document, ties streamed."""

from dataclasses import dataclass

from datapipe.dedup.near.task_keys import TaskKey
from datapipe.exchange_files import Slice
from datapipe.receipts import Receipt

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

    The label of a part is its least row key; documents without a tie have none. `rows_out`: labelled documents;
    `figures`: `{"labelled": {number of the group: documents}, "parts": {"parts": n, "largest": documents}}`.
    """
    raise NotImplementedError


def labels_path(pass_name: str, group: int) -> str:
    """Path of a group's labels in the output folder: an exchange file of one partition."""
    return f"exchange/{pass_name}/{group:06}.records"
