"""Texts in the form in which they are compared: white space, and if wanted case, digits and punctuation, made equal."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.case_data import FOLDED
from datapipe.kernels.unicode_classes import (
    CLASS_PAGES,
    CLASSES,
    DIGIT,
    PUNCTUATION,
    WHITE_SPACE,
    decode,
    in_pages,
)

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int64]
Actions = tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]

# What becomes of a code point; any other number is the code point it turns into.
KEPT, SPACE, REMOVED = -1, -2, -3

_ZERO = ord("0")
_GROWTH = 3
"""Of two bytes, folding makes three at most (U+023A, U+023E)."""


@lru_cache(maxsize=2)
def actions(is_folded: bool) -> Actions:
    """What becomes of every code point: white space always, case, digits and punctuation if `is_folded`."""
    classes = CLASSES.reshape(-1, 256)[CLASS_PAGES >> 8].reshape(-1)
    found = np.full(len(classes), KEPT, np.int32)
    if is_folded:
        for item in FOLDED.split():
            letter, _, folded = item.partition(":")
            found[int(letter, 16)] = int(folded, 16)
        found[classes & DIGIT != 0] = _ZERO
        found[classes & PUNCTUATION != 0] = REMOVED
    found[classes & WHITE_SPACE != 0] = SPACE
    return in_pages(found)


@njit(nogil=True, cache=True)
def comparable(
    offsets: Offsets, data: Bytes, pages: npt.NDArray[np.int32], actions: npt.NDArray[np.int32]
) -> tuple[Offsets, Bytes]:
    """Offsets and bytes of the texts: runs of white space are one blank, none stands at the ends of a text."""
    rows = len(offsets) - 1
    new_offsets = np.zeros(rows + 1, np.int64)
    written = np.empty((offsets[rows] - offsets[0]) // 2 * _GROWTH + _GROWTH, np.uint8)
    at = 0
    for row in range(rows):
        i, end = offsets[row], offsets[row + 1]
        is_after_space = False
        while i < end:
            code, after = decode(data, i, end)
            action = actions[pages[code >> 8] + (code & 255)]
            if action == SPACE:
                is_after_space = at > new_offsets[row]
            elif action != REMOVED:
                if is_after_space:
                    written[at] = 0x20
                    at += 1
                    is_after_space = False
                if action == KEPT:
                    for k in range(i, after):
                        written[at] = data[k]
                        at += 1
                else:
                    at = _encode(action, written, at)
            i = after
            # Most of most texts: ASCII that stays, whose actions are the first page of the table.
            while i < end and not is_after_space and data[i] < 0x80 and actions[data[i]] == KEPT:
                written[at] = data[i]
                at += 1
                i += 1
        new_offsets[row + 1] = at
    return new_offsets, written[:at]


@njit(nogil=True, cache=True)
def _encode(code: int, written: Bytes, at: int) -> int:
    """Write a code point as UTF-8; where the next one goes."""
    if code < 0x80:
        written[at] = code
        return at + 1
    if code < 0x800:
        written[at] = 0xC0 | code >> 6
        written[at + 1] = 0x80 | code & 0x3F
        return at + 2
    if code < 0x10000:
        written[at] = 0xE0 | code >> 12
        written[at + 1] = 0x80 | code >> 6 & 0x3F
        written[at + 2] = 0x80 | code & 0x3F
        return at + 3
    written[at] = 0xF0 | code >> 18
    written[at + 1] = 0x80 | code >> 12 & 0x3F
    written[at + 2] = 0x80 | code >> 6 & 0x3F
    written[at + 3] = 0x80 | code & 0x3F
    return at + 4
