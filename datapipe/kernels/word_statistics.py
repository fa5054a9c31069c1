"""Kinds of words of a document, the marks in them, and stop words."""

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.hashing import take_in_bytes
from datapipe.kernels.stop_words import StopWordSearch, count_distinct, meet_word
from datapipe.kernels.text_counts import Count, Tally
from datapipe.kernels.unicode_classes import COUNTED, LETTER, PUNCTUATION, SYMBOL
from datapipe.kernels.word_marks import ellipsis_at, trim, trim_ascii
from datapipe.kernels.words import Words

_MARKS = PUNCTUATION | SYMBOL
_HASH, _BRACE = ord("#"), ord("{")
_IS_COUNTED = np.isin(np.arange(256), [*b"#{.", "…".encode()[0]])


@njit(nogil=True, cache=True)
def measure_words(
    text: npt.NDArray[np.uint8],
    words: Words,
    word_count: int,
    marked: npt.NDArray[np.int32],
    search: StopWordSearch,
    language: int,
    row: int,
    tally: Tally,
) -> None:
    """Count kinds of words, the signs in them, and stop words. `marked` is scratch space for a number per word.

    Words with marks are few and take long: they wait until all others are counted in loops without a branch.
    """
    characters = longest = alphabetic = marked_count = met_count = 0
    for k in range(word_count):
        length, classes = words.length[k], words.classes[k]
        characters += length
        longest = max(longest, length)
        alphabetic += (classes & LETTER) != 0
        marked[marked_count] = k
        marked_count += (classes & _MARKS) != 0
    for k in range(word_count):
        met_count = meet_word(search, language, words.key[k], not words.classes[k] & _MARKS, met_count)
    tally[Count.WORD_CHARACTERS] = characters
    tally[Count.LONGEST_WORD] = longest
    tally[Count.ALPHABETIC_WORDS] = alphabetic
    tally[Count.TRIMMED_WORDS] = word_count
    tally[Count.TRIMMED_CHARACTERS] = characters
    met_count = _measure_marked_words(text, words, marked[:marked_count], search, language, met_count, tally)
    tally[Count.STOP_WORDS] = met_count
    tally[Count.DISTINCT_STOP_WORDS] = count_distinct(search, language, row, met_count)


@njit(nogil=True, cache=True)
def _measure_marked_words(
    text: npt.NDArray[np.uint8],
    words: Words,
    marked: npt.NDArray[np.int32],
    search: StopWordSearch,
    language: int,
    met_count: int,
    tally: Tally,
) -> int:
    """Count what is special about words with punctuation or symbols; returns how many stop words are met now."""
    free = 0  # the byte behind the last ellipsis, which may reach over several words
    for k in marked:
        length = words.length[k]
        if words.classes[k] & COUNTED:
            free = _measure_signs(text, words.start[k], words.end[k], length, free, tally)
        start, end = trim_ascii(text, words.start[k], words.end[k])
        length -= start - words.start[k] + words.end[k] - end
        if start < end and (text[start] | text[end - 1]) >= 0x80:
            start, end, length = trim(text, start, end, length)
        tally[Count.TRIMMED_CHARACTERS] -= words.length[k] - length
        tally[Count.TRIMMED_WORDS] -= length == 0
        met_count = meet_word(search, language, take_in_bytes(text, start, end), True, met_count)
    return met_count


@njit(nogil=True, cache=True)
def _measure_signs(text: npt.NDArray[np.uint8], start: int, end: int, length: int, free: int, tally: Tally) -> int:
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
