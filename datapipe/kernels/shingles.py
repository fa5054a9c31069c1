"""Shingles: the n-grams of words or characters of a text, in the form in which texts are compared, as 32-bit hashes."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.case_data import FOLDED
from datapipe.kernels.hashing import SEED, finish, mix
from datapipe.kernels.shingling import Shingling
from datapipe.kernels.unicode_classes import (
    CLASS_PAGES,
    CLASSES,
    DIGIT,
    MARK,
    PUNCTUATION,
    UNSPACED,
    WHITE_SPACE,
    decode,
    in_pages,
)
from datapipe.kernels.words import longest

Offsets = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
Hashes = npt.NDArray[np.uint32]
Actions = tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]

_MULTIPLIER = np.uint64(0x9FB21C651E98DF25)
"""Of the rolling hash: an odd number without pattern, from the mixer rrmxmx (Evensen 2018)."""

# What a code point is, above the bits of the code point that it counts as.
_GAP, _ALONE, _MARK, _REMOVED = (1 << bit for bit in range(21, 25))
_CODE = _GAP - 1


def shingle_hashes(offsets: Offsets, data: Bytes, shingling: Shingling) -> tuple[Offsets, Hashes]:
    """The shingles of every text in order, repeated ones too, as list offsets (rows + 1) and values.

    A text of fewer units than an n-gram has, but of one at least, is one shingle; a text without any has none.
    """
    longest(offsets)
    actions = _actions(shingling.normalize, shingling.strip_marks, shingling.unit == "word")
    return _hash_texts(offsets, data, actions, shingling.unit == "word", shingling.ngram, shingling.max_chars)


def shingle_sets(offsets: Offsets, data: Bytes, shingling: Shingling) -> tuple[Offsets, Hashes]:
    """The same as sets: rising, each value once."""
    return _as_sets(*shingle_hashes(offsets, data, shingling))


@lru_cache(maxsize=16)
def _actions(normalize: str, strip_marks: bool, is_word: bool) -> Actions:
    """What every code point counts as, with the bits of what it is."""
    classes = CLASSES.reshape(-1, 256)[CLASS_PAGES >> 8].reshape(-1)
    found = np.arange(len(classes), dtype=np.int32)
    gaps = WHITE_SPACE
    if normalize == "folded":
        for item in FOLDED.split():
            letter, _, folded = item.partition(":")
            found[int(letter, 16)] = int(folded, 16)
        found[classes & DIGIT != 0] = ord("0")
        gaps |= PUNCTUATION
    if is_word or normalize != "none":
        found[classes & gaps != 0] = _GAP | ord(" ")
    found[classes & UNSPACED != 0] |= _ALONE
    found[classes & MARK != 0] |= _REMOVED if strip_marks else _MARK
    return in_pages(found)


@njit(nogil=True, cache=True)
def _hash_texts(
    offsets: Offsets, data: Bytes, actions: Actions, is_word: bool, ngram: int, max_chars: int
) -> tuple[Offsets, Hashes]:
    """Shingles of all texts."""
    rows = len(offsets) - 1
    size = 0
    for row in range(rows):
        size = max(size, offsets[row + 1] - offsets[row])
    lists = np.zeros(rows + 1, np.int64)
    keys = np.empty(size + 1, np.uint64)
    hashes = np.empty(offsets[rows] - offsets[0], np.uint32)
    power = np.uint64(1)
    for _ in range(ngram):
        power *= _MULTIPLIER
    at = 0
    for row in range(rows):
        start, end = offsets[row], _end_of_characters(data, offsets[row], offsets[row + 1], max_chars)
        if is_word:
            count = _word_keys(data, start, end, actions, keys)
        else:
            count = _character_keys(data, start, end, actions, keys)
        at = _hash_ngrams(keys, count, ngram, power, hashes, at)
        lists[row + 1] = at
    return lists, hashes[:at]


@njit(nogil=True, cache=True)
def _end_of_characters(data: Bytes, start: int, end: int, max_chars: int) -> int:
    """Where the first `max_chars` characters end."""
    if end - start <= max_chars:
        return end
    i = start
    for _ in range(max_chars):
        if i >= end:
            break
        _, i = decode(data, i, end)
    return i


@njit(nogil=True, cache=True)
def _word_keys(data: Bytes, i: int, end: int, actions: Actions, keys: npt.NDArray[np.uint64]) -> int:
    """Fill `keys` with what stands for each word of data[i:end]; returns their number."""
    pages, values = actions
    count = 0
    is_open = is_alone = False
    state = SEED
    while i < end:
        code, i = decode(data, i, end)
        action = values[pages[code >> 8] + (code & 255)]
        if action & _REMOVED:
            continue
        if action & (_GAP | _ALONE) or (is_alone and not action & _MARK):
            if is_open:
                keys[count] = finish(state)
                count += 1
            state, is_open = SEED, False
            is_alone = action & _ALONE != 0
            if action & _GAP:
                continue
        state = mix(state, np.uint64(action & _CODE))
        is_open = True
    if is_open:
        keys[count] = finish(state)
        count += 1
    return count


@njit(nogil=True, cache=True)
def _character_keys(data: Bytes, i: int, end: int, actions: Actions, keys: npt.NDArray[np.uint64]) -> int:
    """Fill `keys` with what stands for each character, a run of gaps as one and none at the ends."""
    pages, values = actions
    count = 0
    is_after_gap = False
    while i < end:
        code, i = decode(data, i, end)
        action = values[pages[code >> 8] + (code & 255)]
        if action & _REMOVED:
            continue
        if action & _GAP:
            is_after_gap = count > 0
            continue
        if is_after_gap:
            keys[count] = finish(mix(SEED, np.uint64(0x20)))
            count += 1
            is_after_gap = False
        keys[count] = finish(mix(SEED, np.uint64(action & _CODE)))
        count += 1
    return count


@njit(nogil=True, cache=True)
def _hash_ngrams(
    keys: npt.NDArray[np.uint64], count: int, ngram: int, power: np.uint64, hashes: Hashes, at: int
) -> int:
    """Write the hash of every n-gram from `at` on; where the next one goes. Of a polynomial, so that it can roll."""
    state = np.uint64(0)
    for k in range(min(count, ngram)):
        state = state * _MULTIPLIER + keys[k]
    if count > 0:
        hashes[at] = finish(state) >> np.uint64(32)
        at += 1
    for k in range(ngram, count):
        state = state * _MULTIPLIER + keys[k] - keys[k - ngram] * power
        hashes[at] = finish(state) >> np.uint64(32)
        at += 1
    return at


@njit(nogil=True, cache=True)
def _as_sets(lists: Offsets, hashes: Hashes) -> tuple[Offsets, Hashes]:
    """Every list rising, each value once."""
    sets = np.zeros(len(lists), np.int64)
    values = np.empty(len(hashes), np.uint32)
    at = 0
    for row in range(len(lists) - 1):
        first = at
        for value in np.sort(hashes[lists[row] : lists[row + 1]]):
            if at == first or values[at - 1] != value:
                values[at] = value
                at += 1
        sets[row + 1] = at
    return sets, values[:at]
