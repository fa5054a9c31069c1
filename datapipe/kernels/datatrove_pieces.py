"""Lines and paragraphs as datatrove splits a text, which is not how we do (`gopher_repetition_filter.py`, 0.10)."""

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.copies import Pieces
from datapipe.kernels.hashing import take_in_bytes
from datapipe.kernels.unicode_classes import decode
from datapipe.kernels.words import Lines, Words

_NEWLINE = ord("\n")


@njit(nogil=True, cache=True)
def datatrove_lines(text: npt.NDArray[np.uint8], lines: Lines, line_count: int, pieces: Pieces) -> int:
    """Fill `pieces` with the text split at runs of newlines; a newline at either end adds an empty piece there."""
    count = 0
    if len(text) and text[0] == _NEWLINE:
        count = _add(text, 0, 0, pieces, count)
    for k in range(line_count):
        if lines.start[k + 1] > lines.start[k] + 1:
            count = _add(text, lines.start[k], lines.start[k + 1] - 1, pieces, count)
    if len(text) and text[-1] == _NEWLINE:
        count = _add(text, 0, 0, pieces, count)
    return count


@njit(nogil=True, cache=True)
def datatrove_paragraphs(
    text: npt.NDArray[np.uint8], words: Words, word_count: int, lines: Lines, line_count: int, pieces: Pieces
) -> int:
    """Fill `pieces` with the text, white space at its ends removed, split at runs of two newlines or more."""
    if word_count == 0:
        return _add(text, 0, 0, pieces, 0) if len(text) else 0
    count = 0
    start, end = words.start[0], 0
    for k in range(line_count):
        first, behind = max(lines.start[k], words.start[0]), min(lines.start[k + 1] - 1, words.end[word_count - 1])
        if lines.start[k + 1] == lines.start[k] + 1:
            if start < end:
                count = _add(text, start, end, pieces, count)
            start = lines.start[k + 1]
        end = max(end, behind) if first < behind else end
    return _add(text, start, end, pieces, count) if start < end else count


@njit(nogil=True, cache=True)
def _add(text: npt.NDArray[np.uint8], start: int, end: int, pieces: Pieces, count: int) -> int:
    """Write piece number `count`; returns the next number."""
    length = 0
    i = start
    while i < end:
        _, i = decode(text, i, end)
        length += 1
    pieces.length[count] = length
    pieces.key[count] = take_in_bytes(text, start, end)
    return count + 1
