"""Characters on their way into a hash: as bytes, eight at a time, so that ASCII goes in a block at once.

ASCII is as it is, any other character three bytes of seven bits each, their highest bit set.
"""

import numpy as np
from numba import njit

from datapipe.kernels.hashing import mix


@njit(nogil=True, cache=True)
def take_in(
    state: np.uint64, block: np.uint64, filled: int, value: np.uint64, count: int
) -> tuple[np.uint64, np.uint64, int]:
    """Take in the lowest `count` bytes of `value`; the others are 0. `block` holds `filled` bytes that wait."""
    block |= value << np.uint64(8 * filled)
    filled += count
    if filled < 8:
        return state, block, filled
    filled -= 8
    left = value >> np.uint64(8 * (count - filled)) if filled > 0 else np.uint64(0)
    return mix(state, block), left, filled


@njit(nogil=True, cache=True)
def take_in_character(state: np.uint64, block: np.uint64, filled: int, code: int) -> tuple[np.uint64, np.uint64, int]:
    """Take in a code point."""
    if code < 0x80:
        return take_in(state, block, filled, np.uint64(code), 1)
    sevens = (code >> 14) | (code >> 7 & 0x7F) << 8 | (code & 0x7F) << 16
    return take_in(state, block, filled, np.uint64(0x808080 | sevens), 3)


@njit(nogil=True, cache=True)
def close(state: np.uint64, block: np.uint64, filled: int) -> np.uint64:
    """The state after all that was taken in; no longer sequence of characters ends in the same way."""
    return mix(mix(state, block), np.uint64(filled))
