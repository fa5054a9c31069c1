"""Lines and letters of source code, and what its beginning says."""

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.phrases import Phrases, contains_phrase
from datapipe.kernels.unicode_classes import CLASSES, DIGIT, LETTER, classes_of, decode

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int64]

_NEWLINE = ord("\n")


@njit(nogil=True, cache=True)
def count_code(offsets: Offsets, data: Bytes) -> npt.NDArray[np.int64]:
    """Per document: characters, lines, characters of the longest line, newlines, letters, decimal digits.

    Shape (rows, 6). A line's characters do not include its newline; a final newline adds no line.
    """
    rows = len(offsets) - 1
    counts = np.zeros((rows, 6), np.int64)
    for row in range(rows):
        i, end = offsets[row], offsets[row + 1]
        characters = newlines = letters = digits = line_start = longest = 0
        while i < end:
            byte = data[i]
            if byte < 0x80:
                classes = CLASSES[byte]
                i += 1
            else:
                code, i = decode(data, i, end)
                classes = classes_of(code)
            if byte == _NEWLINE:
                longest = max(longest, characters - line_start)
                line_start = characters + 1
                newlines += 1
            characters += 1
            letters += (classes & LETTER) != 0
            digits += (classes & DIGIT) != 0
        longest = max(longest, characters - line_start)
        lines = newlines + (characters > line_start)
        counts[row] = (characters, lines, longest, newlines, letters, digits)
    return counts


@njit(nogil=True, cache=True)
def first_lines_contain(offsets: Offsets, data: Bytes, lines: int, phrases: Phrases) -> npt.NDArray[np.bool_]:
    """Whether any phrase stands in the first `lines` lines of each document."""
    rows = len(offsets) - 1
    found = np.zeros(rows, np.bool_)
    for row in range(rows):
        start, end = offsets[row], offsets[row + 1]
        stop, newlines = start, 0
        while stop < end and newlines < lines:
            newlines += data[stop] == _NEWLINE
            stop += 1
        found[row] = contains_phrase(data, start, stop, phrases)
    return found


@njit(nogil=True, cache=True)
def first_characters_contain(offsets: Offsets, data: Bytes, characters: int, phrases: Phrases) -> npt.NDArray[np.bool_]:
    """Whether any phrase stands within the first `characters` characters of each document."""
    rows = len(offsets) - 1
    found = np.zeros(rows, np.bool_)
    for row in range(rows):
        start, end = offsets[row], offsets[row + 1]
        stop, passed = start, 0
        while stop < end and passed < characters:
            _, stop = decode(data, stop, end)
            passed += 1
        found[row] = contains_phrase(data, start, stop, phrases)
    return found
