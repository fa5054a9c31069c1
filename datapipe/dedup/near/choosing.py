"""Who stays of the documents of a part: a decision from verified pairs and the recipe's order alone."""

from dataclasses import dataclass

from datapipe.dedup.near.records import NearForm
from datapipe.dedup.near.task_keys import TaskKey
from datapipe.exchange import Split
from datapipe.exchange_files import Slice
from datapipe.receipts import Receipt


@dataclass(frozen=True)
class ChoiceTask:
    """The parts of one partition, as they were paired."""

    key: TaskKey
    slices: tuple[Slice, ...]
    """Profiles, in the order in which they were paired."""
    matches: tuple[Slice, ...]
    """Of all blocks of the partition."""
    form: NearForm
    table: tuple[str, ...]
    """The sources that the ranks of ids stand for."""
    split: Split
    """Of the verdicts, by group of shards."""


def choose_survivors(task: ChoiceTask) -> Receipt:
    """Write a verdict on every document of this run that falls or stands for more than before, and the receipt.

    Documents are visited in the recipe's order. One that has not fallen stays, and those of its neighbours fall that
    may fall in its favour; but first whatever it may fall in favour of by containment is visited. So of no verified
    pair both stay, and none falls but in favour of one that stays. Documents of earlier runs always stay.
    `largest_clusters` of the receipt as in the other rounds.
    """
    raise NotImplementedError
