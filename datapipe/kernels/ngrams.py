"""How much of a document is word n-grams that occur more than once.

An n-gram can repeat only where both its (n-1)-grams repeat, so each length looks only at places that the one before
left over. What repeated there stands for itself by a number (its slot in the table), so an n-gram is a pair of two such
numbers: it is compared exactly and in one step, whatever its length. It begins with the pairs of words: to count single
words first would cost as much as it saves.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.hashing import SEED, mix
from datapipe.kernels.key_counts import KeyCounts, begin, count_key, mark, occurrences
from datapipe.kernels.repeat_filter import Cells, clear, is_noted_twice, new_cells, note
from datapipe.kernels.words import Words

TOP = (2, 3, 4)
"""Lengths n of which the most frequent n-gram is measured (Rae et al. 2021, table A1)."""
DUPLICATED = (5, 6, 7, 8, 9, 10)
"""Lengths n of which all repeated n-grams are measured."""

_HALF = np.uint64(32)


class Repeats(NamedTuple):
    """Scratch space: the places of one document where an n-gram stands that occurs more than once."""

    word: npt.NDArray[np.int32]
    """Number of its first word, rising."""
    slot: npt.NDArray[np.int32]
    """What stands for the n-gram: equal n-grams have equal slots."""
    key: npt.NDArray[np.uint64]
    """Keys of the n-grams that are to be counted."""
    cells: Cells
    """For the filter."""
    letters: npt.NDArray[np.int32]
    """Code points of the words before each word of the document, and of all words."""


def repeat_space(words: Words) -> Repeats:
    """Scratch space for the documents that fit into `words`."""
    size = len(words.start)
    word, slot = (np.empty(size, np.int32) for _ in range(2))
    return Repeats(word, slot, np.empty(size, np.uint64), new_cells(size), np.empty(size + 1, np.int32))


@njit(nogil=True, cache=True)
def measure_ngrams(
    words: Words,
    word_count: int,
    repeats: Repeats,
    table: KeyCounts,
    datatrove: bool,
    tally: npt.NDArray[np.int64],
) -> None:
    """Fill `tally`, which is zero, with the characters of each length of `TOP` and `DUPLICATED`, in this order.

    As DCLM counts, n-grams have the characters of their words, of equally frequent ones the longest is the most
    frequent, and words of several repeated n-grams count once. As `datatrove` counts, the most frequent n-gram has a
    space between its words and is the first of equally frequent ones, and only later copies count as repeated, in steps
    of whole n-grams. An n-gram that occurs once is never the most frequent.
    """
    _sum_letters(words, word_count, repeats)
    count = _repeated_pairs(words, word_count, repeats, table)
    for place, n in enumerate(TOP + DUPLICATED):
        if n > TOP[0]:
            count = _repeated_ngrams(count, repeats, table)
        if count == 0:
            break
        if n <= TOP[-1]:
            tally[place] = _top_characters(n, count, repeats, table, datatrove)
        elif datatrove:
            tally[place] = _later_copy_characters(n, count, repeats, table)
        else:
            tally[place] = _covered_characters(n, count, repeats)


@njit(nogil=True, cache=True)
def _repeated_pairs(words: Words, word_count: int, repeats: Repeats, table: KeyCounts) -> int:
    """Fill `repeats` with the pairs of words that occur more than once; returns their number.

    Most pairs occur once, so a filter goes before the table.
    """
    pairs = word_count - 1
    shift = clear(repeats.cells, pairs)
    for k in range(pairs):
        key = mix(mix(SEED, words.key[k]), words.key[k + 1])
        repeats.key[k] = key
        note(repeats.cells, shift, key)
    candidates = 0
    for k in range(pairs):
        key = repeats.key[k]
        repeats.key[candidates] = key
        repeats.word[candidates] = k
        candidates += is_noted_twice(repeats.cells, shift, key)
    return _keep_repeated(candidates, repeats, table)


@njit(nogil=True, cache=True)
def _repeated_ngrams(count: int, repeats: Repeats, table: KeyCounts) -> int:
    """From the repeated (n-1)-grams in `repeats` make the repeated n-grams; returns their number."""
    candidates = 0
    for k in range(count - 1):
        if repeats.word[k + 1] == repeats.word[k] + 1:
            repeats.key[candidates] = np.uint64(repeats.slot[k]) << _HALF | np.uint64(repeats.slot[k + 1])
            repeats.word[candidates] = repeats.word[k]
            candidates += 1
    return _keep_repeated(candidates, repeats, table)


@njit(nogil=True, cache=True)
def _keep_repeated(count: int, repeats: Repeats, table: KeyCounts) -> int:
    """Keep those of the first `count` places whose key occurs more than once; returns their number.

    Keys are made before, counted and sorted out here, each in a loop of its own: short loops keep the processor busy.
    """
    mask = begin(table, count)
    for k in range(count):
        repeats.slot[k] = count_key(table, mask, repeats.key[k])
    kept = 0
    for k in range(count):
        slot = repeats.slot[k]
        repeats.word[kept] = repeats.word[k]
        repeats.slot[kept] = slot
        kept += occurrences(table, np.uint64(slot)) > 1
    return kept


@njit(nogil=True, cache=True)
def _top_characters(n: int, count: int, repeats: Repeats, table: KeyCounts, datatrove: bool) -> int:
    """Characters of the most frequent n-gram, all its copies."""
    most = longest = 0
    for k in range(count):
        times = occurrences(table, np.uint64(repeats.slot[k]))
        length = _letters(repeats, repeats.word[k], repeats.word[k] + n)
        if times > most or (times == most and length > longest and not datatrove):
            most, longest = times, length
    return most * (longest + n - 1) if datatrove else most * longest


@njit(nogil=True, cache=True)
def _covered_characters(n: int, count: int, repeats: Repeats) -> int:
    """Characters of the words that stand in a repeated n-gram, each word once."""
    characters = covered = 0
    for k in range(count):
        first, end = repeats.word[k], repeats.word[k] + n
        characters += _letters(repeats, max(first, covered), end)
        covered = end
    return characters


@njit(nogil=True, cache=True)
def _later_copy_characters(n: int, count: int, repeats: Repeats, table: KeyCounts) -> int:
    """Characters of n-grams seen before, going on behind each."""
    characters = free = 0
    for k in range(count):
        first = repeats.word[k]
        if first >= free and mark(table, np.uint64(repeats.slot[k])):
            free = first + n
            characters += _letters(repeats, first, free)
    return characters


@njit(nogil=True, cache=True)
def _letters(repeats: Repeats, first: int, end: int) -> int:
    """Code points of the words from number `first` up to `end`."""
    return int(repeats.letters[end] - repeats.letters[first])


@njit(nogil=True, cache=True)
def _sum_letters(words: Words, word_count: int, repeats: Repeats) -> None:
    """Fill `repeats.letters`."""
    letters = 0
    for k in range(word_count):
        repeats.letters[k] = letters
        letters += words.length[k]
    repeats.letters[word_count] = letters
