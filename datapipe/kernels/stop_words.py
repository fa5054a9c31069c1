"""Stop words of many languages, found by their hash without a search."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.hashing import take_in_bytes
from datapipe.kernels.words import Words

_FEWEST_SLOTS = 1024  # lists of some twenty words find a shift at once
_SHIFTS = range(54)


class StopWords(NamedTuple):
    """Lists of stop words, one row per language, and behind them an empty one. Arrays are read-only."""

    keys: npt.NDArray[np.uint64]
    """Spellings, as `Words.key` has them, each in the one slot where it can be; 0 in the others. Slots are a power of
    two."""
    numbers: npt.NDArray[np.int32]
    """Of the same shape: which word of its list a spelling is of."""
    shifts: npt.NDArray[np.uint64]
    """For each language the bits of a key below those that say the slot: chosen so that no two spellings share one."""


@lru_cache(maxsize=8)
def encode_stop_words(lists: tuple[tuple[str, ...], ...]) -> StopWords:
    """The lists of several languages in the form that `search_for` takes.

    Words are found as they are listed, Capitalised and in CAPITALS.
    """
    numbered = [
        {_key(spelling): number for number, word in enumerate(words) for spelling in _spellings(word)}
        for words in (*lists, ())
    ]
    slots = _FEWEST_SLOTS
    while not (shifts := _shifts_without_collision(numbered, slots)):
        slots *= 2
    keys = np.zeros((len(numbered), slots), np.uint64)
    numbers = np.zeros((len(numbered), slots), np.int32)
    for row, found in enumerate(numbered):
        for key, number in found.items():
            slot = key >> shifts[row] & (slots - 1)
            keys[row, slot], numbers[row, slot] = key, number
    stop_words = StopWords(keys, numbers, np.array(shifts, np.uint64))
    for array in stop_words:
        array.flags.writeable = False
    return stop_words


def _spellings(word: str) -> set[str]:
    return {word, word.capitalize(), word.upper()}


def _key(word: str) -> int:
    data = np.frombuffer(word.encode(), np.uint8)
    return int(take_in_bytes(data, 0, len(data)))


def _shifts_without_collision(numbered: list[dict[int, int]], slots: int) -> list[int]:
    """A shift for each language; none at all if there is a language that has none."""
    shifts = []
    for keys in numbered:
        shift = next((s for s in _SHIFTS if len({key >> s & (slots - 1) for key in keys}) == len(keys)), None)
        if shift is None:
            return []
        shifts.append(shift)
    return shifts


class StopWordSearch(NamedTuple):
    """Stop words, and scratch space for those that one document has."""

    words: StopWords
    met: npt.NDArray[np.int32]
    """Slots of the stop words met, in order."""
    last_row: npt.NDArray[np.int64]
    """For each word of a list the last document that has it."""


def search_for(stop_words: StopWords, words: Words) -> StopWordSearch:
    """A search through one batch, whose documents fit into `words`."""
    slots = stop_words.keys.shape[1]
    return StopWordSearch(stop_words, np.empty(len(words.start), np.int32), np.full(slots, -1, np.int64))


@njit(nogil=True, cache=True)
def meet_word(search: StopWordSearch, language: int, key: np.uint64, counts: bool, met_count: int) -> int:
    """Put the word with this key down as met if it `counts` and is a stop word; returns how many are met now.

    Whether a word is a stop word is anyone's guess, for the processor too, so there is no branch.
    """
    keys = search.words.keys
    slot = key >> search.words.shifts[language] & np.uint64(keys.shape[1] - 1)
    search.met[met_count] = slot
    return met_count + int(counts & (keys[language, slot] == key))


@njit(nogil=True, cache=True)
def count_distinct(search: StopWordSearch, language: int, row: int, met_count: int) -> int:
    """How many different stop words are among those met in document `row`; rows rise."""
    count = 0
    for k in range(met_count):
        number = search.words.numbers[language, search.met[k]]
        count += search.last_row[number] != row
        search.last_row[number] = row
    return count
