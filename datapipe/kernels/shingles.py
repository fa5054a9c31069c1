"""Shingles: the n-grams of words or characters of a text, in the form in which texts are compared, as 32-bit hashes."""

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.hashing import finish
from datapipe.kernels.shingle_units import Bytes, Keys, Meanings, character_keys, meanings, word_keys
from datapipe.kernels.shingling import Shingling

Offsets = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint32]

_MULTIPLIER = np.uint64(0x9FB21C651E98DF25)
"""Of the polynomial: an odd number without a pattern, from the mixer rrmxmx (Evensen 2018)."""
_HALF = np.uint64(32)


def shingle_hashes(offsets: Offsets, data: Bytes, shingling: Shingling) -> tuple[Offsets, Hashes]:
    """The shingles of every text in order, repeated ones too, as list offsets (rows + 1) and values.

    A text of fewer units than an n-gram has, but of one at least, is one shingle; a text without any has none.
    """
    is_word, is_folded = shingling.unit == "word", shingling.normalize == "folded"
    means = meanings(shingling.normalize, shingling.strip_marks, is_word)
    return _hash_texts(offsets, data, means, is_word, is_folded, shingling.ngram, shingling.max_chars)


def shingle_sets(offsets: Offsets, data: Bytes, shingling: Shingling) -> tuple[Offsets, Hashes]:
    """The same as sets: rising, each value once."""
    lists, hashes = shingle_hashes(offsets, data, shingling)
    return _without_copies(lists, np.sort(_behind_rows(lists, hashes)))


@njit(nogil=True, cache=True)
def _hash_texts(
    offsets: Offsets, data: Bytes, meanings: Meanings, is_word: bool, is_folded: bool, ngram: int, max_chars: int
) -> tuple[Offsets, Hashes]:
    """Shingles of all texts."""
    rows = len(offsets) - 1
    longest = 0
    for row in range(rows):
        longest = max(longest, offsets[row + 1] - offsets[row])
    lists = np.zeros(rows + 1, np.int64)
    keys = np.empty(longest + 1, np.uint64)
    hashes = np.empty(offsets[rows] - offsets[0], np.uint32)
    power = np.uint64(1)
    for _ in range(ngram):
        power *= _MULTIPLIER
    at = 0
    for row in range(rows):
        start, end = offsets[row], _end_of_characters(data, offsets[row], offsets[row + 1], max_chars)
        if is_word:
            count = word_keys(data, start, end, meanings, is_folded, keys)
        else:
            count = character_keys(data, start, end, meanings, keys)
        at = _hash_ngrams(keys, count, ngram, power, hashes, at)
        lists[row + 1] = at
    return lists, hashes[:at]


@njit(nogil=True, cache=True)
def _end_of_characters(data: Bytes, start: int, end: int, max_chars: int) -> int:
    """Where the first `max_chars` characters end."""
    characters = 0
    if end - start > max_chars:
        for i in range(start, end):
            characters += data[i] & 0xC0 != 0x80  # the first byte of one
            if characters > max_chars:
                return i
    return end


@njit(nogil=True, cache=True)
def _hash_ngrams(keys: Keys, count: int, ngram: int, power: np.uint64, hashes: Hashes, at: int) -> int:
    """Write the hash of every n-gram from `at` on; where the next one goes.

    It is that of a polynomial of the keys modulo 2**64, which goes on from one n-gram to the next (Karp and Rabin
    1987). `power`: of the multiplier by the length of n-grams.
    """
    if count == 0:
        return at
    state = np.uint64(0)
    for k in range(min(count, ngram)):
        state = state * _MULTIPLIER + keys[k]
    hashes[at] = finish(state) >> _HALF
    for k in range(ngram, count):
        state = state * _MULTIPLIER + keys[k] - keys[k - ngram] * power
        hashes[at + k - ngram + 1] = finish(state) >> _HALF
    return at + max(1, count - ngram + 1)


@njit(nogil=True, cache=True)
def _behind_rows(lists: Offsets, hashes: Hashes) -> Keys:
    """Every hash with the number of its list above it."""
    keys = np.empty(len(hashes), np.uint64)
    for row in range(len(lists) - 1):
        for k in range(lists[row], lists[row + 1]):
            keys[k] = np.uint64(row) << _HALF | np.uint64(hashes[k])
    return keys


@njit(nogil=True, cache=True)
def _without_copies(lists: Offsets, keys: Keys) -> tuple[Offsets, Hashes]:
    """The lists of sorted hashes again, each value once."""
    sets = np.zeros(len(lists), np.int64)
    values = np.empty(len(keys), np.uint32)
    at = 0
    for row in range(len(lists) - 1):
        for k in range(lists[row], lists[row + 1]):
            if k == lists[row] or keys[k] != keys[k - 1]:
                values[at] = np.uint32(keys[k])
                at += 1
        sets[row + 1] = at
    return sets, values[:at]
