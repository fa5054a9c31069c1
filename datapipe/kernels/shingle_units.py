"""What n-grams are made of: a number for each word or character of a text, in the form in which texts are compared.

Folded, case (simple folding), decimal digits (each a 0) and punctuation do not count. Punctuation parts words as white
space does, and between characters a run of both is one blank, none stands at the ends of a text. In scripts written
without spaces (`UNSPACED`) each letter is a word, with the marks that follow it. Stripped of marks, a letter that has
some in it (`é`) is the one without.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.ascii_blocks import HIGH, bytes_before, digits, invisible, letters, read_block
from datapipe.kernels.base_data import BASES
from datapipe.kernels.case_data import FOLDED
from datapipe.kernels.hashing import SEED, finish
from datapipe.kernels.packed_text import close, take_in, take_in_character
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

Bytes = npt.NDArray[np.uint8]
Keys = npt.NDArray[np.uint64]
Meanings = tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]

# What a code point is, above the bits of the one that it counts as.
_GAP, _ALONE, _MARK, _REMOVED = (1 << bit for bit in range(21, 25))
_CODE = _GAP - 1

_BLANK = ord(" ")
_NOTHING = np.uint64(0)
_ALL = ~_NOTHING
_CASE_SHIFT = np.uint64(2)
"""From the highest bit of a byte to the one that tells small letters of ASCII from capital ones."""
_NIBBLE = np.uint64(0x0F)
"""The bits that tell digits of ASCII apart."""


@lru_cache(maxsize=16)
def meanings(normalize: str, strip_marks: bool, is_word: bool) -> Meanings:
    """What every code point is and counts as."""
    classes = CLASSES.reshape(-1, 256)[CLASS_PAGES >> 8].reshape(-1)
    found = np.arange(len(classes), dtype=np.int32)
    gaps = WHITE_SPACE
    if normalize == "folded":
        for item in FOLDED.split():
            letter, _, folded = item.partition(":")
            found[int(letter, 16)] = int(folded, 16)
        found[classes & DIGIT != 0] = ord("0")
        gaps |= PUNCTUATION
    if strip_marks:
        bases = np.arange(len(classes), dtype=np.int32)
        for item in BASES.split():
            place, _, base = item.partition(":")
            first, _, last = place.partition("-")
            bases[int(first, 16) : int(last or first, 16) + 1] = int(base, 16)
        found = found[bases]  # case of what is left: a dotted I has no small letter in one character
    if is_word or normalize != "none":
        found[classes & gaps != 0] = _GAP | _BLANK
    found[classes & UNSPACED != 0] |= _ALONE
    found[classes & MARK != 0] |= _REMOVED if strip_marks else _MARK
    return in_pages(found)


@njit(nogil=True, cache=True)
def word_keys(data: Bytes, i: int, end: int, meanings: Meanings, is_folded: bool, keys: Keys) -> int:
    """Fill `keys` with what stands for each word of data[i:end]; returns their number, at most one in two bytes."""
    pages, values = meanings
    count = 0
    is_open = is_alone = False
    state, block, filled = SEED, _NOTHING, 0
    while i < end:
        if not is_alone and i + 8 <= end:
            taken, folded = _plain_bytes(data, i, is_folded)
            if taken > 0:
                state, block, filled = take_in(state, block, filled, folded, taken)
                is_open = True
                i += taken
                if taken == 8:
                    continue
        code, meaning, i = _read(data, i, end, pages, values)
        if meaning & _REMOVED:
            continue
        if meaning & (_GAP | _ALONE) or (is_alone and not meaning & _MARK):
            if is_open:
                keys[count] = finish(close(state, block, filled))
                count += 1
                state, block, filled, is_open = SEED, _NOTHING, 0, False
            is_alone = meaning & _ALONE != 0
            if meaning & _GAP:
                continue
        state, block, filled = take_in_character(state, block, filled, code)
        is_open = True
    if is_open:
        keys[count] = finish(close(state, block, filled))
        count += 1
    return count


@njit(nogil=True, cache=True)
def character_keys(data: Bytes, i: int, end: int, meanings: Meanings, keys: Keys) -> int:
    """Fill `keys` with what stands for each character of data[i:end]; returns their number."""
    pages, values = meanings
    count = 0
    is_after_gap = False
    while i < end:
        code, meaning, i = _read(data, i, end, pages, values)
        if meaning & _REMOVED:
            continue
        if meaning & _GAP:
            is_after_gap = count > 0
            continue
        if is_after_gap:
            keys[count] = finish(SEED ^ np.uint64(_BLANK))
            count += 1
            is_after_gap = False
        keys[count] = finish(SEED ^ np.uint64(code))
        count += 1
    return count


@njit(nogil=True, cache=True)
def _read(
    data: Bytes, i: int, end: int, pages: npt.NDArray[np.int32], values: npt.NDArray[np.int32]
) -> tuple[int, int, int]:
    """What the character at `i` counts as, what it is, and where the next one is."""
    if data[i] < 0x80:
        meaning = values[data[i]]  # the first page is that of ASCII
        i += 1
    else:
        code, i = decode(data, i, end)
        meaning = values[pages[code >> 8] + (code & 255)]
    return meaning & _CODE, meaning, i


@njit(nogil=True, cache=True)
def _plain_bytes(data: Bytes, i: int, is_folded: bool) -> tuple[int, np.uint64]:
    """How many of the next eight bytes, all of which must be there, surely belong to a word, and what they count as.

    Folded, these are letters and digits of ASCII, else all that is visible of it.
    """
    block = read_block(data, np.uint64(i))
    if is_folded:
        letter, digit = letters(block) & ~block, digits(block) & ~block
        others = HIGH & ~(letter | digit)
        block = (block | letter >> _CASE_SHIFT) & ~((digit >> np.uint64(7)) * _NIBBLE)
    else:
        others = invisible(block)
    if others == 0:
        return 8, block
    taken = bytes_before(others)
    return int(np.int64(taken)), block & ~(_ALL << (taken * np.uint64(8)))
