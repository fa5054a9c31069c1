"""Where phrases stand in text: many at once, ASCII letters without case.

A phrase matches anywhere, inside words too ("use cookies" in "we reuse cookies."), as it does in the tools whose rules
use phrase lists. Letters outside ASCII match as given, in lower case, Capitalised and in CAPITALS, which covers how
notices are written without case tables in the hot loop.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit


def _fold_table() -> npt.NDArray[np.uint8]:
    table = np.arange(256, dtype=np.uint8)
    table[ord("A") : ord("Z") + 1] += ord("a") - ord("A")
    table.flags.writeable = False
    return table


FOLD = _fold_table()
"""Byte -> the same byte, ASCII capitals as small letters."""


class Phrases(NamedTuple):
    """Phrases in the form that kernels search for. All arrays are read-only."""

    heads: npt.NDArray[np.int64]
    """257 numbers: the phrases that begin with folded byte b are heads[b] up to heads[b + 1]."""
    offsets: npt.NDArray[np.int64]
    """Phrase p is letters[offsets[p] : offsets[p + 1]]; of those with one first byte the longest stands first."""
    letters: npt.NDArray[np.uint8]
    groups: npt.NDArray[np.int64]
    """Which of the groups each phrase belongs to."""


def encode_phrases(*groups: Iterable[str]) -> Phrases:
    """Compile phrases for searching; the number of a group is its place among the arguments.

    An empty phrase is a ValueError: it would be found everywhere. A phrase in two groups counts for the first.
    """
    return _encode(tuple(tuple(group) for group in groups))


@lru_cache(maxsize=64)
def _encode(groups: tuple[tuple[str, ...], ...]) -> Phrases:
    found: dict[bytes, int] = {}
    for number, group in enumerate(groups):
        for phrase in group:
            if not phrase:
                raise ValueError("a phrase must not be empty")
            for spelling in _spellings(phrase):
                found.setdefault(spelling, number)
    ordered = sorted(found, key=lambda letters: (letters[0], -len(letters), letters))
    heads = np.searchsorted([letters[0] for letters in ordered], np.arange(257)).astype(np.int64)
    offsets = np.cumsum([0, *map(len, ordered)], dtype=np.int64)
    letters = np.frombuffer(b"".join(ordered), np.uint8)
    numbers = np.array([found[letters] for letters in ordered], np.int64)
    for array in (heads, offsets, letters, numbers):
        array.flags.writeable = False
    return Phrases(heads, offsets, letters, numbers)


def _spellings(phrase: str) -> set[bytes]:
    """The bytes to look for, ASCII letters small."""
    spellings = (phrase, phrase.lower(), phrase.capitalize(), phrase.upper())
    return {bytes(FOLD[np.frombuffer(spelling.encode(), np.uint8)]) for spelling in spellings}


@njit(nogil=True, cache=True)
def _matches(data: npt.NDArray[np.uint8], i: int, phrases: Phrases, phrase: int) -> bool:
    """Whether the bytes from `i` on are that phrase."""
    start = phrases.offsets[phrase]
    for k in range(phrases.offsets[phrase + 1] - start):  # noqa: SIM110 -- numba compiles loops, not generators
        if FOLD[data[i + k]] != phrases.letters[start + k]:
            return False
    return True


@njit(nogil=True, cache=True)
def phrase_at(data: npt.NDArray[np.uint8], i: int, end: int, phrases: Phrases) -> int:
    """Number of the longest phrase that begins at byte `i` and ends by `end`, which is beyond `i`; -1 if none does."""
    head = FOLD[data[i]]
    for phrase in range(phrases.heads[head], phrases.heads[head + 1]):
        size = phrases.offsets[phrase + 1] - phrases.offsets[phrase]
        if i + size <= end and _matches(data, i, phrases, phrase):
            return phrase
    return -1


@njit(nogil=True, cache=True)
def contains_phrase(data: npt.NDArray[np.uint8], start: int, end: int, phrases: Phrases) -> bool:
    """Whether any phrase stands in bytes [start, end)."""
    for i in range(start, end):  # noqa: SIM110
        if phrase_at(data, i, end, phrases) >= 0:
            return True
    return False


@njit(nogil=True, cache=True)
def ends_with_phrase(data: npt.NDArray[np.uint8], start: int, end: int, phrases: Phrases) -> bool:
    """Whether bytes [start, end) end in any phrase."""
    for phrase in range(len(phrases.groups)):
        at = end - (phrases.offsets[phrase + 1] - phrases.offsets[phrase])
        if at >= start and _matches(data, at, phrases, phrase):
            return True
    return False
