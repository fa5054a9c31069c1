"""Strings -> their numbers: an open-addressed table that compares bytes, over an arena of the strings themselves."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.hashing import hash_bytes

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]


class StringTable(NamedTuple):
    """String k is data[offsets[k]:offsets[k + 1]]."""

    slots: npt.NDArray[np.int32]
    """k, or -1; a power of two of them, at most half filled."""
    data: Bytes
    offsets: Places


@njit(nogil=True, cache=True)
def new_string_table(data: Bytes, offsets: Places) -> StringTable:
    """The table of these strings, no two of which are equal."""
    size = 16
    while size < 2 * len(offsets):
        size *= 2
    table = StringTable(np.full(size, -1, np.int32), data, offsets)
    mask = np.uint64(size - 1)
    for k in range(len(offsets) - 1):
        slot = hash_bytes(data, offsets[k], offsets[k + 1]) & mask
        while table.slots[slot] >= 0:
            slot = (slot + np.uint64(1)) & mask
        table.slots[slot] = k
    return table


@njit(nogil=True, cache=True)
def find_string(table: StringTable, data: Bytes, start: int, end: int) -> int:
    """The number of the string data[start:end]; -1 where it is none of the table's."""
    mask = np.uint64(len(table.slots) - 1)
    slot = hash_bytes(data, start, end) & mask
    while table.slots[slot] >= 0:
        k = int(table.slots[slot])
        if _is_string(table, k, data, start, end):
            return k
        slot = (slot + np.uint64(1)) & mask
    return -1


@njit(nogil=True, cache=True)
def _is_string(table: StringTable, k: int, data: Bytes, start: int, end: int) -> bool:
    first = table.offsets[k]
    if table.offsets[k + 1] - first != end - start:
        return False
    for i in range(end - start):  # noqa: SIM110  # numba takes no generators
        if table.data[first + i] != data[start + i]:
            return False
    return True
