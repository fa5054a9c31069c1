"""Connected parts by union-find over numbers: of two roots the greater one is tied to the lesser (Tarjan 1975)."""

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.partitions import Records

Numbers = npt.NDArray[np.uint32]
Keys = npt.NDArray[np.uint64]
Counts = npt.NDArray[np.int64]


@njit(nogil=True, cache=True)
def join(parents: Numbers, ties: Records, firsts: Keys, offsets: Counts) -> None:
    """Join both ends of every tie, given by their keys.

    Row keys from `firsts[i]` (rising) on are numbers from `offsets[i]` on. A parent is never greater than its child.
    """
    for tie in range(len(ties)):
        one = _root(parents, number_of(ties[tie, 0], firsts, offsets))
        other = _root(parents, number_of(ties[tie, 1], firsts, offsets))
        if one != other:
            parents[max(one, other)] = min(one, other)


@njit(nogil=True, cache=True)
def number_of(key: np.uint64, firsts: Keys, offsets: Counts) -> int:
    """The number that a key stands for."""
    holder = np.searchsorted(firsts, key, "right") - 1
    return int(offsets[holder] + np.int64(key - firsts[holder]))


@njit(nogil=True, cache=True)
def _root(parents: Numbers, number: int) -> int:
    """The number at the end of all parents; on the way every other one is passed over from now on."""
    while parents[number] != number:
        parents[number] = parents[parents[number]]
        number = int(parents[number])
    return number


@njit(nogil=True, cache=True)
def flatten(parents: Numbers) -> Numbers:
    """Make roots of all parents; how many numbers each root has, itself with them, and 0 for all others."""
    sizes = np.zeros(len(parents), np.uint32)
    for number in range(len(parents)):
        parents[number] = parents[parents[number]]  # a root by now: parents stand before their children
        sizes[parents[number]] += np.uint32(1)
    return sizes


@njit(nogil=True, cache=True)
def labels_between(parents: Numbers, sizes: Numbers, firsts: Keys, offsets: Counts, start: int, end: int) -> Records:
    """(key, key of the root, numbers of the root) of those numbers from `start` to `end` that are not alone."""
    found = 0
    for number in range(start, end):
        found += sizes[parents[number]] > 1
    labels = np.empty((found, 3), np.uint64)
    row = 0
    for number in range(start, end):
        root = parents[number]
        if sizes[root] > 1:
            labels[row, 0] = _key(number, firsts, offsets)
            labels[row, 1] = _key(root, firsts, offsets)
            labels[row, 2] = sizes[root]
            row += 1
    return labels


@njit(nogil=True, cache=True)
def _key(number: int, firsts: Keys, offsets: Counts) -> np.uint64:
    holder = np.searchsorted(offsets, np.int64(number), "right") - 1
    key: np.uint64 = firsts[holder] + np.uint64(number - offsets[holder])
    return key
