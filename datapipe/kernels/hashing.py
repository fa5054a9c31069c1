"""The one 64-bit hash used inside kernels: multiply and mix, the same on every machine, run and version.

It is part of the format (signatures, exchanges), so its values are pinned in the tests and never change. It is fast
and spreads well, and it is not cryptographic. Whole documents are hashed by xxh3 instead.

A sequence of 64-bit values is hashed as `finish(mix(mix(SEED, first), second))`; bytes by `hash_bytes`. All values are
`np.uint64`: numba turns a uint64 combined with a signed integer into a float.
"""

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.ascii_blocks import read_block

SEED = np.uint64(0x9E3779B97F4A7C15)
"""Where a hash starts: 2**64 divided by the golden ratio."""

_MULTIPLIER = np.uint64(0xD6E8FEB86659FD93)  # odd, from the rrmxmx mixer (Evensen 2018)
_FINISH_1 = np.uint64(0xFF51AFD7ED558CCD)  # these two: the 64-bit finisher of MurmurHash3 (Appleby)
_FINISH_2 = np.uint64(0xC4CEB9FE1A85EC53)


@njit(nogil=True, cache=True)
def mix(state: np.uint64, value: np.uint64) -> np.uint64:
    """`state` after taking in one 64-bit value: one-to-one in each of the two."""
    state = (state ^ value) * _MULTIPLIER
    return state ^ (state >> np.uint64(32))


@njit(nogil=True, cache=True)
def finish(state: np.uint64) -> np.uint64:
    """The hash of what `state` took in: every bit of it depends on every bit of the state."""
    state = (state ^ (state >> np.uint64(33))) * _FINISH_1
    state = (state ^ (state >> np.uint64(33))) * _FINISH_2
    return state ^ (state >> np.uint64(33))


@njit(nogil=True, cache=True)
def hash_bytes(data: npt.NDArray[np.uint8], start: int, end: int) -> np.uint64:
    """Hash of `data[start:end]`: eight bytes at a time, lowest first, then the zero to seven left with their number."""
    return finish(take_in_bytes(data, start, end))


@njit(nogil=True, cache=True)
def take_in_bytes(data: npt.NDArray[np.uint8], start: int, end: int) -> np.uint64:
    """What `hash_bytes` finishes. It tells bytes apart as well as the hash does, its bits are spread less evenly."""
    left = (end - start) & 7
    tail = end - left
    value = np.uint64(left) << np.uint64(56)
    if tail + 8 <= len(data):
        value |= read_block(data, np.uint64(tail)) & ((np.uint64(1) << np.uint64(8 * left)) - np.uint64(1))
    else:
        for i in range(left):
            value |= np.uint64(data[tail + i]) << np.uint64(8 * i)
    # The tail is read first: were `data` last used in a branch, numba would count references to it in every call.
    state = SEED
    while start < tail:
        state = mix(state, read_block(data, np.uint64(start)))
        start += 8
    return mix(state, value)
