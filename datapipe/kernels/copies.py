"""How much of a document is lines or paragraphs that occur more than once."""

from enum import IntEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.hashing import hash_bytes
from datapipe.kernels.key_counts import KeyCounts, begin, count_key, occurrences
from datapipe.kernels.unicode_classes import decode
from datapipe.kernels.words import Lines, Words

_NEWLINE = 10


class Copies(IntEnum):
    """What is counted of the pieces (lines or paragraphs) of a document: the columns of the result."""

    PIECES = 0
    CHARACTERS = 1
    """Code points of all pieces, without what lies between them."""
    COPIES = 2
    """Second and later copies: pieces minus different pieces."""
    COPY_CHARACTERS = 3
    REPEATED = 4
    """Every copy of a piece that occurs twice or more, the first one too."""
    REPEATED_CHARACTERS = 5


class Pieces(NamedTuple):
    """Scratch space for the pieces of one document: where they start and end, in bytes, and code points."""

    start: npt.NDArray[np.int32]
    end: npt.NDArray[np.int32]
    length: npt.NDArray[np.int32]


@njit(nogil=True, cache=True)
def count_copies(
    text: npt.NDArray[np.uint8], pieces: Pieces, piece_count: int, table: KeyCounts, tally: npt.NDArray[np.int64]
) -> None:
    """Fill `tally`, by `Copies`, for the first `piece_count` pieces. Equal pieces are equal bytes."""
    mask = begin(table, piece_count)
    for k in range(piece_count):
        length = pieces.length[k]
        tally[Copies.PIECES] += 1
        tally[Copies.CHARACTERS] += length
        copy = occurrences(table, count_key(table, mask, hash_bytes(text, pieces.start[k], pieces.end[k])))
        if copy > 1:
            tally[Copies.COPIES] += 1
            tally[Copies.COPY_CHARACTERS] += length
            both = 2 if copy == 2 else 1  # the second copy brings the first one with it
            tally[Copies.REPEATED] += both
            tally[Copies.REPEATED_CHARACTERS] += both * length


@njit(nogil=True, cache=True)
def nonblank_lines(lines: Lines, line_count: int, pieces: Pieces) -> int:
    """Fill `pieces` with the lines that hold a word; returns their number."""
    count = 0
    for k in range(line_count):
        if lines.first_word[k + 1] > lines.first_word[k]:
            count = _add_lines(lines, k, k, pieces, count)
    return count


@njit(nogil=True, cache=True)
def paragraphs(lines: Lines, line_count: int, pieces: Pieces) -> int:
    """Fill `pieces` with the paragraphs; returns their number."""
    count = first = 0
    for k in range(line_count):
        if lines.first_word[k + 1] == lines.first_word[k]:
            if first < k:
                count = _add_lines(lines, first, k - 1, pieces, count)
            first = k + 1
    if first < line_count:
        count = _add_lines(lines, first, line_count - 1, pieces, count)
    return count


@njit(nogil=True, cache=True)
def datatrove_lines(text: npt.NDArray[np.uint8], lines: Lines, line_count: int, pieces: Pieces) -> int:
    """Fill `pieces` with the text split at runs of newlines, with an empty piece before or after one at the end."""
    count = 0
    if len(text) and text[0] == _NEWLINE:
        count = _add(pieces, count, 0, 0, 0)
    for k in range(line_count):
        if lines.start[k + 1] > lines.start[k] + 1:
            count = _add_lines(lines, k, k, pieces, count)
    if len(text) and text[-1] == _NEWLINE:
        count = _add(pieces, count, 0, 0, 0)
    return count


@njit(nogil=True, cache=True)
def datatrove_paragraphs(
    text: npt.NDArray[np.uint8], words: Words, word_count: int, lines: Lines, line_count: int, pieces: Pieces
) -> int:
    """Fill `pieces` with the text, white space at its ends removed, split at runs of two newlines or more."""
    if word_count == 0:
        return _add(pieces, 0, 0, 0, 0) if len(text) else 0
    count, first = 0, -1
    for k in range(line_count):
        is_empty = lines.start[k + 1] == lines.start[k] + 1
        is_removed = lines.first_word[k + 1] == 0 or lines.first_word[k] == word_count
        if not is_empty and not is_removed:
            first = k if first < 0 else first
        elif first >= 0:
            count, first = _add_lines(lines, first, k - 1, pieces, count), -1
    if first >= 0:
        count = _add_lines(lines, first, line_count - 1, pieces, count)
    pieces.length[0] -= _characters(text, pieces.start[0], words.start[0])
    pieces.start[0] = words.start[0]
    pieces.length[count - 1] -= _characters(text, words.end[word_count - 1], pieces.end[count - 1])
    pieces.end[count - 1] = words.end[word_count - 1]
    return count


@njit(nogil=True, cache=True)
def _characters(text: npt.NDArray[np.uint8], start: int, end: int) -> int:
    """Code points between two bytes."""
    count = 0
    while start < end:
        _, start = decode(text, start, end)
        count += 1
    return count


@njit(nogil=True, cache=True)
def _add_lines(lines: Lines, first: int, last: int, pieces: Pieces, count: int) -> int:
    """Add the piece that reaches from the start of line `first` to the end of line `last`."""
    length = lines.first_character[last + 1] - 1 - lines.first_character[first]
    return _add(pieces, count, lines.start[first], lines.start[last + 1] - 1, length)


@njit(nogil=True, cache=True)
def _add(pieces: Pieces, count: int, start: int, end: int, length: int) -> int:
    """Write piece number `count`; returns the next number."""
    pieces.start[count] = start
    pieces.end[count] = end
    pieces.length[count] = length
    return count + 1
