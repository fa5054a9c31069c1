"""Plain words: visible ASCII between white space, which is most of the text of many languages."""

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.ascii_blocks import HIGH, bytes_before, invisible, letters, read_block
from datapipe.kernels.hashing import SEED, mix
from datapipe.kernels.unicode_classes import CLASSES, LETTER, UPPERCASE, WHITE_SPACE

_EIGHT = np.uint64(8)
_ONE = np.uint64(1)


@njit(nogil=True, cache=True)
def plain_word(text: npt.NDArray[np.uint8], start: int) -> tuple[int, bool, np.uint16, np.uint64]:
    """Visible ASCII from byte `start` on, where at least eight bytes must be left.

    Returns where it ends, whether white space of ASCII follows, so that it may be a plain word, and its classes and its
    key, as in `Words`. It may end early, but not before white space, where less than sixteen bytes of text are left.
    """
    i, size = np.uint64(start), np.uint64(len(text))
    state, classes = SEED, np.uint16(0)
    block = read_block(text, i)
    stops = invisible(block)
    while stops == 0 and i + _EIGHT + _EIGHT <= size:
        state = mix(state, block)
        classes |= _block_classes(block, HIGH)
        i += _EIGHT
        block = read_block(text, i)
        stops = invisible(block)
    left = bytes_before(stops) if stops else np.uint64(0)
    inside = (_ONE << (left * _EIGHT)) - _ONE
    state = mix(state, block & inside | left << np.uint64(56))
    classes |= _block_classes(block, inside & HIGH)
    end = i + left
    byte = text[end]
    is_plain = stops != 0 and byte < 0x80 and CLASSES[byte] & WHITE_SPACE != 0
    return int(np.int64(end)), is_plain, classes & ~UPPERCASE, state


@njit(nogil=True, cache=True)
def _block_classes(block: np.uint64, inside: np.uint64) -> np.uint16:
    """Classes of any of the bytes of an ASCII block that are `inside`."""
    found = letters(block) & inside
    classes = LETTER if found else np.uint16(0)
    others = inside & ~found
    while others:
        classes |= CLASSES[block >> (bytes_before(others) * _EIGHT) & np.uint64(0xFF)]
        others &= others - _ONE
    return classes
