"""Counts over the characters, words and lines of documents, for the rules of Gopher, C4 and FineWeb."""

from enum import IntEnum, auto
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.hashing import hash_bytes
from datapipe.kernels.phrase_counts import count_phrases, phrase_pairs
from datapipe.kernels.phrases import Phrases
from datapipe.kernels.stop_words import NOT_FOUND, StopWords, find_stop_word
from datapipe.kernels.unicode_classes import (
    CLASSES,
    CLOSING,
    DIGIT,
    LETTER,
    NUMBER,
    PUNCTUATION,
    SYMBOL,
    TERMINAL,
    UPPERCASE,
    classes_of,
    decode,
    decode_before,
)
from datapipe.kernels.word_marks import count_sentence_ends, ellipsis_at, ends_in_ellipsis, marks_at_end, marks_at_start
from datapipe.kernels.words import Lines, Words, find_words, line_space, word_space

Text = npt.NDArray[np.uint8]
Tally = npt.NDArray[np.int64]

_NEWLINE, _HASH, _BRACE = ord("\n"), ord("#"), ord("{")
_DOT, _ELLIPSIS_BYTE = ord("."), "…".encode()[0]


class Count(IntEnum):
    """What is counted: the columns of the result."""

    CHARACTERS = 0
    LETTERS = auto()
    UPPERCASE = auto()
    DIGITS = auto()
    WORDS = auto()
    WORD_CHARACTERS = auto()
    LONGEST_WORD = auto()
    """Characters of the longest word."""
    TRIMMED_WORDS = auto()
    """Words of which something remains without the punctuation and symbols at their ends."""
    TRIMMED_CHARACTERS = auto()
    ALPHABETIC_WORDS = auto()
    SYMBOL_WORDS = auto()
    """Words that are an ellipsis or more than half `#`."""
    HASHES = auto()
    ELLIPSES = auto()
    STOP_WORDS = auto()
    DISTINCT_STOP_WORDS = auto()
    CURLY_BRACES = auto()
    SENTENCES = auto()
    LINES = auto()
    NONBLANK_LINES = auto()
    NEWLINES = auto()
    PARAGRAPHS = auto()
    SHORT_LINES = auto()
    LONG_LINES = auto()
    BULLET_LINES = auto()
    ROUND_BULLET_LINES = auto()
    ELLIPSIS_LINES = auto()
    PUNCTUATED_LINES = auto()
    PHRASES = auto()
    """The first group of phrases; a column follows for each further one."""


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


def measure_text(
    offsets: npt.NDArray[np.int64],
    data: Text,
    languages: npt.NDArray[np.int32],
    stop_words: StopWords,
    marks: LineMarks,
    phrases: Phrases,
) -> npt.NDArray[np.int64]:
    """Counts of each document, one column for each of `Count` and for each further group of phrases.

    `languages` holds for each document the row of `stop_words` that its stop words are counted by, or -1 for none.
    """
    groups = int(phrases.groups.max(initial=0)) + 1
    counts = np.zeros((len(offsets) - 1, Count.PHRASES + groups), np.int64)
    seen = np.full(stop_words.keys.shape[1], -1, np.int64)
    words, lines = word_space(offsets), line_space(offsets)
    _measure(offsets, data, languages, stop_words, seen, marks, phrases, phrase_pairs(phrases), words, lines, counts)
    return counts


@njit(nogil=True, cache=True)
def _measure(
    offsets: npt.NDArray[np.int64],
    data: Text,
    languages: npt.NDArray[np.int32],
    stop_words: StopWords,
    seen: npt.NDArray[np.int64],
    marks: LineMarks,
    phrases: Phrases,
    pairs: npt.NDArray[np.bool_],
    words: Words,
    lines: Lines,
    counts: npt.NDArray[np.int64],
) -> None:
    """Fill `counts` document by document. `seen` holds for each stop word the last document that has it."""
    for row in range(len(offsets) - 1):
        text = data[offsets[row] : offsets[row + 1]]
        tally = counts[row]
        word_count, line_count, characters = find_words(text, words, lines)
        tally[Count.CHARACTERS] = characters
        tally[Count.WORDS] = word_count
        tally[Count.LINES] = line_count
        tally[Count.NEWLINES] = line_count if len(text) and text[-1] == _NEWLINE else max(line_count - 1, 0)
        _measure_characters(text, tally)
        _measure_lines(text, words, lines, line_count, marks, tally)
        _measure_words(text, words, word_count, tally)
        if languages[row] >= 0:
            _measure_stop_words(text, words, word_count, stop_words, languages[row], seen, row, tally)
        count_phrases(text, phrases, pairs, tally[Count.PHRASES :])


@njit(nogil=True, cache=True)
def _measure_characters(text: Text, tally: Tally) -> None:
    """Count letters, upper-case letters and digits."""
    letters = uppercase = digits = 0
    i = 0
    while i < len(text):
        if text[i] < 0x80:
            classes = CLASSES[text[i]]
            i += 1
        else:
            code, i = decode(text, i, len(text))
            classes = classes_of(code)
        letters += (classes & LETTER) != 0
        uppercase += (classes & UPPERCASE) != 0
        digits += (classes & DIGIT) != 0
    tally[Count.LETTERS] = letters
    tally[Count.UPPERCASE] = uppercase
    tally[Count.DIGITS] = digits


@njit(nogil=True, cache=True)
def _measure_lines(text: Text, words: Words, lines: Lines, line_count: int, marks: LineMarks, tally: Tally) -> None:
    """Count paragraphs, kinds of lines that are not blank, and their sentences."""
    after_blank = True
    for k in range(line_count):
        first, behind = lines.first_word[k], lines.first_word[k + 1]
        is_blank = first == behind
        if not is_blank:
            length = lines.first_character[k + 1] - 1 - lines.first_character[k]
            tally[Count.NONBLANK_LINES] += 1
            tally[Count.PARAGRAPHS] += after_blank
            tally[Count.SHORT_LINES] += length <= marks.short
            tally[Count.LONG_LINES] += length >= marks.long
            _measure_line_start(text, words.start[first], words.end[first], marks, tally)
            _measure_line_end(text, words.start[first], words.end[behind - 1], marks, tally)
            tally[Count.SENTENCES] += _sentences(text, words, first, behind)
        after_blank = is_blank


@njit(nogil=True, cache=True)
def _measure_line_start(text: Text, start: int, end: int, marks: LineMarks, tally: Tally) -> None:
    """Count bullets: `start` is the first byte of the line that is not white space."""
    code, _ = decode(text, start, end)
    if classes_of(code) & (PUNCTUATION | SYMBOL):
        tally[Count.BULLET_LINES] += _is_one_of(code, marks.bullets)
        tally[Count.ROUND_BULLET_LINES] += _is_one_of(code, marks.round_bullets)


@njit(nogil=True, cache=True)
def _measure_line_end(text: Text, start: int, end: int, marks: LineMarks, tally: Tally) -> None:
    """Count ellipses and end marks: white space at both ends of the line is left out."""
    code, before = decode_before(text, start, end)
    if not classes_of(code) & PUNCTUATION:
        return
    tally[Count.ELLIPSIS_LINES] += ends_in_ellipsis(text, end)
    is_quote = _is_one_of(code, marks.quotes)
    while classes_of(code) & CLOSING and before > start:
        code, before = decode_before(text, start, before)
    tally[Count.PUNCTUATED_LINES] += is_quote or (classes_of(code) & TERMINAL) != 0


@njit(nogil=True, cache=True)
def _is_one_of(code: int, codes: npt.NDArray[np.int32]) -> bool:
    """Whether a code point is in a short list."""
    for other in codes:  # noqa: SIM110 -- numba compiles loops, not generators
        if code == other:
            return True
    return False


@njit(nogil=True, cache=True)
def _sentences(text: Text, words: Words, first: int, behind: int) -> int:
    """Sentences of a line: the last one needs no mark at its end."""
    count = 0
    is_open = False
    for k in range(first, behind):
        if words.classes[k] & TERMINAL:
            ends, is_open = count_sentence_ends(text, words.start[k], words.end[k], is_open)
            count += ends
        else:
            is_open |= (words.classes[k] & (LETTER | NUMBER)) != 0
    return count + is_open


@njit(nogil=True, cache=True)
def _measure_words(text: Text, words: Words, word_count: int, tally: Tally) -> None:
    """Count kinds of words and the marks in them, and leave the words trimmed."""
    free = 0  # the byte behind the last ellipsis, which may reach over several words
    for k in range(word_count):
        length, classes = words.length[k], words.classes[k]
        tally[Count.WORD_CHARACTERS] += length
        tally[Count.LONGEST_WORD] = max(tally[Count.LONGEST_WORD], length)
        tally[Count.ALPHABETIC_WORDS] += (classes & LETTER) != 0
        if classes & (PUNCTUATION | SYMBOL):
            free = _measure_marks(text, words.start[k], words.end[k], length, free, tally)
            start, before = marks_at_start(text, words.start[k], words.end[k])
            end, behind = marks_at_end(text, start, words.end[k])
            words.length[k] -= before + behind
            if words.length[k] > 0:
                words.start[k], words.end[k] = start, end
        tally[Count.TRIMMED_WORDS] += words.length[k] > 0
        tally[Count.TRIMMED_CHARACTERS] += words.length[k]


@njit(nogil=True, cache=True)
def _measure_marks(text: Text, start: int, end: int, length: int, free: int, tally: Tally) -> int:
    """Count `#`, `{` and ellipses in a word with punctuation; returns the byte behind the last ellipsis."""
    hashes = ellipsis_bytes = 0
    for i in range(start, end):
        hashes += text[i] == _HASH
        tally[Count.CURLY_BRACES] += text[i] == _BRACE
        if (text[i] == _DOT or text[i] == _ELLIPSIS_BYTE) and i >= free:
            size = ellipsis_at(text, i)
            tally[Count.ELLIPSES] += size > 0
            ellipsis_bytes += size
            free = i + size
    tally[Count.HASHES] += hashes
    tally[Count.SYMBOL_WORDS] += ellipsis_bytes == end - start or 2 * hashes > length
    return free


@njit(nogil=True, cache=True)
def _measure_stop_words(
    text: Text,
    words: Words,
    word_count: int,
    stop_words: StopWords,
    language: int,
    seen: npt.NDArray[np.int64],
    row: int,
    tally: Tally,
) -> None:
    """Count the trimmed words that are stop words, and the different ones among them."""
    first_bytes = stop_words.first_bytes[language]
    no_length = len(first_bytes) - 1
    for k in range(word_count):
        start = words.start[k]
        if first_bytes[min(words.length[k], no_length), text[start]]:
            found = find_stop_word(stop_words, language, hash_bytes(text, start, words.end[k]))
            if found != NOT_FOUND:
                tally[Count.STOP_WORDS] += 1
                tally[Count.DISTINCT_STOP_WORDS] += seen[found] != row
                seen[found] = row
