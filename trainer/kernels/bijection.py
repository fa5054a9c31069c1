"""A shuffle that is a formula: which row comes k-th of n, different for every key, without a table.

A Feistel network of eight rounds permutes the numbers of twice `half` bits, the fewest of which there are n or more; a
number that is n or above goes through again until it is below (cycle walking: Black and Rogaway 2002), which leaves a
permutation of the n. There are fewer than 4 n numbers (4 for n = 1), so that it takes fewer than 4 turns on average.

The values are part of the format: the tests pin them. All are uint64, as numba makes a float of a uint64 and a signed
integer.
"""

import numpy as np
from numba import njit

from datapipe.kernels.hashing import finish, mix

ROUNDS = 8
"""Six leave the orders of two rows uneven over the keys."""


@njit(nogil=True, cache=True)
def half_bits(count: int) -> np.uint64:
    """Bits of half a number: the fewest h with 4 ** h >= `count`, at least 1."""
    half = np.uint64(1)
    while (np.uint64(1) << (half + half)) < np.uint64(count):
        half += np.uint64(1)
    return half


@njit(nogil=True, cache=True)
def permute(key: np.uint64, count: int, half: np.uint64, index: int) -> np.int64:
    """The row that comes at `index` of `count`, by `key`; `half` is `half_bits(count)`. `count` is below 2 ** 62."""
    mask = (np.uint64(1) << half) - np.uint64(1)
    value = np.uint64(index)
    while True:
        left, right = value >> half, value & mask
        for turn in range(ROUNDS):
            left, right = right, left ^ (finish(mix(mix(key, np.uint64(turn)), right)) & mask)
        value = (left << half) | right
        if value < np.uint64(count):
            return np.int64(value)
