"""64-bit hashes of the passages of texts: `span` consecutive units each, up to what CCNet lets not count.

Case (simple folding), decimal digits (each a 0), punctuation, control and format characters do not count, and of white
space only that there is some between others (CCNet, Wenzek et al. 2020, section 3.1, which removes inner white space
only where it is a control character). Marks count: without them words of many languages would be one.

With 64 bits, n different passages make about n ** 2 / 3.7e19 accidental pairs: three among 10 ** 10.
"""

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.ascii_blocks import EACH, HIGH, bytes_before, letters, read_block
from datapipe.kernels.comparable_text import KEPT, REMOVED, SPACE, Actions, actions
from datapipe.kernels.hashing import SEED, finish, mix
from datapipe.kernels.packed_text import close, take_in, take_in_character
from datapipe.kernels.text_units import Bytes, Places, find_units
from datapipe.kernels.unicode_classes import CLASS_PAGES, CLASSES, CONTROL, FORMAT, decode, in_pages

Hashes = npt.NDArray[np.uint64]

NO_PASSAGE = np.uint64(0)
"""In the place of a hash: too short to be compared."""


def _without_controls() -> Actions:
    pages, folded = actions(True)
    found = folded.reshape(-1, 256)[pages >> 8].reshape(-1)
    classes = CLASSES.reshape(-1, 256)[CLASS_PAGES >> 8].reshape(-1)
    found[(classes & (CONTROL | FORMAT) != 0) & (found != SPACE)] = REMOVED
    return in_pages(found)


_SPACE_BYTE = np.uint64(0x20)
_CASE = _SPACE_BYTE * EACH
"""The bit that tells small letters of ASCII from capital ones."""
_PAGES, _ACTIONS = _without_controls()


@njit(nogil=True, cache=True)
def hash_passages(
    offsets: Places, data: Bytes, unit: int, span: int, least: int, seeds: Hashes, space: tuple[Places, Places]
) -> tuple[npt.NDArray[np.int32], Hashes]:
    """Per text the hash of every passage, as list offsets (rows + 1) and values.

    A text of n units has n - span + 1 passages, one of fewer than `span` none. A passage of fewer than `least`
    characters that count is NO_PASSAGE. `seeds`: one number per text; passages are equal only under equal ones.
    """
    starts, ends = space
    lists = np.zeros(len(offsets), np.int32)
    hashes = np.empty((offsets[-1] - offsets[0]) // 2 + len(offsets), np.uint64)
    keys = np.empty(len(starts), np.uint64)
    lengths = np.empty(len(starts), np.int64)
    at = 0
    for row in range(len(offsets) - 1):
        count = find_units(data, offsets[row], offsets[row + 1], unit, starts, ends)
        for k in range(count):
            keys[k], lengths[k] = _hash_unit(data, starts[k], ends[k])
        for first in range(count - span + 1):
            state, length = mix(SEED, seeds[row]), 0
            for k in range(first, first + span):
                state = mix(state, keys[k])
                length += lengths[k]
            # 0 means no passage: the one hash in 2**64 that is 0 becomes 1.
            hashes[at] = max(finish(state), np.uint64(1)) if length >= least else NO_PASSAGE
            at += 1
        lists[row + 1] = at
    return lists, hashes[:at]


@njit(nogil=True, cache=True)
def _hash_unit(data: Bytes, i: int, end: int) -> tuple[np.uint64, int]:
    """What stands for the characters that count, and their number."""
    state, block = SEED, np.uint64(0)
    filled = length = 0
    is_after_space = False
    while i < end:
        if i + 8 <= end:
            letters_left, folded = _letters_at(data, i)
            if letters_left > 0:
                if is_after_space:
                    state, block, filled = take_in(state, block, filled, _SPACE_BYTE, 1)
                    length += 1
                    is_after_space = False
                state, block, filled = take_in(state, block, filled, folded, letters_left)
                length += letters_left
                i += letters_left
                continue
        code = int(data[i])
        if code < 0x80:
            action = _ACTIONS[code]  # the first page is that of ASCII
            i += 1
        else:
            code, i = decode(data, i, end)
            action = _ACTIONS[_PAGES[code >> 8] + (code & 255)]
        if action == SPACE:
            is_after_space = length > 0
            continue
        if action == REMOVED:
            continue
        if action != KEPT:
            code = action
        if is_after_space:
            state, block, filled = take_in(state, block, filled, _SPACE_BYTE, 1)
            length += 1
            is_after_space = False
        state, block, filled = take_in_character(state, block, filled, code)
        length += 1
    return close(state, block, filled), length


@njit(nogil=True, cache=True)
def _letters_at(data: Bytes, i: int) -> tuple[int, np.uint64]:
    """How many of the next eight bytes, all of which must be there, are letters of ASCII, and those in small ones."""
    block = read_block(data, np.uint64(i))
    others = HIGH & ~(letters(block) & ~block)
    if others == 0:
        return 8, block | _CASE
    count = bytes_before(others)
    inside = (np.uint64(1) << (count * np.uint64(8))) - np.uint64(1)
    return int(np.int64(count)), (block | _CASE) & inside
