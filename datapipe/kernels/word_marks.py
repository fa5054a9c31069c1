"""Marks at and in words: trimmed ends, `#` and ellipses, ends of sentences."""

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.unicode_classes import (
    CLASSES,
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
_IS_ASCII_MARK = np.concatenate([(CLASSES[:128] & _MARKS) != 0, np.zeros(128, np.bool_)])
_DOT, _SPACE = ord("."), ord(" ")


@njit(nogil=True, cache=True)
def trim_ascii(text: npt.NDArray[np.uint8], start: int, end: int) -> tuple[int, int]:
    """Start and end of a word without the punctuation and symbols of ASCII at its ends."""
    while start < end and _IS_ASCII_MARK[text[start]]:
        start += 1
    while start < end and _IS_ASCII_MARK[text[end - 1]]:
        end -= 1
    return start, end


@njit(nogil=True, cache=True)
def trim(text: npt.NDArray[np.uint8], start: int, end: int, length: int) -> tuple[int, int, int]:
    """A word without the punctuation and symbols at its ends: start, end and length, 0 if nothing remains."""
    is_mark = True
    while is_mark and start < end:
        code, behind = decode(text, start, end)
        is_mark = (classes_of(code) & _MARKS) != 0
        start = behind if is_mark else start
        length -= is_mark
    is_mark = True
    while is_mark and start < end:
        code, before = decode_before(text, start, end)
        is_mark = (classes_of(code) & _MARKS) != 0
        end = before if is_mark else end
        length -= is_mark
    return start, end, length


@njit(nogil=True, cache=True)
def ellipsis_at(text: npt.NDArray[np.uint8], i: int) -> int:
    """Bytes of the ellipsis that starts at byte `i`: `...`, `…` or `. . .`; 0 if none does."""
    last = len(text) - 1
    one, two, three = text[i], text[min(i + 1, last)], text[min(i + 2, last)]
    four, five = text[min(i + 3, last)], text[min(i + 4, last)]
    is_dots = one == _DOT and two == _DOT and three == _DOT
    is_sign = one == 0xE2 and two == 0x80 and three == 0xA6
    is_spaced = one == _DOT and two == _SPACE and three == _DOT and four == _SPACE and five == _DOT
    size = 5 if is_spaced else 3 if is_dots or is_sign else 0
    return size if i + size <= len(text) else 0


@njit(nogil=True, cache=True)
def ends_in_ellipsis(text: npt.NDArray[np.uint8], end: int) -> bool:
    """Whether the text up to byte `end` ends in an ellipsis."""
    short, spaced = ellipsis_at(text, max(end - 3, 0)), ellipsis_at(text, max(end - 5, 0))
    return (end >= 3 and short == 3) or (end >= 5 and spaced == 5)


@njit(nogil=True, cache=True)
def ends_sentence(text: npt.NDArray[np.uint8], start: int, end: int) -> bool:
    """Whether a word of ASCII ends in terminal punctuation, closing quotation marks and brackets aside."""
    last = end - 1
    while last > start and CLASSES[text[last]] & CLOSING:
        last -= 1
    return bool(CLASSES[text[last]] & TERMINAL)


@njit(nogil=True, cache=True)
def count_sentence_ends(text: npt.NDArray[np.uint8], start: int, end: int, is_open: bool) -> tuple[int, bool]:
    """Sentences that end in the word between two bytes, and whether one is open behind it.

    A sentence is open once a letter or number was met. It ends at terminal punctuation: of ASCII only where
    `ends_sentence` says so of the word, so not inside `3.14` and `example.org`.
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
