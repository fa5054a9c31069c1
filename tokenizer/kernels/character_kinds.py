"""What the cuts need to know of every code point: its script, and whether it is a space or stands alone.

A kind is a number of 16 bits: the script in the low byte, 0 where it is not surely known, and the bits below.
"""

from collections.abc import Set
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels import unicode_classes
from datapipe.kernels.unicode_classes import in_pages
from tokenizer.kernels.script_data import SCRIPTS

SCRIPT = np.uint16(0xFF)
"""The bits of the script."""
SPACE = np.uint16(1 << 8)
"""U+0020, and U+2581, which SentencePiece cannot tell from it."""
ALONE = np.uint16(1 << 9)
"""A fragment of its own: a user-defined symbol of one character, a digit where digits are split."""
BEGINS_SYMBOL = np.uint16(1 << 10)
"""The first character of a longer symbol."""
UNSPACED = np.uint16(1 << 11)
"""A letter of a script written without spaces."""
SPECIAL = SPACE | ALONE | BEGINS_SYMBOL

SPACES = " \u2581"
_CODE_POINTS = 0x110000
_REACH = 1 << 21  # four bytes of invalid UTF-8 can decode to any number below it


class Cuts(NamedTuple):
    """Where text is cut, as kernels read it."""

    pages: npt.NDArray[np.int32]
    kinds: npt.NDArray[np.uint16]
    """Kind of `code` at `pages[code >> 8] + (code & 255)`: an ASCII byte is its own place."""
    symbols: npt.NDArray[np.uint8]
    """UTF-8 of the user-defined symbols of more than one character, the longest first,"""
    symbol_offsets: npt.NDArray[np.int64]
    """and where each begins in it."""


@cache
def cuts_at(user_symbols: tuple[str, ...], digits: Set[str]) -> Cuts:
    """The cuts at these user-defined symbols, at spaces, around these `digits` (a frozenset), and between scripts."""
    kinds = _scripts()
    codes = np.arange(_CODE_POINTS)
    unspaced = unicode_classes.CLASSES[unicode_classes.CLASS_PAGES[codes >> 8] + (codes & 255)]
    kinds[codes] |= np.where(unspaced & unicode_classes.UNSPACED, UNSPACED, np.uint16(0))
    kinds[[ord(one) for one in SPACES]] = SPACE
    long = sorted((one.encode() for one in user_symbols if len(one) > 1), key=lambda one: (-len(one), one))
    kinds[[ord(one) for one in {*digits, *user_symbols} if len(one) == 1]] |= ALONE
    kinds[[ord(one[0]) for one in user_symbols if len(one) > 1]] |= BEGINS_SYMBOL
    offsets = np.cumsum([0, *map(len, long)], dtype=np.int64)
    return Cuts(*in_pages(kinds), np.frombuffer(b"".join(long) or b"\0", np.uint8), offsets)


def _scripts() -> npt.NDArray[np.uint16]:
    """The number of the script of every code point, from 1 on; 0 where library and standard may differ."""
    kinds = np.zeros(_REACH, np.uint16)
    items = [item.partition(":") for item in SCRIPTS.split()]
    numbers = {script: number for number, script in enumerate(sorted({script for _, _, script in items}), 1)}
    for place, _, script in items:
        first, _, last = place.partition("-")
        kinds[int(first, 16) : int(last or first, 16) + 1] = numbers[script]
    return kinds


@njit(nogil=True, cache=True)
def symbol_bytes(
    symbols: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64], data: npt.NDArray[np.uint8], i: int, end: int
) -> int:
    """Bytes of the longest of these symbols that stands at `data[i]`; 0 where none does."""
    for number in range(len(offsets) - 1):
        size = offsets[number + 1] - offsets[number]
        matching = 0
        while matching < size and i + matching < end and data[i + matching] == symbols[offsets[number] + matching]:
            matching += 1
        if matching == size:
            return int(size)
    return 0
