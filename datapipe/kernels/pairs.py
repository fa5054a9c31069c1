"""Records found by their first two words."""

import numpy as np
import numpy.typing as npt
from numba import njit


@njit(nogil=True, cache=True)
def find_pairs(ordered: npt.NDArray[np.uint64], pairs: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """The row of `ordered` (ascending by columns 0 and 1) that begins with each pair, -1 where there is none."""
    found = np.full(len(pairs), -1, np.int64)
    for row in range(len(pairs)):
        low, high = 0, len(ordered)
        while low < high:
            middle = (low + high) // 2
            is_before = ordered[middle, 0] < pairs[row, 0] or (
                ordered[middle, 0] == pairs[row, 0] and ordered[middle, 1] < pairs[row, 1]
            )
            if is_before:
                low = middle + 1
            else:
                high = middle
        if low < len(ordered) and ordered[low, 0] == pairs[row, 0] and ordered[low, 1] == pairs[row, 1]:
            found[row] = low
    return found
