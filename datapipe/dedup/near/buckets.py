"""The reduce tasks over bands: which documents have one in common."""

from dataclasses import dataclass

from datapipe.dedup.near.records import NearForm
from datapipe.dedup.near.task_keys import TaskKey
from datapipe.exchange_files import Slice
from datapipe.receipts import Receipt

BUCKET_SIZES = (2, 3, 5, 10, 100, 1_000, 10_000, 100_000, 1_000_000)
"""Least sizes of the classes of buckets that receipts count."""


@dataclass(frozen=True)
class BucketTask:
    """One partition of all band keys."""

    key: TaskKey
    slices: tuple[Slice, ...]
    form: NearForm


def find_buckets(task: BucketTask) -> Receipt:
    """Write the ties of every bucket that holds a document of this run and another one, and the receipt.

    Each member but the one with the least row key is tied to that one; equal ties of a partition are written once.
    `figures`: `{"buckets": {least size of the class: buckets}, "bucket_documents": {the same: documents}, "crowded":
    {band key in hex: documents}}`, the last for buckets of more than MOST_OF_A_PART documents
    (`datapipe.dedup.near.profiles`). `rows_in`: band records, `rows_out`: ties.
    """
    raise NotImplementedError
