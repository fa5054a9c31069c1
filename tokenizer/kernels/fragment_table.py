"""A hash table of byte strings and their counts, compared byte for byte: 64-bit counts, bounded memory.

A key is a string with a *tag*, a number below 2**32 that says what is counted. Strings of up to eight bytes, which most
are, are compared as one number and read from nowhere else.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.ascii_blocks import read_block
from datapipe.kernels.hashing import hash_bytes

BLOCK = 8
_HALF = np.uint64(32)
_LOW_HALF = np.uint64(0xFFFFFFFF)
_ONE = np.uint64(1)
_FULL = np.uint64(0xFFFFFFFFFFFFFFFF)
FORM, COUNT, OPENING, START = 0, 1, 2, 3
"""Words of an entry: tag and number of bytes, count, the first eight bytes, where all of them begin in the arena."""
ENTRY_WORDS = 4
ENTRIES_USED, ARENA_USED = 0, 1


class FragmentTable(NamedTuple):
    """The table, as kernels read it."""

    slots: npt.NDArray[np.uint64]
    """High half of the hash, and number of the entry plus one; 0: free. A power of two, half full at most."""
    entries: npt.NDArray[np.uint64]
    """Shape (entries, ENTRY_WORDS), in the order they came."""
    arena: npt.NDArray[np.uint8]
    """The bytes of all strings."""
    used: npt.NDArray[np.int64]
    """How many entries and how many bytes of the arena are in use."""


def new_table(entries: int, arena_bytes: int) -> FragmentTable:
    """An empty table with room for so many strings (a power of two), of so many bytes."""
    return FragmentTable(
        np.zeros(2 * entries, np.uint64),
        np.empty((entries, ENTRY_WORDS), np.uint64),
        np.empty(arena_bytes, np.uint8),
        np.zeros(2, np.int64),
    )


def grown(table: FragmentTable, entries: int, arena_bytes: int) -> FragmentTable:
    """The same strings and counts with more room."""
    new = new_table(entries, arena_bytes)
    count, size = table.used.tolist()
    new.entries[:count] = table.entries[:count]
    new.arena[:size] = table.arena[:size]
    new.used[:] = table.used
    _fill_slots(table.slots, new.slots)
    return new


@njit(nogil=True, cache=True)
def _fill_slots(old: npt.NDArray[np.uint64], new: npt.NDArray[np.uint64]) -> None:
    mask = np.uint64(len(new) - 1)
    for value in old:
        if value:
            slot = value >> _HALF & mask
            while new[slot]:
                slot = (slot + _ONE) & mask
            new[slot] = value


@njit(nogil=True, cache=True)
def add_strings(table: FragmentTable, data: npt.NDArray[np.uint8], strings: npt.NDArray[np.int64]) -> int:
    """Add up strings of `data`, rows of (first byte, end, tag, count); returns how many, all unless there is no room.

    No string is empty.
    """
    # One flat loop over plain arrays: numba counts references in every call that it cannot see through.
    slots, entries, arena, used = table.slots, table.entries, table.arena, table.used
    mask = np.uint64(len(slots) - 1)
    for row in range(len(strings)):
        start = strings[row, 0]
        size = strings[row, 1] - start
        form = np.uint64(strings[row, 2]) << _HALF | np.uint64(size)
        block = opening(data, start, size)
        high = hash_bytes(data, start, start + size) >> _HALF
        slot = high & mask
        while True:
            value = slots[slot]
            if value == 0:
                number, place = used[ENTRIES_USED], used[ARENA_USED]
                if number == len(entries) or place + size > len(arena):
                    return row
                slots[slot] = high << _HALF | np.uint64(number + 1)
                entries[number, FORM], entries[number, COUNT] = form, np.uint64(strings[row, 3])
                entries[number, OPENING], entries[number, START] = block, np.uint64(place)
                for k in range(size):
                    arena[place + k] = data[start + k]
                used[ENTRIES_USED], used[ARENA_USED] = number + 1, place + size
                break
            entry = (value & _LOW_HALF) - _ONE
            if value >> _HALF == high and entries[entry, FORM] == form and entries[entry, OPENING] == block:
                at, place = BLOCK, np.int64(entries[entry, START])
                while at < size and arena[place + at] == data[start + at]:
                    at += 1
                if at >= size:
                    entries[entry, COUNT] += np.uint64(strings[row, 3])
                    break
            slot = (slot + _ONE) & mask
    return len(strings)


@njit(nogil=True, cache=True)
def opening(data: npt.NDArray[np.uint8], start: int, size: int) -> np.uint64:
    """The first eight bytes of a string of `size` bytes as a number, the first lowest; zeros where it is shorter."""
    if start + BLOCK <= len(data):
        block = read_block(data, np.uint64(start))
        return block if size >= BLOCK else block & (_FULL >> np.uint64(64 - 8 * size))
    block = np.uint64(0)
    for k in range(min(size, BLOCK)):
        block |= np.uint64(data[start + k]) << np.uint64(8 * k)
    return block
