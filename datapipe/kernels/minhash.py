"""Signatures of sets of 32-bit hashes (Broder 1997), value for value those of datasketch 2, scheme `affine32`."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.shingles import Hashes, Offsets

SEED = 1
"""Of the permutations: the default of datasketch."""

_HIGHEST = np.uint32(2**32 - 1)
_FINISH_1, _FINISH_2 = np.uint32(0x85EBCA6B), np.uint32(0xC2B2AE35)  # the 32-bit finisher of MurmurHash3 (Appleby)


def signatures(lists: Offsets, hashes: Hashes, permutations: int) -> npt.NDArray[np.uint32]:
    """The signature of every list, shape (lists, permutations); of an empty one the greatest value throughout.

    How often a value occurs does not count, nor in which order.
    """
    return _sign(lists, hashes, *permutation_factors(permutations))


@lru_cache(maxsize=16)
def permutation_factors(permutations: int) -> tuple[Hashes, Hashes]:
    """Factors (odd) and summands of the permutations h -> factor * h + summand mod 2**32, drawn as datasketch does."""
    generator = np.random.RandomState(SEED)
    factors = generator.randint(0, 2**31, permutations, np.uint32) * np.uint32(2) + np.uint32(1)
    return factors, generator.randint(0, 2**32, permutations, np.uint32)


@njit(nogil=True, cache=True)
def _sign(lists: Offsets, hashes: Hashes, factors: Hashes, summands: Hashes) -> npt.NDArray[np.uint32]:
    """Permutations outside, values inside: that loop is one of vectors."""
    found = np.empty((len(lists) - 1, len(factors)), np.uint32)
    size = 0
    for row in range(len(lists) - 1):
        size = max(size, lists[row + 1] - lists[row])
    mixed = np.empty(size, np.uint32)
    for row in range(len(lists) - 1):
        first, count = lists[row], lists[row + 1] - lists[row]
        for k in range(count):
            mixed[k] = _finish(hashes[first + k])
        for place in range(len(factors)):
            factor, summand, least = factors[place], summands[place], _HIGHEST
            for k in range(count):
                least = min(least, np.uint32(factor * mixed[k] + summand))
            found[row, place] = least
    return found


@njit(nogil=True, cache=True)
def _finish(value: np.uint32) -> np.uint32:
    """Spread the bits of a hash over all of them, one-to-one."""
    value = np.uint32((value ^ (value >> np.uint32(16))) * _FINISH_1)
    value = np.uint32((value ^ (value >> np.uint32(13))) * _FINISH_2)
    return np.uint32(value ^ (value >> np.uint32(16)))
