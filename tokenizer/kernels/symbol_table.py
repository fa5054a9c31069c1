"""The symbols of a BPE training: characters and the pieces made of them, and which two may become one.

A pair may become a piece where SentencePiece's trainer says so (`IsValidSentencePiece` of 0.2.3): not too long, of one
script, spaces only in front or alone, digits apart. Both parts are pieces already, so a few facts of each decide.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.hashing import SEED, finish, mix

Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]

PLAIN, LED, SPACES = 0, 1, 2
"""Of `Symbols.spaces`: no space, a space in front, nothing but spaces."""
ANY_SCRIPT = -1
"""Of a symbol that goes with every script: of spaces, or of Inherited marks."""


class Symbols(NamedTuple):
    """Columns, one row per symbol: first all characters, then the pieces in the order in which they are made."""

    codes: Int32s
    """Code points of all symbols, one after another."""
    start: Int64s
    """Where in `codes` each begins; one more than there are symbols."""
    script: Int32s
    """Number of its script, or ANY_SCRIPT."""
    spaces: npt.NDArray[np.uint8]
    alone: npt.NDArray[np.uint8]
    """1 where it becomes a part of nothing: a digit."""
    slots: Int32s
    """Hash table of the pieces by their text: 1 + symbol, 0 for a free slot; a power of two."""
    rules: Int64s
    """Two numbers: how many characters a piece may have, and 1 where pieces of nothing but spaces may be."""


@njit(nogil=True, cache=True)
def length(table: Symbols, symbol: int) -> int:
    """Characters of a symbol."""
    return int(table.start[symbol + 1] - table.start[symbol])


@njit(nogil=True, cache=True)
def may_join(table: Symbols, left: int, right: int) -> bool:
    """Whether the two may become a piece."""
    if table.alone[left] or table.alone[right]:
        return False
    if length(table, left) + length(table, right) > table.rules[0]:
        return False
    if table.spaces[right] != PLAIN:
        return bool(table.rules[1]) and table.spaces[right] == SPACES and table.spaces[left] == SPACES
    if table.spaces[left] == SPACES and length(table, left) > 1:
        return False
    one, other = table.script[left], table.script[right]
    return bool(one == other or ANY_SCRIPT in (one, other))


@njit(nogil=True, cache=True)
def code_of_pair(table: Symbols, left: int, right: int, place: int) -> int:
    """The code point at `place` of the two together."""
    own = table.start[left + 1] - table.start[left]
    if place < own:
        return int(table.codes[table.start[left] + place])
    return int(table.codes[table.start[right] + place - own])


@njit(nogil=True, cache=True)
def compare(table: Symbols, left: int, right: int, other_left: int, other_right: int) -> int:
    """Below 0 where the first pair goes first among equally frequent ones: the shorter, then by code points."""
    own = length(table, left) + length(table, right)
    other = length(table, other_left) + length(table, other_right)
    if own != other:
        return own - other
    for place in range(own):
        difference = code_of_pair(table, left, right, place) - code_of_pair(table, other_left, other_right, place)
        if difference:
            return difference
    return 0


@njit(nogil=True, cache=True)
def _slot_of(table: Symbols, left: int, right: int, size: int) -> int:
    """The slot of the piece that the two make, or the free one where it would be."""
    state = SEED
    for place in range(size):
        state = mix(state, np.uint64(code_of_pair(table, left, right, place)))
    mask = len(table.slots) - 1
    slot = int(finish(state) >> np.uint64(33)) & mask
    while table.slots[slot]:
        symbol = table.slots[slot] - 1
        if length(table, symbol) == size:
            place = 0
            while place < size and table.codes[table.start[symbol] + place] == code_of_pair(table, left, right, place):
                place += 1
            if place == size:
                return slot
        slot = (slot + 1) & mask
    return slot


@njit(nogil=True, cache=True)
def is_piece(table: Symbols, left: int, right: int) -> bool:
    """Whether what the two make is a piece already, made of two others."""
    return bool(table.slots[_slot_of(table, left, right, length(table, left) + length(table, right))])


@njit(nogil=True, cache=True)
def make_piece(table: Symbols, symbol: int, left: int, right: int) -> None:
    """Make `symbol`, the next one, of the two."""
    size = length(table, left) + length(table, right)
    table.slots[_slot_of(table, left, right, size)] = symbol + 1
    start = table.start[symbol]
    for place in range(size):
        table.codes[start + place] = code_of_pair(table, left, right, place)
    table.start[symbol + 1] = start + size
    table.script[symbol] = table.script[left] if table.script[left] != ANY_SCRIPT else table.script[right]
    table.spaces[symbol] = SPACES if table.spaces[right] == SPACES else min(table.spaces[left], 1)
    table.alone[symbol] = 0
