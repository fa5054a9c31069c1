"""The reduce tasks over bands: which documents have one in common."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from datapipe.dedup.near.parts import most_of_a_part
from datapipe.dedup.near.records import BAND_WORDS, TIE_WORDS, NearForm
from datapipe.dedup.near.row_keys import EARLIER
from datapipe.dedup.near.task_keys import TaskKey
from datapipe.exchange import Split
from datapipe.exchange_files import Slice, read_slices, write_records
from datapipe.receipts import Receipt, Stopwatch

BUCKET_SIZES = (2, 3, 5, 10, 100, 1_000, 10_000, 100_000, 1_000_000)
"""Least sizes of the classes of buckets that receipts count."""


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

    Each member but the one with the least row key is tied to that one; equal ties of a partition are written once.
    `figures`: `{"buckets": {least size of the class: buckets}, "bucket_documents": {the same: documents}, "crowded":
    {band key in hex: documents}}`, the last for buckets of more documents than are compared together
    (`datapipe.dedup.near.parts`). `rows_in`: band records, `rows_out`: ties.
    """
    from datapipe.kernels.buckets import move_unique, tie_buckets
    from datapipe.kernels.record_sort import sort_records

    done = task.key.finished()
    if done is not None:
        return done
    watch = Stopwatch()
    records = sort_records(read_slices(task.slices, BAND_WORDS), BAND_WORDS)
    documents = len(records)
    count, sizes, crowded = tie_buckets(records, np.uint64(EARLIER), np.array(BUCKET_SIZES), most_of_a_part(task.form))
    ties = sort_records(records[:count], TIE_WORDS)
    del records  # of which ties are a copy: two of 256 MiB are enough
    ties = ties[: move_unique(ties)]
    output = write_records(task.key.path(), ties, task.split.partition(ties[:, 0]), task.split.count)
    figures = {
        "buckets": _by_class(sizes[0]),
        "bucket_documents": _by_class(sizes[1]),
        "crowded": {f"{key:016x}": size for key, size in crowded.tolist()},
    }
    return task.key.leave(watch, [output], rows_in=documents, rows_out=len(ties), figures=figures)


def _by_class(counts: npt.NDArray[np.int64]) -> dict[str, int]:
    """Without classes of which there is none."""
    return {str(least): count for least, count in zip(BUCKET_SIZES, counts.tolist(), strict=True) if count}
