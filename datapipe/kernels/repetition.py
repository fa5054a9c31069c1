"""Repetition inside documents: lines, paragraphs and word n-grams, in whole numbers of characters and pieces."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.copies import (
    Copies,
    Pieces,
    count_copies,
    datatrove_lines,
    datatrove_paragraphs,
    nonblank_lines,
    paragraphs,
)
from datapipe.kernels.key_counts import KeyCounts, has_room, new_key_counts
from datapipe.kernels.ngrams import DUPLICATED, TOP, Repeats, measure_ngrams, repeat_space
from datapipe.kernels.words import Lines, Words, find_words, line_space, longest, word_space

Counts = npt.NDArray[np.int64]


class Repetition(NamedTuple):
    """What was counted, one row per document."""

    characters: Counts
    """Code points of the text."""
    letters: Counts
    """Code points of all words."""
    lines: Counts
    """Of the lines that are not blank, a column for each of `Copies`."""
    paragraphs: Counts
    datatrove_lines: Counts
    """Of the lines as datatrove splits them; zeros unless asked for."""
    datatrove_paragraphs: Counts
    ngrams: Counts
    """Characters, a column for each length of `TOP` and `DUPLICATED`."""


def measure_repetition(offsets: npt.NDArray[np.int64], data: npt.NDArray[np.uint8], datatrove: bool) -> Repetition:
    """Count repetition in each document; `datatrove` says how n-grams are counted, and adds the lines of this tool."""
    found = _nothing_found(len(offsets) - 1)
    words, lines = word_space(offsets), line_space(offsets)
    scratch = [np.empty(longest(offsets) + 2, np.int32) for _ in range(3)]
    _measure(offsets, data, datatrove, words, lines, Pieces(*scratch), repeat_space(words), found)
    return found


def _nothing_found(rows: int) -> Repetition:
    """Zeros, to count in."""
    characters, letters = (np.zeros(rows, np.int64) for _ in range(2))
    lines, paragraphs, other_lines, other_paragraphs = (np.zeros((rows, len(Copies)), np.int64) for _ in range(4))
    ngrams = np.zeros((rows, len(TOP) + len(DUPLICATED)), np.int64)
    return Repetition(characters, letters, lines, paragraphs, other_lines, other_paragraphs, ngrams)


@njit(nogil=True, cache=True)
def _measure(
    offsets: npt.NDArray[np.int64],
    data: npt.NDArray[np.uint8],
    datatrove: bool,
    words: Words,
    lines: Lines,
    pieces: Pieces,
    repeats: Repeats,
    found: Repetition,
) -> None:
    """Fill `found` document by document."""
    table = new_key_counts(1 << 12)
    for row in range(len(offsets) - 1):
        text = data[offsets[row] : offsets[row + 1]]
        word_count, line_count, characters = find_words(text, words, lines)
        keys = max(word_count, line_count + 2)
        if not has_room(table, keys):
            table = new_key_counts(keys)
        _measure_pieces(text, words, word_count, lines, line_count, pieces, table, datatrove, row, found)
        measure_ngrams(words, word_count, repeats, table, datatrove, found.ngrams[row])
        found.characters[row] = characters
        found.letters[row] = repeats.letters[word_count]


@njit(nogil=True, cache=True)
def _measure_pieces(
    text: npt.NDArray[np.uint8],
    words: Words,
    word_count: int,
    lines: Lines,
    line_count: int,
    pieces: Pieces,
    table: KeyCounts,
    datatrove: bool,
    row: int,
    found: Repetition,
) -> None:
    """Count the copies among the lines and among the paragraphs of one document."""
    count_copies(text, pieces, nonblank_lines(lines, line_count, pieces), table, found.lines[row])
    count_copies(text, pieces, paragraphs(lines, line_count, pieces), table, found.paragraphs[row])
    if datatrove:
        count = datatrove_lines(text, lines, line_count, pieces)
        count_copies(text, pieces, count, table, found.datatrove_lines[row])
        count = datatrove_paragraphs(text, words, word_count, lines, line_count, pieces)
        count_copies(text, pieces, count, table, found.datatrove_paragraphs[row])
