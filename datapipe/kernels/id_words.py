"""Ids of documents as numbers: `source/0123456789abcdef/0000000042` is a file's hash and a record."""

import numpy as np
import numpy.typing as npt
from numba import njit

_SLASH = ord("/")
_ZERO = ord("0")
_A = ord("a")


@njit(nogil=True, cache=True)
def parse_ids(offsets: npt.NDArray[np.int64], data: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint64]:
    """Rows x (hash of the file, record), read from the end of each id."""
    rows = len(offsets) - 1
    found = np.zeros((rows, 2), np.uint64)
    for row in range(rows):
        slash = offsets[row + 1] - 1
        while slash > offsets[row] and data[slash] != _SLASH:
            slash -= 1
        record = np.uint64(0)
        for i in range(slash + 1, offsets[row + 1]):
            record = record * np.uint64(10) + np.uint64(data[i] - _ZERO)
        hashed = np.uint64(0)
        for i in range(max(slash - 16, offsets[row]), slash):
            digit = data[i] - _ZERO if data[i] < _A else data[i] - _A + 10
            hashed = hashed << np.uint64(4) | np.uint64(digit)
        found[row, 0] = hashed
        found[row, 1] = record
    return found
