"""Which partition a record of an exchange belongs to, and records put in the order of their partitions.

Records are rows of 64-bit words, a key first. A partition is a range of keys, so that the order of partitions is the
order of keys and any number of partitions divides hashes evenly.
"""

import numpy as np
import numpy.typing as npt
from numba import njit

Records = npt.NDArray[np.uint64]
"""Shape (rows, words), the key in column 0."""
Partitions = npt.NDArray[np.uint32]
"""One number per record."""

_HALF = np.uint64(32)
_LOW_HALF = np.uint64(0xFFFFFFFF)


@njit(nogil=True, cache=True)
def partition_of(keys: npt.NDArray[np.uint64], count: int) -> Partitions:
    """The partition of each key, of `count` (at most 2**32) that divide the keys: the high 64 bits of key * count.

    The partition of a key among a * b ones, divided by b, is its partition among a.
    """
    partition = np.empty(len(keys), np.uint32)
    factor = np.uint64(count)
    for row in range(len(keys)):
        low = ((keys[row] & _LOW_HALF) * factor) >> _HALF
        partition[row] = ((keys[row] >> _HALF) * factor + low) >> _HALF
    return partition


@njit(nogil=True, cache=True)
def partition_starts(partition: Partitions, count: int) -> npt.NDArray[np.int64]:
    """The row at which each of `count` partitions begins once records are in order; then the number of records."""
    starts = np.zeros(count + 1, np.int64)
    for row in range(len(partition)):
        starts[partition[row] + 1] += 1
    return np.cumsum(starts)


@njit(nogil=True, cache=True)
def in_partitions(records: Records, partition: Partitions, starts: npt.NDArray[np.int64]) -> Records:
    """The records in the order of their partitions; inside one as they came."""
    ordered = np.empty_like(records)
    free = starts.copy()
    for row in range(len(records)):
        place = free[partition[row]]
        free[partition[row]] += 1
        for word in range(records.shape[1]):
            ordered[place, word] = records[row, word]
    return ordered
