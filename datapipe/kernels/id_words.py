"""Ids of documents as numbers: `source/0123456789abcdef/0000000042` is a file's hash and a record."""

import numpy as np
import numpy.typing as npt
from numba import njit

_SLASH = ord("/")
_ZERO = ord("0")
_A = ord("a")
_HEX_DIGITS = 16
_DIGITS = 10
"""Of a record, at least."""


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


@njit(nogil=True, cache=True)
def write_ids(
    ranks: npt.NDArray[np.int64],
    hashed: npt.NDArray[np.uint64],
    records: npt.NDArray[np.uint64],
    names: npt.NDArray[np.int64],
    letters: npt.NDArray[np.uint8],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Offsets and bytes of the ids; source number k is `letters[names[k]:names[k + 1]]`."""
    offsets = np.zeros(len(ranks) + 1, np.int64)
    for row in range(len(ranks)):
        name = names[ranks[row] + 1] - names[ranks[row]]
        offsets[row + 1] = offsets[row] + name + _HEX_DIGITS + 2 + _digits(records[row])
    data = np.empty(offsets[-1], np.uint8)
    for row in range(len(ranks)):
        at, rank = offsets[row], ranks[row]
        for i in range(names[rank], names[rank + 1]):
            data[at] = letters[i]
            at += 1
        data[at] = data[at + _HEX_DIGITS + 1] = _SLASH
        value = hashed[row]
        for i in range(at + _HEX_DIGITS, at, -1):
            digit = np.int64(value & np.uint64(15))
            data[i] = _ZERO + digit if digit < 10 else _A + digit - 10
            value >>= np.uint64(4)
        value = records[row]
        for i in range(offsets[row + 1] - 1, at + _HEX_DIGITS + 1, -1):
            data[i] = _ZERO + np.int64(value % np.uint64(10))
            value //= np.uint64(10)
    return offsets, data


@njit(nogil=True, cache=True)
def _digits(value: np.uint64) -> int:
    count = 0
    while value:
        value //= np.uint64(10)
        count += 1
    return max(count, _DIGITS)
