"""How often each 64-bit key occurs: a hash table that one count after the other uses without clearing it.

Each count (the lines of a document, then its words, then its pairs of words ...) is a *generation*: a slot filled by an
earlier one is free. A count takes as many of the table's slots as it needs, so a short document stays in the cache of
the processor whatever the size of the table::

    table = KeyCounts(...)
    mask = begin(table, keys)              # a new count of at most so many keys
    slot = count_key(table, mask, key)     # the number of the slot stands for the key until the next `begin`
    occurrences(table, slot)
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio: multiplicative hashing, Knuth, TAOCP 3, section 6.4
_HALF = np.uint64(32)
_ONE = np.uint64(1)
_COUNT = np.uint64((1 << 31) - 1)
_MARK = np.uint64(1 << 31)


class KeyCounts(NamedTuple):
    """The table. Slot k is `slots[2 k]`, a key, and `slots[2 k + 1]`: generation, one bit for `mark`, 31 of count."""

    slots: npt.NDArray[np.uint64]
    generation: npt.NDArray[np.uint64]
    """One number: the generation of the running count."""


@njit(nogil=True, cache=True)
def new_key_counts(keys: int) -> KeyCounts:
    """A table for counts of up to so many keys."""
    return KeyCounts(np.zeros(2 * _slots_for(keys), np.uint64), np.zeros(1, np.uint64))


@njit(nogil=True, cache=True)
def has_room(table: KeyCounts, keys: int) -> bool:
    """Whether up to so many keys can be counted."""
    return len(table.slots) >= 2 * _slots_for(keys)


@njit(nogil=True, cache=True)
def begin(table: KeyCounts, keys: int) -> np.uint64:
    """Start a count of at most so many keys, for which there must be room; returns the mask that `count_key` takes."""
    table.generation[0] += _ONE
    return np.uint64(_slots_for(keys) - 1)


@njit(nogil=True, cache=True)
def _slots_for(keys: int) -> int:
    """A power of two of which at most three quarters get filled, so that probing stays short."""
    slots = 16
    while 3 * slots < 4 * keys:
        slots *= 2
    return slots


@njit(nogil=True, cache=True)
def count_key(table: KeyCounts, mask: np.uint64, key: np.uint64) -> np.uint64:
    """Add one to the count of `key`; returns its slot."""
    slots, generation = table.slots, table.generation[0]
    slot = (key * _SPREAD) >> _HALF & mask
    while slots[slot + slot + _ONE] >> _HALF == generation and slots[slot + slot] != key:
        slot = (slot + _ONE) & mask
    # Found or free is anyone's guess, for the processor too: both are written the same way, without a branch.
    entry = slots[slot + slot + _ONE]
    slots[slot + slot] = key
    slots[slot + slot + _ONE] = (entry if entry >> _HALF == generation else generation << _HALF) + _ONE
    return slot


@njit(nogil=True, cache=True)
def occurrences(table: KeyCounts, slot: np.uint64) -> int:
    """How often the key of this slot was counted."""
    return int(np.int64(table.slots[slot + slot + _ONE] & _COUNT))


@njit(nogil=True, cache=True)
def mark(table: KeyCounts, slot: np.uint64) -> bool:
    """Mark the key of this slot; returns whether it was marked before."""
    entry = table.slots[slot + slot + _ONE]
    table.slots[slot + slot + _ONE] = entry | _MARK
    return bool(entry & _MARK)
