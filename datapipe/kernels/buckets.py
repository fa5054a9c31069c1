"""Documents with an equal band: the ties of each to the first of them, and how many there are."""

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.partitions import Records

Counts = npt.NDArray[np.int64]


@njit(nogil=True, cache=True)
def tie_buckets(records: Records, outside: np.uint64, classes: Counts, crowd: int) -> tuple[int, Counts, Records]:
    """Make records (band key, row key), sorted, into ties (row key, least row key of the bucket), in place.

    Buckets of one document make none, nor those whose row keys are all at least `outside`. Returned are the number of
    ties, which stand in front; how many buckets, and documents in them, there are of every class (sizes from
    `classes[i]` on; shape (2, classes)); and of buckets of more than `crowd` documents the key and the size.
    """
    counts = np.zeros((2, len(classes)), np.int64)
    crowded = np.empty((len(records) // (crowd + 1), 2), np.uint64)
    ties = crowds = start = 0
    while start < len(records):
        key, least, end = records[start, 0], records[start, 1], start + 1
        while end < len(records) and records[end, 0] == key:
            end += 1
        size = end - start
        if size > 1 and least < outside:
            for row in range(start + 1, end):  # ties <= start: what is overwritten has been read
                records[ties, 0], records[ties, 1] = records[row, 1], least
                ties += 1
            size_class = np.searchsorted(classes, size, "right") - 1
            counts[0, size_class] += 1
            counts[1, size_class] += size
            if size > crowd:
                crowded[crowds, 0], crowded[crowds, 1] = key, size
                crowds += 1
        start = end
    return ties, counts, crowded[:crowds].copy()


@njit(nogil=True, cache=True)
def move_unique(records: Records) -> int:
    """Move the different ones of sorted records to the front; their number."""
    found = 0
    for row in range(len(records)):
        is_new = row == 0
        for word in range(records.shape[1]):
            is_new = is_new or records[row, word] != records[found - 1, word]
        if is_new:
            records[found] = records[row]
            found += 1
    return found
