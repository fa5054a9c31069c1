"""How much of a document is lines or paragraphs that occur more than once."""

from enum import IntEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.hashing import SEED, mix, take_in_bytes
from datapipe.kernels.key_counts import KeyCounts, begin, count_key, occurrences
from datapipe.kernels.words import Lines


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
    """Scratch space for the pieces of one document."""

    length: npt.NDArray[np.int32]
    """Code points."""
    key: npt.NDArray[np.uint64]
    """Stands for the bytes of the piece."""


def piece_space(lines: Lines) -> Pieces:
    """Scratch space for the documents that fit into `lines`."""
    return Pieces(np.empty(len(lines.start), np.int32), np.empty(len(lines.start), np.uint64))


@njit(nogil=True, cache=True)
def count_copies(pieces: Pieces, piece_count: int, table: KeyCounts, tally: npt.NDArray[np.int64]) -> None:
    """Fill `tally`, by `Copies`, for the first `piece_count` pieces."""
    mask = begin(table, piece_count)
    for k in range(piece_count):
        length = pieces.length[k]
        tally[Copies.PIECES] += 1
        tally[Copies.CHARACTERS] += length
        copy = occurrences(table, count_key(table, mask, pieces.key[k]))
        if copy > 1:
            tally[Copies.COPIES] += 1
            tally[Copies.COPY_CHARACTERS] += length
            both = 2 if copy == 2 else 1  # the second copy brings the first one with it
            tally[Copies.REPEATED] += both
            tally[Copies.REPEATED_CHARACTERS] += both * length


@njit(nogil=True, cache=True)
def nonblank_lines(text: npt.NDArray[np.uint8], lines: Lines, line_count: int, pieces: Pieces) -> int:
    """Fill `pieces` with the lines that hold a word; returns their number."""
    count = 0
    for k in range(line_count):
        if lines.first_word[k + 1] > lines.first_word[k]:
            pieces.length[count] = lines.first_character[k + 1] - 1 - lines.first_character[k]
            pieces.key[count] = take_in_bytes(text, lines.start[k], lines.start[k + 1] - 1)
            count += 1
    return count


@njit(nogil=True, cache=True)
def join_paragraphs(lines: Lines, line_count: int, pieces: Pieces) -> int:
    """Turn the lines that `nonblank_lines` found into paragraphs; returns their number.

    The key of a paragraph is made of those of its lines, so that no byte is read twice.
    """
    count, line = -1, 0
    after_blank = True
    for k in range(line_count):
        is_blank = lines.first_word[k + 1] == lines.first_word[k]
        if not is_blank:
            length, key = pieces.length[line], pieces.key[line]
            line += 1
            if after_blank:
                count += 1
                pieces.length[count], pieces.key[count] = length, mix(SEED, key)
            else:
                pieces.length[count] += 1 + length
                pieces.key[count] = mix(pieces.key[count], key)
        after_blank = is_blank
    return count + 1
