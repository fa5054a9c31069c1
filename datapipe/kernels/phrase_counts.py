"""How often phrases occur, by looking for the rarest two neighbouring bytes of each."""

from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.phrases import FOLD, Phrases, encode_phrases

_COMMON_FIRST = b" etaoinshrdlcumwfgypbvkjxqz"
"""The usual order of English letters. It decides nothing but the speed."""
_EIGHT = np.uint64(8)


class CountedPhrases(NamedTuple):
    """Phrases, and an anchor in each: its rarest two neighbouring bytes. Arrays are read-only."""

    phrases: Phrases
    is_anchor: npt.NDArray[np.bool_]
    """By `first << 8 | second`, case ignored. Of a phrase of one byte the second may be any."""
    places: npt.NDArray[np.int64]
    """Bytes of each phrase before its anchor."""


@lru_cache(maxsize=8)
def encode_counted_phrases(groups: tuple[tuple[str, ...], ...]) -> CountedPhrases:
    """Compile groups of phrases for `count_phrases`."""
    phrases = encode_phrases(*groups)
    is_anchor = np.zeros((256, 256), np.bool_)
    places = np.zeros(len(phrases.groups), np.int64)
    for phrase, (start, end) in enumerate(zip(phrases.offsets[:-1], phrases.offsets[1:], strict=True)):
        letters = phrases.letters[start:end].tobytes()
        rarities = [_rarity(first) + _rarity(second) for first, second in pairwise(letters)]
        place = int(np.argmax(rarities)) if rarities else 0
        may_follow = letters[place + 1] == FOLD if rarities else np.ones(256, np.bool_)
        is_anchor |= np.outer(letters[place] == FOLD, may_follow)
        places[phrase] = place
    flat = is_anchor.reshape(-1)
    flat.flags.writeable = places.flags.writeable = False
    return CountedPhrases(phrases, flat, places)


def _rarity(letter: int) -> int:
    return _COMMON_FIRST.find(letter) if letter in _COMMON_FIRST else len(_COMMON_FIRST)


@njit(nogil=True, cache=True)
def count_phrases(text: npt.NDArray[np.uint8], counted: CountedPhrases, tally: npt.NDArray[np.int64]) -> None:
    """Add to `tally`, by group, how often each phrase occurs in a document, overlaps included."""
    for i in range(len(text) - 1):
        if counted.is_anchor[np.uint64(text[i]) << _EIGHT | np.uint64(text[i + 1])]:
            _count_at(text, i, counted, tally)
    if len(text):
        _count_at(text, len(text) - 1, counted, tally)


@njit(nogil=True, cache=True)
def _count_at(text: npt.NDArray[np.uint8], i: int, counted: CountedPhrases, tally: npt.NDArray[np.int64]) -> None:
    """Add the phrases whose anchor stands at byte `i`."""
    phrases = counted.phrases
    for phrase in range(len(phrases.groups)):
        start = i - counted.places[phrase]
        offset, size = phrases.offsets[phrase], phrases.offsets[phrase + 1] - phrases.offsets[phrase]
        k = 0 if start >= 0 and start + size <= len(text) else size + 1
        while k < size and FOLD[text[start + k]] == phrases.letters[offset + k]:
            k += 1
        tally[phrases.groups[phrase]] += k == size
