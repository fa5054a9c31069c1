"""Signatures of sets of 32-bit hashes (Broder 1997), value for value those of datasketch 2, scheme `affine32`."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.shingles import Hashes, Offsets

SEED = 1
"""Of the permutations: the default of datasketch."""

_BLOCK = 4096
"""Values that are permuted together: 16 KiB, which stay close to the processor."""
_VECTOR = 64
"""Values that a compiled loop takes at once at most: four vectors of 512 bits."""
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
def _sign(lists: Offsets, hashes: Hashes, factors: Hashes, summands: Hashes) -> Hashes:
    """A block of values after the other: permutations outside, values inside, in a loop of vectors."""
    found = np.full((len(lists) - 1, len(factors)), _HIGHEST)
    mixed = np.empty(_BLOCK, np.uint32)
    for row in range(len(lists) - 1):
        for first in range(lists[row], lists[row + 1], _BLOCK):
            count = min(_BLOCK, lists[row + 1] - first)
            for k in range(count):
                mixed[k] = _finish(hashes[first + k])
            # Up to whole vectors the first value stands again, which changes no minimum.
            padded = (count + _VECTOR - 1) // _VECTOR * _VECTOR
            mixed[count:padded] = mixed[0]
            for place in range(len(factors)):
                factor, summand, least = factors[place], summands[place], found[row, place]
                for k in range(padded):
                    least = min(least, np.uint32(factor * mixed[k] + summand))
                found[row, place] = least
    return found


@njit(nogil=True, cache=True)
def _finish(value: np.uint32) -> np.uint32:
    """Spread the bits of a hash over all of them, one-to-one."""
    value = np.uint32((value ^ (value >> np.uint32(16))) * _FINISH_1)
    value = np.uint32((value ^ (value >> np.uint32(13))) * _FINISH_2)
    return np.uint32(value ^ (value >> np.uint32(16)))
