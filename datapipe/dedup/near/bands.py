"""The map tasks of a round of near-duplicates: the bands of signatures, by hash, of shards and of earlier runs."""

from dataclasses import dataclass

from datapipe.dedup.near.records import NearForm
from datapipe.dedup.near.task_keys import TaskKey
from datapipe.exchange import Split
from datapipe.exchange_files import Slice
from datapipe.receipts import Receipt
from datapipe.shard_files import Upstream


@dataclass(frozen=True)
class BandTask:
    """The documents of a group of consecutive shards that are still kept and have a signature."""

    key: TaskKey
    shards: tuple[str, ...]
    first_shard: int
    """Number of the first of them among all: they follow one another."""
    upstream: tuple[Upstream, ...]
    """Documents (no text), signatures, routes."""
    form: NearForm
    split: Split


def gather_bands(task: BandTask) -> Receipt:
    """Write a record for every band of every document that takes part, in the order of partitions, and the receipt.

    `rows_in` of the receipt: documents that take part; `figures`: `{"documents": {shard: all its rows}}`.
    """
    raise NotImplementedError


@dataclass(frozen=True)
class EarlierBandTask:
    """Consecutive files of the indexes of earlier runs."""

    key: TaskKey
    files: tuple[Slice, ...]
    first_file: int
    """Number of the first of them among the files of all earlier runs."""
    form: NearForm
    split: Split


def gather_earlier_bands(task: EarlierBandTask) -> Receipt:
    """The same for what earlier runs have kept; without figures."""
    raise NotImplementedError
