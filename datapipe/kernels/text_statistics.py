"""Counts over the characters, words and lines of documents, for the rules of Gopher, C4 and FineWeb."""

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels import shared_walk
from datapipe.kernels.ascii_blocks import HIGH, capitals, count_bytes, digits, letters, read_block
from datapipe.kernels.key_counts import new_key_counts
from datapipe.kernels.line_statistics import LineMarks, measure_lines
from datapipe.kernels.phrase_counts import CountedPhrases, count_phrases
from datapipe.kernels.repetition import (
    Repetition,
    RepetitionSpace,
    measure_document,
    nothing_found,
    repetition_space,
)
from datapipe.kernels.stop_words import StopWords, StopWordSearch, search_for
from datapipe.kernels.text_counts import Count, Tally
from datapipe.kernels.unicode_classes import DIGIT, LETTER, UPPERCASE, classes_of, decode
from datapipe.kernels.word_statistics import measure_words
from datapipe.kernels.words import Lines, Words, find_words, line_space, word_space

_NEWLINE = ord("\n")


def measure_text(
    offsets: npt.NDArray[np.int64],
    data: npt.NDArray[np.uint8],
    languages: npt.NDArray[np.int32],
    stop_words: StopWords,
    marks: LineMarks,
    phrases: CountedPhrases,
) -> npt.NDArray[np.int64]:
    """Counts of each document, one column for each of `Count` and for each further group of phrases.

    `languages` holds for each document the row of `stop_words` that its stop words are counted by.
    """
    rows = len(offsets) - 1
    groups = int(phrases.phrases.groups.max(initial=0)) + 1
    counts = np.zeros((rows, Count.PHRASES + groups), np.int64)
    words, lines = word_space(offsets), line_space(offsets)
    marked = np.empty(len(words.start), np.int32)
    follower = shared_walk.expected()
    space = repetition_space(words, lines)
    found = nothing_found(0 if follower is None else rows)
    search = search_for(stop_words, words)
    _measure(
        offsets, data, languages, search, marks, phrases, words, lines, marked, counts, space, bool(follower), found
    )
    shared_walk.leave(offsets, data, None if follower is None else found)
    return counts


@njit(nogil=True, cache=True)
def _measure(
    offsets: npt.NDArray[np.int64],
    data: npt.NDArray[np.uint8],
    languages: npt.NDArray[np.int32],
    search: StopWordSearch,
    marks: LineMarks,
    phrases: CountedPhrases,
    words: Words,
    lines: Lines,
    marked: npt.NDArray[np.int32],
    counts: npt.NDArray[np.int64],
    space: RepetitionSpace,
    datatrove: bool,
    found: Repetition,
) -> None:
    """Fill `counts` document by document, and `found` if it has rows."""
    table = new_key_counts(1)
    for row in range(len(offsets) - 1):
        text = data[offsets[row] : offsets[row + 1]]
        tally = counts[row]
        size = find_words(text, words, lines)
        word_count, line_count, characters = size
        tally[Count.CHARACTERS] = characters
        tally[Count.WORDS] = word_count
        tally[Count.LINES] = line_count
        tally[Count.NEWLINES] = line_count if len(text) and text[-1] == _NEWLINE else max(line_count - 1, 0)
        _measure_characters(text, tally)
        measure_lines(text, words, lines, line_count, marks, tally)
        measure_words(text, words, word_count, marked, search, languages[row], row, tally)
        count_phrases(text, phrases, tally[Count.PHRASES :])
        if len(found.characters):
            table = measure_document(text, words, lines, size, space, table, datatrove, row, found)


@njit(nogil=True, cache=True)
def _measure_characters(text: npt.NDArray[np.uint8], tally: Tally) -> None:
    """Count letters, upper-case letters and digits."""
    found_letters = found_capitals = found_digits = 0
    i = 0
    while i < len(text):
        stop = min(i + 8, len(text))
        block = read_block(text, np.uint64(i)) if i + 8 <= len(text) else HIGH
        if block & HIGH == 0:
            found_letters += count_bytes(letters(block))
            found_capitals += count_bytes(capitals(block))
            found_digits += count_bytes(digits(block))
            i = stop
        while i < stop:
            code, i = decode(text, i, len(text))
            classes = classes_of(code)
            found_letters += (classes & LETTER) != 0
            found_capitals += (classes & UPPERCASE) != 0
            found_digits += (classes & DIGIT) != 0
    tally[Count.LETTERS] = found_letters
    tally[Count.UPPERCASE] = found_capitals
    tally[Count.DIGITS] = found_digits
