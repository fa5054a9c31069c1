"""Stop words of many languages, found by their hash."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.hashing import hash_bytes

NOT_FOUND = -1


class StopWords(NamedTuple):
    """Lists of stop words, one row per language. Arrays are read-only."""

    first_bytes: npt.NDArray[np.bool_]
    """Shape (languages, lengths in characters, 256): whether a stop word of this length begins with this byte. Most
    words need no further look. The last length stands for all that no stop word has."""
    keys: npt.NDArray[np.uint64]
    """Shape (languages, slots), slots a power of two: hashes of spellings, by open addressing."""
    numbers: npt.NDArray[np.int32]
    """Of the same shape: which word of its list each spelling is of; NOT_FOUND in a free slot."""


@lru_cache(maxsize=8)
def encode_stop_words(lists: tuple[tuple[str, ...], ...]) -> StopWords:
    """The lists of several languages in the form that `find_stop_word` takes.

    Words are found as they are listed, Capitalised and in CAPITALS.
    """
    spellings = [
        {spelling: number for number, word in enumerate(words) for spelling in (word.upper(), word.capitalize(), word)}
        for words in lists
    ]
    lengths = 2 + max((len(spelling) for row in spellings for spelling in row), default=0)
    slots = 1 << (2 * max(map(len, spellings), default=1)).bit_length()
    first_bytes = np.zeros((len(lists), lengths, 256), np.bool_)
    keys = np.zeros((len(lists), slots), np.uint64)
    numbers = np.full((len(lists), slots), NOT_FOUND, np.int32)
    for row, found in enumerate(spellings):
        for spelling, number in found.items():
            data = np.frombuffer(spelling.encode(), np.uint8)
            first_bytes[row, len(spelling), data[0]] = True
            key = np.uint64(hash_bytes(data, 0, len(data)))
            slot = int(key) & (slots - 1)
            while numbers[row, slot] != NOT_FOUND:
                slot = (slot + 1) & (slots - 1)
            keys[row, slot], numbers[row, slot] = key, number
    for array in (first_bytes, keys, numbers):
        array.flags.writeable = False
    return StopWords(first_bytes, keys, numbers)


@njit(nogil=True, cache=True)
def find_stop_word(stop_words: StopWords, language: int, key: np.uint64) -> int:
    """The number of the stop word whose bytes have this hash, or NOT_FOUND."""
    mask = stop_words.keys.shape[1] - 1
    slot = np.int64(key) & mask
    while stop_words.keys[language, slot] != key and stop_words.numbers[language, slot] != NOT_FOUND:
        slot = (slot + 1) & mask
    return int(stop_words.numbers[language, slot])
