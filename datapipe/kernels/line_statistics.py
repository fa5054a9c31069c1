"""Kinds of lines, paragraphs and sentences of a document."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.text_counts import Count, Tally
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
from datapipe.kernels.word_marks import count_sentence_ends, ends_in_ellipsis, ends_sentence
from datapipe.kernels.words import Lines, Words


class LineMarks(NamedTuple):
    """Code points that mean something at the ends of lines, and bounds of their length."""

    bullets: npt.NDArray[np.int32]
    round_bullets: npt.NDArray[np.int32]
    quotes: npt.NDArray[np.int32]
    """Quotation marks that close a line."""
    short: int
    """Characters that a short line has at most."""
    long: int
    """Characters that a long line has at least."""


@njit(nogil=True, cache=True)
def measure_lines(
    text: npt.NDArray[np.uint8], words: Words, lines: Lines, line_count: int, marks: LineMarks, tally: Tally
) -> None:
    """Count paragraphs, kinds of lines that are not blank, and sentences: a line ends the one that is open."""
    after_blank = True
    for line in range(line_count):
        first, behind = lines.first_word[line], lines.first_word[line + 1]
        length = lines.first_character[line + 1] - 1 - lines.first_character[line]
        if first < behind:
            tally[Count.NONBLANK_LINES] += 1
            tally[Count.PARAGRAPHS] += after_blank
            tally[Count.SHORT_LINES] += length <= marks.short
            tally[Count.LONG_LINES] += length >= marks.long
            code, _ = decode(text, words.start[first], words.end[first])
            if classes_of(code) & (PUNCTUATION | SYMBOL):
                tally[Count.BULLET_LINES] += _is_one_of(code, marks.bullets)
                tally[Count.ROUND_BULLET_LINES] += _is_one_of(code, marks.round_bullets)
            if words.classes[behind - 1] & PUNCTUATION:
                _measure_line_end(text, words.start[first], words.end[behind - 1], marks.quotes, tally)
        is_open = False
        for k in range(first, behind):
            has_content = (words.classes[k] & (LETTER | NUMBER)) != 0
            if not words.classes[k] & TERMINAL:
                is_open |= has_content
            elif words.length[k] == words.end[k] - words.start[k]:  # all of it is ASCII
                is_open |= has_content
                ends = is_open and ends_sentence(text, words.start[k], words.end[k])
                tally[Count.SENTENCES] += ends
                is_open &= not ends
            else:
                count, is_open = count_sentence_ends(text, words.start[k], words.end[k], is_open)
                tally[Count.SENTENCES] += count
        tally[Count.SENTENCES] += is_open
        after_blank = first == behind


@njit(nogil=True, cache=True)
def _measure_line_end(
    text: npt.NDArray[np.uint8], start: int, end: int, quotes: npt.NDArray[np.int32], tally: Tally
) -> None:
    """Count ellipses and end marks of a line, given without white space at its ends."""
    code, before = decode_before(text, start, end)
    is_quote = _is_one_of(code, quotes)
    while classes_of(code) & CLOSING and before > start:
        code, before = decode_before(text, start, before)
    tally[Count.PUNCTUATED_LINES] += is_quote or (classes_of(code) & TERMINAL) != 0
    tally[Count.ELLIPSIS_LINES] += ends_in_ellipsis(text, end)


@njit(nogil=True, cache=True)
def _is_one_of(code: int, codes: npt.NDArray[np.int32]) -> bool:
    """Whether a code point is in a short list."""
    for other in codes:  # noqa: SIM110 -- numba compiles loops, not generators
        if code == other:
            return True
    return False
