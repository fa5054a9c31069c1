"""What a BPE vocabulary allows: which pairs of pieces merge, and between which characters nothing ever does.

SentencePiece merges two neighbours wherever what they spell together is a normal piece, whatever two pieces it was
made of in training. So *every* way to split a piece into two pieces is a pair here, found by one number instead of by
its text. And a merge only ever spells out a piece: between characters that stand side by side in no piece there is
none, and text can be cut there without a change of ids.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from tokenizer.kernels.characters import Places, character
from tokenizer.kernels.string_table import StringTable, find_string

NEVER = np.uint64(0xFFFFFFFFFFFFFFFF)
"""The merge of a pair that does not merge: comes after every other."""
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio: multiplicative hashing, Knuth, TAOCP 3, section 6.4
_HALF = np.uint64(32)
_CODES = 0x110000
_BITS_PER_PAIR = 16  # of the filter: one pair in 16 that never merges is taken for one that might


class MergeTables(NamedTuple):
    """Symbols are ids of pieces, or, from the size of the vocabulary on, characters that occur in pieces only.

    Inner loops are handed the arrays that they need, one by one: numba counts references to every array of a tuple
    whenever one is passed on, which takes thirty times as long as what is done here for a character.
    """

    pairs: npt.NDArray[np.uint64]
    """Slot k is pairs[2 k], left << 32 | right or NEVER, and pairs[2 k + 1], the *merge*: rank << 32 | id."""
    symbol_of: npt.NDArray[np.int32]
    """Character -> its symbol, or -1."""
    begins_string: npt.NDArray[np.bool_]
    """Character -> whether a user-defined symbol of several characters begins with it."""
    strings: StringTable
    """User-defined symbols of several characters,"""
    string_ids: npt.NDArray[np.int32]
    """their ids,"""
    longest_string: int
    """and the bytes of the longest."""
    ascii_neighbours: npt.NDArray[np.bool_]
    """a << 7 | b -> whether ASCII a stands before b in a piece or user-defined symbol: exact."""
    neighbours: npt.NDArray[np.uint64]
    """The same of all characters, as a filter of bits at a hash: never says no of a pair that does."""
    byte_ids: npt.NDArray[np.int32]
    """Byte -> id of what stands for it where a character has no piece; all -1 without byte fallback."""
    unk_id: int
    """-1 with byte fallback."""
    vocab_size: int


@njit(nogil=True, cache=True)
def merge_of(pairs: npt.NDArray[np.uint64], left: int, right: int) -> np.uint64:
    """The merge of two neighbouring symbols, or NEVER."""
    if left < 0 or right < 0:
        return NEVER
    key = np.uint64(left) << _HALF | np.uint64(right)
    mask = np.uint64(len(pairs) // 2 - 1)
    slot = (key * _SPREAD) >> _HALF & mask
    while True:
        found = pairs[slot + slot]
        if found == key:
            return np.uint64(pairs[slot + slot + np.uint64(1)])
        if found == NEVER:
            return NEVER
        slot = (slot + np.uint64(1)) & mask


@njit(nogil=True, cache=True)
def may_merge(ascii_: npt.NDArray[np.bool_], bits: npt.NDArray[np.uint64], left: int, right: int) -> bool:
    """Whether a piece might span the border between these two characters; takes both forms of neighbours."""
    if (left | right) < 0x80:
        return bool(ascii_[left << 7 | right])
    place = neighbour_place(bits, left, right)
    return bool(bits[place >> np.uint64(6)] >> (place & np.uint64(63)) & np.uint64(1))


@njit(nogil=True, cache=True)
def neighbour_place(bits: npt.NDArray[np.uint64], left: int, right: int) -> np.uint64:
    """Number of the bit of a pair of characters."""
    key = (np.uint64(left) << np.uint64(21) | np.uint64(right)) * _SPREAD
    return (key ^ key >> np.uint64(29)) >> np.uint64(16) & np.uint64(64 * len(bits) - 1)


@njit(nogil=True, cache=True)
def fill_symbols(pieces: StringTable, ids: npt.NDArray[np.int32], symbol_of: npt.NDArray[np.int32]) -> None:
    """Set the symbols of characters that are pieces."""
    for k in range(len(ids)):
        code, behind = character(pieces.data, pieces.offsets[k], pieces.offsets[k + 1])
        if behind == pieces.offsets[k + 1]:
            symbol_of[code] = ids[k]


@njit(nogil=True, cache=True)
def add_inner_characters(pieces: StringTable, symbol_of: npt.NDArray[np.int32], first: int) -> int:
    """Give characters that only occur inside pieces a symbol from `first` on; returns the number behind the last."""
    i = 0
    while i < len(pieces.data):
        code, i = character(pieces.data, i, len(pieces.data))
        if symbol_of[code] < 0:
            symbol_of[code] = first
            first += 1
    return first


@njit(nogil=True, cache=True)
def collect_pairs(
    pieces: StringTable,
    ids: npt.NDArray[np.int32],
    symbol_of: npt.NDArray[np.int32],
    vocab_size: int,
    keys: npt.NDArray[np.uint64],
    made: Places,
) -> int:
    """Fill `keys` with every pair that merges and `made` with the place of the piece it makes; returns their number.

    Both need room for one in each byte of the pieces.
    """
    count = 0
    for k in range(len(ids)):
        start, end = pieces.offsets[k], pieces.offsets[k + 1]
        i = character(pieces.data, start, end)[1]
        while i < end:
            left = _symbol(pieces, ids, symbol_of, vocab_size, start, i)
            right = _symbol(pieces, ids, symbol_of, vocab_size, i, end) if left >= 0 else -1
            if right >= 0:
                keys[count] = np.uint64(left) << _HALF | np.uint64(right)
                made[count] = k
                count += 1
            i = character(pieces.data, i, end)[1]
    return count


@njit(nogil=True, cache=True)
def _symbol(
    pieces: StringTable,
    ids: npt.NDArray[np.int32],
    symbol_of: npt.NDArray[np.int32],
    vocab_size: int,
    start: int,
    end: int,
) -> int:
    """The symbol that part of a piece is, if it can be one that merges; user-defined symbols cannot."""
    found = find_string(pieces, pieces.data, start, end)
    if found >= 0:
        return int(ids[found])
    code, behind = character(pieces.data, start, end)
    return int(symbol_of[code]) if behind == end and symbol_of[code] >= vocab_size else -1


@njit(nogil=True, cache=True)
def new_pairs(keys: npt.NDArray[np.uint64], merges: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The table of these pairs, at most half filled."""
    size = 16
    while size < 2 * len(keys):
        size *= 2
    pairs = np.full(2 * size, NEVER, np.uint64)
    mask = np.uint64(size - 1)
    for k in range(len(keys)):
        slot = (keys[k] * _SPREAD) >> _HALF & mask
        while pairs[slot + slot] != NEVER:
            slot = (slot + np.uint64(1)) & mask
        pairs[slot + slot] = keys[k]
        pairs[slot + slot + np.uint64(1)] = merges[k]
    return pairs


@njit(nogil=True, cache=True)
def neighbour_keys(strings: StringTable) -> npt.NDArray[np.int64]:
    """left << 21 | right of all characters that stand side by side in these strings, as often as they do."""
    keys = np.empty(len(strings.data), np.int64)
    count = 0
    for k in range(len(strings.offsets) - 1):
        end = strings.offsets[k + 1]
        left, i = character(strings.data, strings.offsets[k], end)
        while i < end:
            right, i = character(strings.data, i, end)
            keys[count] = left << 21 | right
            left = right
            count += 1
    return keys[:count]


@njit(nogil=True, cache=True)
def fill_neighbours(keys: npt.NDArray[np.int64], ascii_: npt.NDArray[np.bool_], bits: npt.NDArray[np.uint64]) -> None:
    """Enter pairs of characters in both forms."""
    for key in keys:
        left, right = key >> 21, key & 0x1FFFFF
        if (left | right) < 0x80:
            ascii_[left << 7 | right] = True
        place = neighbour_place(bits, left, right)
        bits[place >> np.uint64(6)] |= np.uint64(1) << (place & np.uint64(63))


def new_neighbour_bits(pairs: int) -> npt.NDArray[np.uint64]:
    """Room for a filter of so many pairs: a power of two of words."""
    words = 1
    while 64 * words < _BITS_PER_PAIR * pairs:
        words *= 2
    return np.zeros(words, np.uint64)
