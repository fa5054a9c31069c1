"""Counts over the characters, words and lines of documents, for the rules of Gopher, C4 and FineWeb."""

from enum import IntEnum, auto
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.ascii_blocks import HIGH, capitals, count_bytes, digits, letters, read_block
from datapipe.kernels.hashing import take_in_bytes
from datapipe.kernels.phrase_counts import CountedPhrases, count_phrases
from datapipe.kernels.stop_words import StopWords, stop_word_slot
from datapipe.kernels.unicode_classes import (
    CLOSING,
    COUNTED,
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
from datapipe.kernels.word_marks import count_sentence_ends, ellipsis_at, ends_in_ellipsis, trim, trim_ascii
from datapipe.kernels.words import Lines, Words, find_words, line_space, word_space

Text = npt.NDArray[np.uint8]
Tally = npt.NDArray[np.int64]

_NEWLINE, _HASH, _BRACE = ord("\n"), ord("#"), ord("{")
_IS_COUNTED = np.isin(np.arange(256), [*b"#{.", "…".encode()[0]])


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
    phrases: CountedPhrases,
) -> npt.NDArray[np.int64]:
    """Counts of each document, one column for each of `Count` and for each further group of phrases.

    `languages` holds for each document the row of `stop_words` that its stop words are counted by.
    """
    groups = int(phrases.phrases.groups.max(initial=0)) + 1
    counts = np.zeros((len(offsets) - 1, Count.PHRASES + groups), np.int64)
    seen = np.full(stop_words.keys.shape[1], -1, np.int64)
    words, lines = word_space(offsets), line_space(offsets)
    _measure(offsets, data, languages, stop_words, seen, marks, phrases, words, lines, counts)
    return counts


@njit(nogil=True, cache=True)
def _measure(
    offsets: npt.NDArray[np.int64],
    data: Text,
    languages: npt.NDArray[np.int32],
    stop_words: StopWords,
    seen: npt.NDArray[np.int64],
    marks: LineMarks,
    phrases: CountedPhrases,
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
        _measure_words(text, words, word_count, stop_words, languages[row], seen, row, tally)
        count_phrases(text, phrases, tally[Count.PHRASES :])


@njit(nogil=True, cache=True)
def _measure_characters(text: Text, tally: Tally) -> None:
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


@njit(nogil=True, cache=True)
def _measure_lines(text: Text, words: Words, lines: Lines, line_count: int, marks: LineMarks, tally: Tally) -> None:
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
            if words.classes[k] & TERMINAL:
                ends, is_open = count_sentence_ends(text, words.start[k], words.end[k], is_open)
                tally[Count.SENTENCES] += ends
            else:
                is_open |= (words.classes[k] & (LETTER | NUMBER)) != 0
        tally[Count.SENTENCES] += is_open
        after_blank = first == behind


@njit(nogil=True, cache=True)
def _measure_line_end(text: Text, start: int, end: int, quotes: npt.NDArray[np.int32], tally: Tally) -> None:
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


@njit(nogil=True, cache=True)
def _measure_words(
    text: Text,
    words: Words,
    word_count: int,
    stop_words: StopWords,
    language: int,
    seen: npt.NDArray[np.int64],
    row: int,
    tally: Tally,
) -> None:
    """Count kinds of words, the marks in them, and stop words."""
    characters = longest = alphabetic = trimmed = trimmed_characters = stop_word_count = distinct = 0
    free = 0  # the byte behind the last ellipsis, which may reach over several words
    for k in range(word_count):
        length, classes, key = words.length[k], words.classes[k], words.key[k]
        characters += length
        longest = max(longest, length)
        alphabetic += (classes & LETTER) != 0
        if classes & (PUNCTUATION | SYMBOL):
            if classes & COUNTED:
                free = _measure_signs(text, words.start[k], words.end[k], length, free, tally)
            start, end = trim_ascii(text, words.start[k], words.end[k])
            length -= start - words.start[k] + words.end[k] - end
            if start < end and (text[start] | text[end - 1]) >= 0x80:
                start, end, length = trim(text, start, end, length)
            key = take_in_bytes(text, start, end)
        trimmed += length > 0
        trimmed_characters += length
        # Whether a word is a stop word is anyone's guess, so there is no branch.
        slot = stop_word_slot(stop_words, language, key)
        is_stop_word = stop_words.keys[language, slot] == key
        number = stop_words.numbers[language, slot]
        stop_word_count += is_stop_word
        distinct += is_stop_word & (seen[number] != row)
        seen[number] = row if is_stop_word else seen[number]
    tally[Count.WORD_CHARACTERS] = characters
    tally[Count.LONGEST_WORD] = longest
    tally[Count.ALPHABETIC_WORDS] = alphabetic
    tally[Count.TRIMMED_WORDS] = trimmed
    tally[Count.TRIMMED_CHARACTERS] = trimmed_characters
    tally[Count.STOP_WORDS] = stop_word_count
    tally[Count.DISTINCT_STOP_WORDS] = distinct


@njit(nogil=True, cache=True)
def _measure_signs(text: Text, start: int, end: int, length: int, free: int, tally: Tally) -> int:
    """Count `#`, `{` and ellipses in a word; returns the byte behind the last ellipsis."""
    hashes = ellipsis_bytes = 0
    for i in range(start, end):
        if _IS_COUNTED[text[i]]:
            if text[i] == _HASH:
                hashes += 1
            elif text[i] == _BRACE:
                tally[Count.CURLY_BRACES] += 1
            elif i >= free:
                size = ellipsis_at(text, i)
                tally[Count.ELLIPSES] += size > 0
                ellipsis_bytes += size
                free = i + size
    tally[Count.HASHES] += hashes
    tally[Count.SYMBOL_WORDS] += ellipsis_bytes == end - start or 2 * hashes > length
    return free
