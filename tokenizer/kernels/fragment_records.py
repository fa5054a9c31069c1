"""Counted fragments as records of an exchange: rows of WORDS 64-bit words, all rows of a fragment under one key.

    hash of the bytes | tag, number of bytes | count | the first eight bytes
    hash of the bytes | 24 bytes more                                          as often as it takes

The rows of a fragment come one after another, and an exchange keeps the order of equal keys, so they stay together.
"""

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.hashing import hash_bytes
from tokenizer.kernels.fragment_table import ARENA_USED, BLOCK, COUNT, ENTRIES_USED, FORM, OPENING, START, FragmentTable

Records = npt.NDArray[np.uint64]
WORDS = 4
MORE_BYTES = 8 * (WORDS - 1)
_SIZE = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)


@njit(nogil=True, cache=True)
def rows_of(size: int) -> int:
    """Records of a fragment of so many bytes."""
    return 1 + max(0, size - BLOCK + MORE_BYTES - 1) // MORE_BYTES


@njit(nogil=True, cache=True)
def _size(form: np.uint64) -> int:
    """The bytes of a fragment, from the word that also tells its tag."""
    return int(np.int64(form & _SIZE))


@njit(nogil=True, cache=True)
def write_fragments(table: FragmentTable) -> Records:
    """The records of all that a table holds, in its order."""
    entries, arena = table.entries[: table.used[ENTRIES_USED]], table.arena[: table.used[ARENA_USED]]
    rows = 0
    for number in range(len(entries)):
        rows += rows_of(_size(entries[number, FORM]))
    records = np.zeros((rows, WORDS), np.uint64)
    row = 0
    for number in range(len(entries)):
        start = int(np.int64(entries[number, START]))
        end = start + _size(entries[number, FORM])
        key = hash_bytes(arena, start, end)
        records[row, 0], records[row, 1] = key, entries[number, FORM]
        records[row, 2], records[row, 3] = entries[number, COUNT], entries[number, OPENING]
        row += 1
        for place in range(start + BLOCK, end, MORE_BYTES):
            records[row, 0] = key
            for k in range(place, min(place + MORE_BYTES, end)):
                at = k - place
                records[row, 1 + (at >> 3)] |= np.uint64(arena[k]) << np.uint64(8 * (at & 7))
            row += 1
    return records


@njit(nogil=True, cache=True)
def read_fragments(records: Records) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Bytes, and rows of (first byte, end, tag, count) of the fragments that these records are."""
    fragments = row = 0
    while row < len(records):
        row += rows_of(_size(records[row, 1]))
        fragments += 1
    data = np.empty(len(records) * MORE_BYTES + BLOCK, np.uint8)
    strings = np.empty((fragments, 4), np.int64)
    row = place = 0
    for number in range(fragments):
        size = _size(records[row, 1])
        strings[number, 0], strings[number, 1] = place, place + size
        strings[number, 2], strings[number, 3] = np.int64(records[row, 1] >> _HALF), np.int64(records[row, 2])
        for k in range(min(size, BLOCK)):
            data[place + k] = records[row, 3] >> np.uint64(8 * k) & np.uint64(0xFF)
        for k in range(BLOCK, size):
            at = k - BLOCK
            word = records[row + 1 + at // MORE_BYTES, 1 + (at % MORE_BYTES >> 3)]
            data[place + k] = word >> np.uint64(8 * (at & 7)) & np.uint64(0xFF)
        row += rows_of(size)
        place += size
    return data[:place], strings
