"""The reduce tasks over bands: which documents have one in common."""

from dataclasses import dataclass

import numpy as np

from datapipe.dedup.near.parts import most_of_a_part
from datapipe.dedup.near.records import BAND_WORDS, TIE_WORDS, NearForm
from datapipe.dedup.near.row_keys import EARLIER
from datapipe.dedup.near.streams import Sink, read_batches
from datapipe.dedup.near.task_keys import TaskKey
from datapipe.exchange import Split
from datapipe.exchange_files import Records, Slice
from datapipe.receipts import Receipt, Stopwatch

BUCKET_SIZES = (2, 3, 5, 10, 100, 1_000, 10_000, 100_000, 1_000_000)
"""Least sizes of the classes of buckets that receipts count."""
TOGETHER = 12 << 20
"""Band records that are sorted together, about: 192 MiB. Of a partition that has more, because of a bucket that has no
bounds, only the first document of every bucket is remembered."""
HEAD_WORDS = 3


@dataclass(frozen=True)
class BucketTask:
    """One partition of all band keys."""

    key: TaskKey
    slices: tuple[Slice, ...]
    form: NearForm
    split: Split
    """Of the ties, by row key."""


def find_buckets(task: BucketTask) -> Receipt:
    """Write the ties of every bucket that holds a document of this run and another one, and the receipt.

    Each member but the one with the least row key is tied to that one; equal ties are written once or a few times.
    `figures`: `{"buckets": {least size of the class: buckets}, "bucket_documents": {the same: documents}, "crowded":
    {band key in hex: documents}}`, the last for buckets of more documents than are compared together
    (`datapipe.dedup.near.parts`). `rows_in`: band records, `rows_out`: ties.
    """
    from datapipe.kernels.buckets import tie_buckets
    from datapipe.kernels.record_sort import sort_records

    done = task.key.finished()
    if done is not None:
        return done
    watch = Stopwatch()
    heads, rows = np.empty((0, HEAD_WORDS), np.uint64), 0
    sink = Sink(task.key, task.split, TIE_WORDS)
    for some in read_batches(task.slices, BAND_WORDS, TOGETHER):
        records = sort_records(some, BAND_WORDS)
        rows += len(some)
        del some  # of which they are a copy
        ties, heads = tie_buckets(heads, records, np.uint64(EARLIER))
        sink.add(records[:ties].copy())
        del records
    return sink.leave(watch, rows, _figures(heads, most_of_a_part(task.form)))


def _figures(heads: Records, most: int) -> dict[str, dict[str, int]]:
    """Of buckets (band key, least row key, documents)."""
    counted = heads[(heads[:, 2] > 1) & (heads[:, 1] < EARLIER)]
    sizes = counted[:, 2].astype(np.int64)
    classes = np.searchsorted(BUCKET_SIZES, sizes, "right") - 1
    buckets = np.bincount(classes, minlength=len(BUCKET_SIZES))
    documents = [int(sizes[classes == one].sum()) for one in range(len(BUCKET_SIZES))]
    crowded = counted[sizes > most][:, (0, 2)].tolist()
    return {
        "buckets": {str(least): count for least, count in zip(BUCKET_SIZES, buckets.tolist(), strict=True) if count},
        "bucket_documents": {str(least): count for least, count in zip(BUCKET_SIZES, documents, strict=True) if count},
        "crowded": {f"{key:016x}": size for key, size in crowded},
    }
