"""What two documents have in common: shingles, values of their signatures, bands."""

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.packed_sets import Hashes, Offsets

Pairs = npt.NDArray[np.int64]
"""Shape (pairs, 2): numbers of documents."""


@njit(nogil=True, cache=True)
def common_hashes(pairs: Pairs, lists: Offsets, hashes: Hashes) -> npt.NDArray[np.int64]:
    """How many values the two sets of each pair share; sets are rising lists."""
    found = np.empty(len(pairs), np.int64)
    for number in range(len(pairs)):
        one, other = pairs[number]
        found[number] = _common(hashes[lists[one] : lists[one + 1]], hashes[lists[other] : lists[other + 1]])
    return found


@njit(nogil=True, cache=True)
def _common(one: Hashes, other: Hashes) -> int:
    count = i = j = 0
    while i < len(one) and j < len(other):
        left, right = one[i], other[j]  # no branch depends on them: which is less cannot be foretold
        count += left == right
        i += left <= right
        j += right <= left
    return count


@njit(nogil=True, cache=True)
def equal_values(
    pairs: Pairs, signatures: npt.NDArray[np.uint32], bands: int, rows: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """How many values, and how many bands of `rows` values, are equal in the two signatures of each pair."""
    values, hit = np.zeros(len(pairs), np.int64), np.zeros(len(pairs), np.int64)
    for number in range(len(pairs)):
        one, other = signatures[pairs[number, 0]], signatures[pairs[number, 1]]
        for band in range(bands):
            equal = 0
            for place in range(band * rows, band * rows + rows):
                equal += one[place] == other[place]
            values[number] += equal
            hit[number] += equal == rows
    return values, hit
