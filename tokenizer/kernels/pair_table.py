"""The pairs of neighbouring symbols: how often each stands in the rows, and the next to become a piece.

The most frequent pairs wait in a heap. Counts only fall once a pair is there, so an entry is looked at again when it
comes up. Pairs below a limit stay outside: the limit is halved when the heap is empty, and few ever enter it.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.hashing import SEED, finish, mix
from tokenizer.kernels.symbol_table import Int32s, Int64s, Symbols, compare, is_piece

PAIRS, HEAP, LIMIT, USED = 0, 1, 2, 3
"""Places in `Pairs.state`: pairs there are, entries of the heap, what pairs in it reach, slots in use."""
FORBIDDEN, NOTHING = -1, -2
"""In place of a pair: it may not become a piece; there is none."""


class Pairs(NamedTuple):
    """Columns, one row per pair; there is room for more rows than there are pairs."""

    left: Int32s
    right: Int32s
    counts: Int64s
    begin: Int64s
    """Where in the list of places those of the pair begin."""
    size: Int32s
    """How many places: all where it stands, and some where it no longer does."""
    boundary: Int32s
    """Row of `slack` for the two characters where left and right meet."""
    waiting: npt.NDArray[np.uint8]
    """1 until it became a piece, or another pair became that piece."""
    keys: Int64s
    """Hash table: 1 + left << 32 | right, 0 for a free slot; a power of two,"""
    values: Int32s
    """and the pair there, or FORBIDDEN."""
    heap: Int32s
    heap_keys: Int64s
    slack: Int64s
    """What a pair of that boundary may stand more often than counted; row 0, of all other boundaries, is 0."""
    state: Int64s


@njit(nogil=True, cache=True)
def slot_of(keys: Int64s, left: int, right: int) -> int:
    """The slot of a pair in a hash table, or the free one where it would be."""
    key = (np.int64(left) << 32 | np.int64(right)) + 1
    mask = len(keys) - 1
    slot = int(finish(mix(SEED, np.uint64(key))) >> np.uint64(33)) & mask
    while keys[slot] != 0 and keys[slot] != key:
        slot = (slot + 1) & mask
    return slot


@njit(nogil=True, cache=True)
def enter(keys: Int64s, values: Int32s, into_keys: Int64s, into_values: Int32s) -> None:
    """Enter what stands in a hash table into a larger one, which is empty."""
    for old in range(len(keys)):
        if keys[old]:
            slot = slot_of(into_keys, (keys[old] - 1) >> 32, (keys[old] - 1) & 0x7FFFFFFF)
            into_keys[slot], into_values[slot] = keys[old], values[old]


@njit(nogil=True, cache=True)
def number_keys(keys: Int64s, values: Int32s, left: Int64s, right: Int64s) -> None:
    """Enter different pairs into an empty hash table as 1, 2, 3 ..."""
    for number in range(len(left)):
        slot = slot_of(keys, left[number], right[number])
        keys[slot], values[slot] = (left[number] << 32 | right[number]) + 1, number + 1


@njit(nogil=True, cache=True)
def find(keys: Int64s, values: Int32s, left: int, right: int) -> int:
    """The pair, FORBIDDEN, or NOTHING where it never stood anywhere."""
    slot = slot_of(keys, left, right)
    return int(values[slot]) if keys[slot] else NOTHING


@njit(nogil=True, cache=True)
def weight(pairs: Pairs, pair: int) -> int:
    """How often the pair stands in the rows, at most."""
    return int(pairs.counts[pair] + pairs.slack[pairs.boundary[pair]])


@njit(nogil=True, cache=True)
def _before(pairs: Pairs, table: Symbols, one: int, key: int, other: int, other_key: int) -> bool:
    if key != other_key:
        return key > other_key
    order = compare(table, pairs.left[one], pairs.right[one], pairs.left[other], pairs.right[other])
    return order < 0 or (order == 0 and one < other)


@njit(nogil=True, cache=True)
def push(pairs: Pairs, table: Symbols, pair: int, key: int) -> None:
    """Put a pair into the heap."""
    hole = pairs.state[HEAP]
    pairs.state[HEAP] += 1
    while hole > 0:
        parent = (hole - 1) >> 1
        if not _before(pairs, table, pair, key, pairs.heap[parent], pairs.heap_keys[parent]):
            break
        pairs.heap[hole], pairs.heap_keys[hole] = pairs.heap[parent], pairs.heap_keys[parent]
        hole = parent
    pairs.heap[hole], pairs.heap_keys[hole] = pair, key


@njit(nogil=True, cache=True)
def _place_at_top(pairs: Pairs, table: Symbols, pair: int, key: int) -> None:
    """Put an entry where the top is gone, and let it sink."""
    hole, end = 0, pairs.state[HEAP]
    while True:
        child = 2 * hole + 1
        if child >= end:
            break
        beside = child + 1
        if beside < end and _before(
            pairs, table, pairs.heap[beside], pairs.heap_keys[beside], pairs.heap[child], pairs.heap_keys[child]
        ):
            child = beside
        if _before(pairs, table, pair, key, pairs.heap[child], pairs.heap_keys[child]):
            break
        pairs.heap[hole], pairs.heap_keys[hole] = pairs.heap[child], pairs.heap_keys[child]
        hole = child
    pairs.heap[hole], pairs.heap_keys[hole] = pair, key


@njit(nogil=True, cache=True)
def pop(pairs: Pairs, table: Symbols) -> None:
    """Take the top out of the heap."""
    pairs.state[HEAP] -= 1
    end = pairs.state[HEAP]
    if end > 0:
        _place_at_top(pairs, table, pairs.heap[end], pairs.heap_keys[end])


@njit(nogil=True, cache=True)
def _lower_limit(pairs: Pairs, table: Symbols) -> None:
    """Halve the limit, and let in what reaches it now. The heap is empty."""
    pairs.state[LIMIT] >>= 1
    limit = pairs.state[LIMIT]
    for pair in range(pairs.state[PAIRS]):
        if pairs.waiting[pair] and weight(pairs, pair) >= limit:
            push(pairs, table, pair, weight(pairs, pair))


@njit(nogil=True, cache=True)
def best(pairs: Pairs, table: Symbols) -> int:
    """The pair that is next to become a piece, which is now the top of the heap; NOTHING where none stands anywhere."""
    while True:
        while pairs.state[HEAP] > 0:
            pair, key = pairs.heap[0], pairs.heap_keys[0]
            if pairs.waiting[pair] and is_piece(table, pairs.left[pair], pairs.right[pair]):
                pairs.waiting[pair] = 0  # the same text was made of other parts
            now = weight(pairs, pair)
            if not pairs.waiting[pair] or now < pairs.state[LIMIT]:
                pop(pairs, table)
            elif now != key:
                _place_at_top(pairs, table, pair, now)
            else:
                return int(pair)
        if pairs.state[LIMIT] <= 1:
            return NOTHING
        _lower_limit(pairs, table)
