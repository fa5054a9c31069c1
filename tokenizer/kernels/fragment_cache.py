"""Fragment of text -> its ids, exactly: bytes are compared, and what it holds never changes what comes out.

Records lie one behind another in an arena: length of the key and number of ids, two int32; the key, filled up to
whole blocks of eight bytes; the ids. When the arena or the table is full all is forgotten, and filling begins again.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.ascii_blocks import read_block
from datapipe.kernels.hashing import hash_bytes
from tokenizer.kernels.characters import Bytes, Places

LONGEST = 64
"""Bytes of the longest fragment that is kept: longer ones hardly come back."""
_ONE = np.uint64(1)


class FragmentCache(NamedTuple):
    """One thread at a time may use it."""

    slots: npt.NDArray[np.uint64]
    """Slot k is slots[2 k], the hash of a key, and slots[2 k + 1], the place of its record; 0 where it is free."""
    arena: Bytes
    words: npt.NDArray[np.int32]
    """The same memory."""
    state: Places
    """Place behind the last record, and number of records."""


def new_fragment_cache(slots: int, arena_bytes: int) -> FragmentCache:
    """An empty cache; `slots` is a power of two, `arena_bytes` a multiple of 8."""
    arena = np.zeros(arena_bytes, np.uint8)
    return FragmentCache(np.zeros(2 * slots, np.uint64), arena, arena.view(np.int32), np.array([8, 0], np.int64))


@njit(nogil=True, cache=True)
def fragment_hash(data: Bytes, start: int, end: int) -> np.uint64:
    """What a fragment is found by."""
    return hash_bytes(data, start, end)


@njit(nogil=True, cache=True)
def find_fragment(
    slots: npt.NDArray[np.uint64],
    arena: Bytes,
    words: npt.NDArray[np.int32],
    hash_: np.uint64,
    data: Bytes,
    start: int,
    end: int,
) -> int:
    """Place of the fragment's record in a cache, given as its arrays; 0 where it has none."""
    mask = np.uint64(len(slots) // 2 - 1)
    slot = hash_ & mask
    while slots[slot + slot + _ONE] != 0:
        if slots[slot + slot] == hash_:
            place = int(np.int64(slots[slot + slot + _ONE]))
            if words[place >> 2] == end - start and _has_key(arena, place + 8, data, start, end):
                return place
        slot = (slot + _ONE) & mask
    return 0


@njit(nogil=True, cache=True)
def _has_key(arena: Bytes, at: int, data: Bytes, start: int, end: int) -> bool:
    while end - start >= 8:
        if read_block(arena, np.uint64(at)) != read_block(data, np.uint64(start)):
            return False
        at += 8
        start += 8
    while start < end:
        if arena[at] != data[start]:
            return False
        at += 1
        start += 1
    return True


@njit(nogil=True, cache=True)
def keep_fragment(
    cache: FragmentCache,
    hash_: np.uint64,
    data: Bytes,
    start: int,
    end: int,
    ids: npt.NDArray[np.int32],
    first: int,
    behind: int,
) -> None:
    """Keep the fragment, which has no record, with ids[first:behind]."""
    length, count = end - start, behind - first
    size = 8 + (length + 7) // 8 * 8 + (4 * count + 7) // 8 * 8
    if size > len(cache.arena) - 8:
        return
    if cache.state[0] + size > len(cache.arena) or 4 * cache.state[1] > len(cache.slots):
        cache.slots[:] = 0
        cache.state[0], cache.state[1] = 8, 0
    place = cache.state[0]
    cache.words[place >> 2], cache.words[(place >> 2) + 1] = length, count
    for i in range(length):
        cache.arena[place + 8 + i] = data[start + i]
    at = record_ids(place, length)
    for k in range(count):
        cache.words[at + k] = ids[first + k]
    cache.state[0] += size
    cache.state[1] += 1
    mask = np.uint64(len(cache.slots) // 2 - 1)
    slot = hash_ & mask
    while cache.slots[slot + slot + _ONE] != 0:
        slot = (slot + _ONE) & mask
    cache.slots[slot + slot] = hash_
    cache.slots[slot + slot + _ONE] = np.uint64(place)


@njit(nogil=True, cache=True)
def record_ids(place: int, length: int) -> int:
    """Where in `words` the ids of a record begin whose key has so many bytes."""
    return (place + 8 + (length + 7) // 8 * 8) >> 2
