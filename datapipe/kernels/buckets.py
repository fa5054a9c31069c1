"""Documents with an equal band: the ties of each to the first of them, and how many there are."""

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.partitions import Records

Counts = npt.NDArray[np.int64]


@njit(nogil=True, cache=True)
def tie_buckets(heads: Records, records: Records, outside: np.uint64) -> tuple[int, Records]:
    """Make records (band key, row key), sorted, into ties (row key, least row key of the bucket), in place.

    `heads` are the buckets of the records before these, whose row keys were lesser: (band key, least row key,
    documents), sorted. Buckets of one document make no ties, nor those whose row keys are all at least `outside`.
    Returned are the number of ties, which stand in front, and the heads of all buckets.
    """
    found = np.empty((len(heads) + _count_keys(records), 3), np.uint64)
    ties = buckets = head = start = 0
    while start < len(records):
        key, end = records[start, 0], start
        while head < len(heads) and heads[head, 0] < key:
            found[buckets] = heads[head]
            buckets += 1
            head += 1
        is_known = head < len(heads) and heads[head, 0] == key
        least, size = (heads[head, 1], heads[head, 2]) if is_known else (records[start, 1], np.uint64(0))
        head += is_known
        while end < len(records) and records[end, 0] == key:
            row = records[end, 1]
            if row != least and least < outside:
                records[ties, 0], records[ties, 1] = row, least  # ties <= end: what is overwritten has been read
                ties += 1
            end += 1
        found[buckets, 0], found[buckets, 1], found[buckets, 2] = key, least, size + np.uint64(end - start)
        buckets += 1
        start = end
    rest = len(heads) - head
    found[buckets : buckets + rest] = heads[head:]
    return ties, found[: buckets + rest]


@njit(nogil=True, cache=True)
def _count_keys(records: Records) -> int:
    count = min(len(records), 1)
    for row in range(1, len(records)):
        count += records[row, 0] != records[row - 1, 0]
    return count


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
