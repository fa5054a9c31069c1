"""Marks at and in words: trimmed ends, `#` and ellipses, ends of sentences."""

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.unicode_classes import (
    CLOSING,
    LETTER,
    NUMBER,
    PUNCTUATION,
    SYMBOL,
    TERMINAL,
    classes_of,
    decode,
    decode_before,
)

_MARKS = PUNCTUATION | SYMBOL
_DOT, _SPACE = ord("."), ord(" ")


@njit(nogil=True, cache=True)
def marks_at_start(text: npt.NDArray[np.uint8], start: int, end: int) -> tuple[int, int]:
    """Punctuation and symbols that a word begins with: the byte behind them and how many they are."""
    count, behind = -1, start
    is_mark = True
    while is_mark:
        start = behind
        count += 1
        code, behind = decode(text, start, end) if start < end else (0, start)
        is_mark = (classes_of(code) & _MARKS) != 0
    return start, count


@njit(nogil=True, cache=True)
def marks_at_end(text: npt.NDArray[np.uint8], start: int, end: int) -> tuple[int, int]:
    """Punctuation and symbols that a word ends with: the byte where they start and how many they are."""
    count, before = -1, end
    is_mark = True
    while is_mark:
        end = before
        count += 1
        code, before = decode_before(text, start, end) if start < end else (0, end)
        is_mark = (classes_of(code) & _MARKS) != 0
    return end, count


@njit(nogil=True, cache=True)
def ellipsis_at(text: npt.NDArray[np.uint8], i: int) -> int:
    """Bytes of the ellipsis that starts at byte `i`: `...`, `…` or `. . .`; 0 if none does."""
    size = 0
    if i + 3 <= len(text):
        dots = text[i] == _DOT and text[i + 1] == _DOT and text[i + 2] == _DOT
        sign = text[i] == 0xE2 and text[i + 1] == 0x80 and text[i + 2] == 0xA6
        size = 3 if dots or sign else 0
    if size == 0 and i + 5 <= len(text) and text[i + 1] == _SPACE and text[i + 3] == _SPACE:
        size = 5 if text[i] == _DOT and text[i + 2] == _DOT and text[i + 4] == _DOT else 0
    return size


@njit(nogil=True, cache=True)
def ends_in_ellipsis(text: npt.NDArray[np.uint8], end: int) -> bool:
    """Whether the text up to byte `end` ends in an ellipsis."""
    return (end >= 3 and ellipsis_at(text, end - 3) == 3) or (end >= 5 and ellipsis_at(text, end - 5) == 5)


@njit(nogil=True, cache=True)
def count_sentence_ends(text: npt.NDArray[np.uint8], start: int, end: int, is_open: bool) -> tuple[int, bool]:
    """Sentences that end in the word between two bytes, and whether one is open behind it.

    A sentence is open once a letter or number was met. It ends at terminal punctuation: of ASCII only where the word
    ends behind it, closing quotation marks and brackets aside, so not inside `3.14` and `example.org`.
    """
    ends = 0
    at_mark = False
    i = start
    while i < end:
        code, i = decode(text, i, end)
        classes = classes_of(code)
        if classes & TERMINAL:
            at_mark = True
            if is_open and code >= 0x80:
                ends += 1
                is_open = False
        elif classes & (LETTER | NUMBER):
            is_open = True
            at_mark = False
        elif not classes & CLOSING:
            at_mark = False
    if at_mark and is_open:
        ends += 1
        is_open = False
    return ends, is_open
