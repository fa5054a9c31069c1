"""Who is in a connected part: the profiles of its documents, by part."""

from collections.abc import Mapping
from dataclasses import dataclass

from datapipe.dedup.near.records import NearForm
from datapipe.dedup.near.task_keys import TaskKey
from datapipe.exchange import Split
from datapipe.exchange_files import Slice
from datapipe.receipts import Receipt
from datapipe.shard_files import Upstream

MOST_OF_A_PART = 1 << 20
"""Documents of a part that are compared together. A larger one is divided: by the least of each document's band keys,
which documents that are much alike share; and where so many share even this (a crowded bucket), by row key."""


@dataclass(frozen=True)
class ProfileTask:
    """The labelled documents of a group of shards."""

    key: TaskKey
    shards: tuple[str, ...]
    sources: tuple[str, ...]
    """The source of every shard."""
    first_shard: int
    upstream: tuple[Upstream, ...]
    """Documents (no text) with `text_bytes` and what the order needs, signatures, routes."""
    ranks: Mapping[str, int]
    """Of all sources that take part."""
    labels: tuple[Slice, ...]
    crowded: tuple[tuple[int, int], ...]
    """Band keys of crowded buckets, with their documents."""
    form: NearForm
    split: Split


def profile_documents(task: ProfileTask) -> Receipt:
    """Write the profiles in the order of partitions, and the receipt (`rows_out`: profiles).

    The part key is a hash of the label, and where the part is divided of what it is divided by.
    """
    raise NotImplementedError


@dataclass(frozen=True)
class EarlierProfileTask:
    """The labelled documents of some files of earlier runs."""

    key: TaskKey
    files: tuple[Slice, ...]
    runs: tuple[int, ...]
    """Of every file the number of its run,"""
    sources: tuple[tuple[str, ...], ...]
    """and the sources that the ranks of its ids stand for."""
    table: tuple[str, ...]
    """All sources that take part."""
    first_file: int
    labels: tuple[Slice, ...]
    crowded: tuple[tuple[int, int], ...]
    form: NearForm
    split: Split


def profile_earlier(task: EarlierProfileTask) -> Receipt:
    """The same for documents of earlier runs."""
    raise NotImplementedError
