"""Text cut into fragments: the strings that no piece of SentencePiece's BPE can reach across.

The cuts, in order: around user-defined symbols; before runs of spaces; around digits; and between two characters of
different scripts, never behind a space. Nothing is left out. What comes behind a cut does not depend on what stands
before it, so cutting can go on at the start of any fragment.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.unicode_classes import decode
from tokenizer.kernels.character_kinds import (
    ALONE,
    BEGINS_SYMBOL,
    SCRIPT,
    SPACE,
    SPECIAL,
    UNSPACED,
    Cuts,
    symbol_bytes,
)

Fragments = npt.NDArray[np.int64]
"""Shape (fragments, WORDS): where each begins in the column's data and where it ends, its document, and whether it has
letters of a script written without spaces (1 or 0)."""
FIRST, LAST, DOCUMENT, IS_UNSPACED = range(4)
WORDS = 4
AT_ONCE = 1 << 14
"""Fragments that are found at once: what is done with them next finds them in the cache of the processor."""
_MOST_PER_CHARACTER = 2  # a digit or symbol ends the fragment before it, and is one


class Place(NamedTuple):
    """Where cutting goes on."""

    document: int = 0
    byte: int = -1
    """In the column's data, the start of a fragment; -1 at the start of the document."""


@njit(nogil=True, cache=True)
def cut_fragments(
    offsets: npt.NDArray[np.int64], data: npt.NDArray[np.uint8], place: Place, cuts: Cuts, found: Fragments
) -> tuple[int, Place]:
    """Fill `found` from `place` on: how many fragments, and where to go on, behind the last document at the end."""
    # All in one loop: numba counts references to arrays in every call, which takes longer than to find a fragment.
    pages, kinds = cuts.pages, cuts.kinds
    count, most = 0, len(found) - _MOST_PER_CHARACTER
    for document in range(place.document, len(offsets) - 1):
        start, end = offsets[document], offsets[document + 1]
        if document == place.document and place.byte >= 0:
            start = np.int64(place.byte)
        i = start
        script, unspaced, only_spaces = np.uint16(0), np.uint16(0), True
        while i < end:
            if count >= most:
                return count, Place(document, start)
            byte = data[i]
            if byte < 0x80:
                kind, following = kinds[byte], i + 1
            else:
                code, following = decode(data, i, end)
                kind = kinds[pages[code >> 8] + (code & 255)]
            if kind & SPECIAL:
                alone = following - i if kind & ALONE else 0
                if kind & BEGINS_SYMBOL:
                    alone = max(alone, symbol_bytes(cuts.symbols, cuts.symbol_offsets, data, i, end))
                if alone:
                    count += _note(found, count, start, i, document, unspaced)
                    count += _note(found, count, i, i + alone, document, np.uint16(0))
                    start = i = i + alone
                    script, unspaced, only_spaces = np.uint16(0), np.uint16(0), True
                    continue
                if kind & SPACE:
                    if not only_spaces:
                        count += _note(found, count, start, i, document, unspaced)
                        start = i
                        script, unspaced, only_spaces = np.uint16(0), np.uint16(0), True
                    i = following
                    continue
            before, script = script, kind & SCRIPT
            if before != script and before and script:
                count += _note(found, count, start, i, document, unspaced)
                start, unspaced = i, np.uint16(0)
            unspaced |= kind & UNSPACED
            only_spaces = False
            i = following
        count += _note(found, count, start, end, document, unspaced)
    return count, Place(len(offsets) - 1, -1)


@njit(nogil=True, cache=True)
def _note(found: Fragments, count: int, first: int, last: int, document: int, unspaced: np.uint16) -> bool:
    """Put a fragment behind the `count` ones in `found`; returns whether it is one and not empty."""
    found[count, FIRST], found[count, LAST] = first, last
    found[count, DOCUMENT], found[count, IS_UNSPACED] = document, unspaced != 0
    return last > first
