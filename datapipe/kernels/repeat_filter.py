"""Which of many keys may occur more than once, from two bits each: the others need no place in a hash table.

A cell remembers whether it was noted never, once, or more often. Keys that share a cell with another key are taken for
repeated, a few in a hundred; a key that repeats is never missed. The cells of a document stay in the fastest cache, and
no step waits for a guess of the processor::

    shift = clear(cells, count)
    for key in keys: note(cells, shift, key)
    for key in keys: is_noted_twice(cells, shift, key)
"""

import numpy as np
import numpy.typing as npt
from numba import njit

Cells = npt.NDArray[np.uint64]
"""Cells of two bits, 32 in a number: 0 never noted, 1 once, 3 more often."""

_CELLS_PER_KEY = 16
_CELLS_PER_NUMBER = 32
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio, as in `key_counts`
_ONE = np.uint64(1)
_FIVE = np.uint64(5)
_LOWEST_FIVE = np.uint64(31)


@njit(nogil=True, cache=True)
def new_cells(keys: int) -> Cells:
    """Cells for up to so many keys. They must be cleared before use."""
    return np.empty((1 << _bits_for(keys)) // _CELLS_PER_NUMBER, np.uint64)


@njit(nogil=True, cache=True)
def _bits_for(keys: int) -> int:
    """The logarithm of the number of cells."""
    bits = 5
    while 1 << bits < _CELLS_PER_KEY * keys:
        bits += 1
    return bits


@njit(nogil=True, cache=True)
def clear(cells: Cells, keys: int) -> np.uint64:
    """Forget what was noted, as far as so many keys need cells; returns the `shift` that the others take."""
    bits = _bits_for(keys)
    cells[: (1 << bits) // _CELLS_PER_NUMBER] = 0
    return np.uint64(64 - bits)


@njit(nogil=True, cache=True)
def note(cells: Cells, shift: np.uint64, key: np.uint64) -> None:
    """Note a key."""
    cell = key * _SPREAD >> shift
    place = (cell & _LOWEST_FIVE) << _ONE
    number = cells[cell >> _FIVE]
    was_noted = number >> place & _ONE
    cells[cell >> _FIVE] = number | (_ONE | was_noted << _ONE) << place


@njit(nogil=True, cache=True)
def is_noted_twice(cells: Cells, shift: np.uint64, key: np.uint64) -> int:
    """1 if the key was noted more than once, or shares its cell; 0 if it certainly was not."""
    cell = key * _SPREAD >> shift
    place = ((cell & _LOWEST_FIVE) << _ONE) + _ONE
    return int(np.int64(cells[cell >> _FIVE] >> place & _ONE))
