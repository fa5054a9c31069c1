"""Repetition inside documents: lines, paragraphs and word n-grams, in whole numbers of characters and pieces."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels import shared_walk
from datapipe.kernels.copies import Copies, Pieces, count_copies, join_paragraphs, nonblank_lines, piece_space
from datapipe.kernels.datatrove_pieces import datatrove_lines, datatrove_paragraphs
from datapipe.kernels.key_counts import KeyCounts, has_room, new_key_counts
from datapipe.kernels.ngrams import DUPLICATED, TOP, Repeats, measure_ngrams, repeat_space
from datapipe.kernels.words import Lines, Words, find_words, line_space, word_space

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


class RepetitionSpace(NamedTuple):
    """Scratch space for one document."""

    pieces: Pieces
    repeats: Repeats


def measure_repetition(offsets: npt.NDArray[np.int64], data: npt.NDArray[np.uint8], datatrove: bool) -> Repetition:
    """Count repetition in each document; `datatrove` says how n-grams are counted, and adds the lines of this tool."""
    left = shared_walk.take(offsets, data, datatrove)
    if left is not None:
        return left
    found = nothing_found(len(offsets) - 1)
    words, lines = word_space(offsets), line_space(offsets)
    _measure(offsets, data, datatrove, words, lines, repetition_space(words, lines), found)
    return found


def nothing_found(rows: int) -> Repetition:
    """Zeros, to count in."""
    characters, letters = (np.zeros(rows, np.int64) for _ in range(2))
    lines, paragraphs, other_lines, other_paragraphs = (np.zeros((rows, len(Copies)), np.int64) for _ in range(4))
    ngrams = np.zeros((rows, len(TOP) + len(DUPLICATED)), np.int64)
    return Repetition(characters, letters, lines, paragraphs, other_lines, other_paragraphs, ngrams)


def repetition_space(words: Words, lines: Lines) -> RepetitionSpace:
    """Scratch space for the documents that fit into `words` and `lines`."""
    return RepetitionSpace(piece_space(lines), repeat_space(words))


@njit(nogil=True, cache=True)
def _measure(
    offsets: npt.NDArray[np.int64],
    data: npt.NDArray[np.uint8],
    datatrove: bool,
    words: Words,
    lines: Lines,
    space: RepetitionSpace,
    found: Repetition,
) -> None:
    """Fill `found` document by document."""
    table = new_key_counts(1)
    for row in range(len(offsets) - 1):
        text = data[offsets[row] : offsets[row + 1]]
        size = find_words(text, words, lines)
        table = measure_document(text, words, lines, size, space, table, datatrove, row, found)


@njit(nogil=True, cache=True)
def measure_document(
    text: npt.NDArray[np.uint8],
    words: Words,
    lines: Lines,
    size: tuple[int, int, int],
    space: RepetitionSpace,
    table: KeyCounts,
    datatrove: bool,
    row: int,
    found: Repetition,
) -> KeyCounts:
    """Fill one row of `found`. `size` is what `find_words` returned; returns `table`, or a larger one."""
    word_count, line_count, characters = size
    keys = max(word_count, line_count + 2)
    if not has_room(table, keys):
        table = new_key_counts(keys)
    _measure_pieces(text, words, word_count, lines, line_count, space.pieces, table, datatrove, row, found)
    measure_ngrams(words, word_count, space.repeats, table, datatrove, found.ngrams[row])
    found.characters[row] = characters
    found.letters[row] = space.repeats.letters[word_count]
    return table


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
    count_copies(pieces, nonblank_lines(text, lines, line_count, pieces), table, found.lines[row])
    count_copies(pieces, join_paragraphs(lines, line_count, pieces), table, found.paragraphs[row])
    if datatrove:
        count = datatrove_lines(text, lines, line_count, pieces)
        count_copies(pieces, count, table, found.datatrove_lines[row])
        count = datatrove_paragraphs(text, words, word_count, lines, line_count, pieces)
        count_copies(pieces, count, table, found.datatrove_paragraphs[row])
