"""Rows of text as characters, with what SentencePiece's trainer makes of them before it counts pairs.

A space is U+2581. Pieces that are not learned (`<s>`, `<0x0A>`, user-defined symbols) are replaced from left to
right, the longest first, by one U+001F, which is counted as a character and breaks pairs. A row with U+2585, which the
trainer keeps for itself, is left out.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.unicode_classes import decode
from tokenizer.kernels.merges import NO_SYMBOL

Bytes = npt.NDArray[np.uint8]
Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]

CODE_POINTS = 0x110000
NUL, BREAK, SPACE, WRITTEN_SPACE = 0x00, 0x1F, 0x20, 0x2581


class Apart(NamedTuple):
    """Strings that are symbols of their own."""

    begins: Bytes
    """1 for each code point that begins one."""
    offsets: Int64s
    data: Bytes
    """Their UTF-8, the longest first."""


@njit(nogil=True, cache=True)
def _next(data: Bytes, i: int, end: int, apart: Apart) -> tuple[int, int]:
    """The character at byte `i` as the trainer sees it, and where the next one starts."""
    code, after = decode(data, i, end)
    if apart.begins[code]:
        for one in range(len(apart.offsets) - 1):
            first, size = apart.offsets[one], apart.offsets[one + 1] - apart.offsets[one]
            same = 0
            while same < size and i + same < end and data[i + same] == apart.data[first + same]:
                same += 1
            if same == size:
                return BREAK, i + size
    return (WRITTEN_SPACE if code == SPACE else code), after


@njit(nogil=True, cache=True)
def _is_left_out(data: Bytes, start: int, end: int) -> bool:
    """Whether U+2585 stands in the row."""
    i = start
    while i < end - 2 and not (data[i] == 0xE2 and data[i + 1] == 0x96 and data[i + 2] == 0x85):
        i += 1
    return i < end - 2


@njit(nogil=True, cache=True)
def count_code_points(data: Bytes) -> int:
    """How many code points these bytes of UTF-8 are."""
    found = 0
    for byte in data:
        found += (byte & 0xC0) != 0x80
    return found


@njit(nogil=True, cache=True)
def add_characters(offsets: Int64s, data: Bytes, counts: Int64s, apart: Apart, found: Int64s) -> None:
    """Add to `found`, by code point, how often characters occur."""
    for row in range(len(offsets) - 1):
        i, end = offsets[row], offsets[row + 1]
        if _is_left_out(data, i, end):
            continue
        while i < end:
            code, i = _next(data, i, end, apart)
            found[code] += counts[row]


@njit(nogil=True, cache=True)
def write_symbols(offsets: Int64s, data: Bytes, apart: Apart, symbols: Int32s, tags: Int32s, rows: Int32s) -> int:
    """Write the symbol and the row of each character, as `merges.Text` has them; how much of both is used.

    `symbols` holds 1 + the symbol of each code point, 0 for none. Rows in which no pair can be are left out. Both
    arrays need room for all characters and one more place per row, and two.
    """
    tags[0] = NO_SYMBOL
    at = 1
    for row in range(len(offsets) - 1):
        i, end, first = offsets[row], offsets[row + 1], at
        if _is_left_out(data, i, end):
            continue
        while i < end:
            code, i = _next(data, i, end, apart)
            tags[at], rows[at] = symbols[code] - 1, row
            at += 1
        if at - first < 2:
            at = first
        else:
            tags[at] = NO_SYMBOL
            at += 1
    tags[at] = NO_SYMBOL
    return at + 1
