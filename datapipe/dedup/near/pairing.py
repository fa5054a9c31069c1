"""Which documents of a part are compared, and with whose shingles in memory."""

from dataclasses import dataclass

from datapipe.dedup.near.records import NearForm
from datapipe.dedup.near.task_keys import TaskKey
from datapipe.exchange import Split
from datapipe.exchange_files import Slice
from datapipe.receipts import Receipt

BLOCK_BYTES = 96 << 20
"""Shingles of one block, about, by what texts of these sizes may have at most."""


@dataclass(frozen=True)
class PairingTask:
    """The parts of one partition."""

    key: TaskKey
    partition: int
    """The same number."""
    slices: tuple[Slice, ...]
    form: NearForm
    split: Split
    """Of the requests, by group of shards and earlier files."""
    block_bytes: int = BLOCK_BYTES


def pair_documents(task: PairingTask) -> Receipt:
    """Write pairs, members and requests, and the receipt.

    Of a bucket of up to `bucket_limit` documents all pairs are made, of a larger one those with its best document; no
    pair twice, none of two earlier documents. Pairs are sorted by positions and cut into blocks as their documents'
    shingles fit: a document that pairs of several blocks need is a member of each.

    Three outputs, `exchange/{pass_name}.pairs/`, `.members/` (a partition per block) and `.requests/` (a partition per
    group), each `{shard}.records`. `figures`: `{"blocks": {"blocks": n}, "pairs": {"pairs": n, "members": n,
    "large_buckets": n, "largest_bucket": documents, "text_bytes": of the members}}`.
    """
    raise NotImplementedError
