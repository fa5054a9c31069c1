"""C4's line removal: keep the lines that read like sentences, cut citation marks out of them."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.phrases import Phrases, contains_phrase, ends_with_phrase, phrase_at
from datapipe.kernels.unicode_classes import DIGIT, WHITE_SPACE, classes_of, decode
from datapipe.kernels.words import Lines, Words, find_words

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int64]

KEPT, LONG_WORD, NO_END_MARK, SHORT, SCRIPT, POLICY = range(6)
"""What becomes of a line that is not blank."""


class LineRules(NamedTuple):
    """What a line must be to stay."""

    max_word_length: int
    min_words: int
    counts_citations: bool
    """Whether words are counted before citation marks are cut out."""
    end_marks: Phrases
    """None of them: any line end will do."""
    not_end_marks: Phrases
    """Endings that are no end marks although they end in one: the ellipsis."""
    script_phrases: Phrases
    policy_phrases: Phrases
    citations: Phrases
    """Cut out, like a number in square brackets."""


@njit(nogil=True, cache=True)
def keep_lines(
    offsets: Offsets, data: Bytes, space: tuple[Words, Lines], other_space: tuple[Words, Lines], rules: LineRules
) -> tuple[Offsets, Bytes, npt.NDArray[np.int64]]:
    """Offsets and bytes of the documents' remaining lines, trimmed, and per document what was done.

    Shape (rows, 9): lines by the six outcomes, citation marks cut out of remaining lines, words, words of remaining
    lines. The two spaces are scratch for this batch.
    """
    words, lines = space
    rows = len(offsets) - 1
    new_offsets = np.zeros(rows + 1, np.int64)
    written = np.empty(offsets[rows] - offsets[0], np.uint8)
    counts = np.zeros((rows, 9), np.int64)
    at = 0
    for row in range(rows):
        text = data[offsets[row] : offsets[row + 1]]
        counts[row, 7], line_count, _ = find_words(text, words, lines)
        for line in range(line_count):
            first, behind = lines.first_word[line], lines.first_word[line + 1]
            if first == behind:
                continue
            if words.length[first:behind].max() > rules.max_word_length:
                counts[row, LONG_WORD] += 1
                continue
            # A newline goes before every line but the first that stays.
            start = at + 1 if at > new_offsets[row] else at
            stop, citations = _cut(text, words.start[first], words.end[behind - 1], written, start, rules.citations)
            word_count = behind - first
            if citations > 0 and not rules.counts_citations:
                word_count = find_words(written[start:stop], other_space[0], other_space[1])[0]
            outcome = _judge(written, start, stop, word_count, rules)
            counts[row, outcome] += 1
            if outcome == KEPT:
                if start > at:
                    written[at] = ord("\n")
                at = stop
                counts[row, 6] += citations
                counts[row, 8] += behind - first
        new_offsets[row + 1] = at
    return new_offsets, written[:at], counts


@njit(nogil=True, cache=True)
def _judge(line: Bytes, start: int, end: int, word_count: int, rules: LineRules) -> int:
    """The outcome for a line without its citation marks, in C4's order of tests."""
    if len(rules.end_marks.groups) > 0:
        has_mark = ends_with_phrase(line, start, end, rules.end_marks)
        if not has_mark or ends_with_phrase(line, start, end, rules.not_end_marks):
            return NO_END_MARK
    if word_count < rules.min_words or start == end:
        return SHORT
    if contains_phrase(line, start, end, rules.script_phrases):
        return SCRIPT
    if contains_phrase(line, start, end, rules.policy_phrases):
        return POLICY
    return KEPT


@njit(nogil=True, cache=True)
def _cut(text: Bytes, i: int, end: int, written: Bytes, at: int, citations: Phrases) -> tuple[int, int]:
    """Write text[i:end] without citation marks and the white space they leave at either end.

    Returns where the written part ends, and how many marks were cut out.
    """
    start = content_end = at
    cut = 0
    while i < end:
        if text[i] == ord("["):
            after = _behind_citation(text, i, end, citations)
            if after > i:
                cut += 1
                i = after
                continue
        code, after = decode(text, i, end)
        is_space = (classes_of(code) & WHITE_SPACE) != 0
        if not is_space or at > start:
            for k in range(i, after):
                written[at] = text[k]
                at += 1
        if not is_space:
            content_end = at
        i = after
    return content_end, cut


@njit(nogil=True, cache=True)
def _behind_citation(text: Bytes, i: int, end: int, citations: Phrases) -> int:
    """The byte behind a citation mark that begins at `i`, else `i`: a listed one, or digits in square brackets."""
    phrase = phrase_at(text, i, end, citations)
    if phrase >= 0:
        return i + int(citations.offsets[phrase + 1] - citations.offsets[phrase])
    k = i + 1
    while k < end:
        code, after = decode(text, k, end)
        if code == ord("]"):
            return after
        if not classes_of(code) & DIGIT:
            return i
        k = after
    return i
