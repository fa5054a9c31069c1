"""Eight bytes at a time: what is ASCII can be sorted without a branch per character.

A block is eight bytes of text as one number, the first byte lowest. Questions about its bytes are answered in the
highest bit of each byte of the answer. All arithmetic stays inside each byte, since seven bits and a number below 128
never carry into the next one (Lamport 1975, "Multiple byte processing with full-word instructions").
"""

import numpy as np
import numpy.typing as npt
from numba import njit

EACH = np.uint64(0x0101010101010101)
HIGH = np.uint64(0x80) * EACH
_LOW = np.uint64(0x7F) * EACH
_CASE = np.uint64(0x20) * EACH
_ONE = np.uint64(1)
_SEVEN = np.uint64(7)
_BYTE_NUMBERS = np.uint64(0x0001020304050607)


@njit(nogil=True, cache=True)
def read_block(data: npt.NDArray[np.uint8], start: np.uint64) -> np.uint64:
    """`data[start : start + 8]`, all of which must be there. Unsigned places make it one machine instruction."""
    block = np.uint64(0)
    for i in range(8):
        block |= np.uint64(data[start + np.uint64(i)]) << np.uint64(8 * i)
    return block


@njit(nogil=True, cache=True)
def at_least(block: np.uint64, least: int) -> np.uint64:
    """Bytes of an ASCII block that are `least`, from 1 to 127, or more."""
    return ((block & _LOW) + np.uint64(0x80 - least) * EACH) & HIGH


@njit(nogil=True, cache=True)
def invisible(block: np.uint64) -> np.uint64:
    """Bytes of any block that are white space, control characters below U+0020, or not ASCII."""
    return (~at_least(block, 0x21) | block) & HIGH


@njit(nogil=True, cache=True)
def letters(block: np.uint64) -> np.uint64:
    """Letters of an ASCII block."""
    small = block | _CASE
    return at_least(small, ord("a")) & ~at_least(small, ord("z") + 1)


@njit(nogil=True, cache=True)
def capitals(block: np.uint64) -> np.uint64:
    """Upper-case letters of an ASCII block."""
    return at_least(block, ord("A")) & ~at_least(block, ord("Z") + 1)


@njit(nogil=True, cache=True)
def digits(block: np.uint64) -> np.uint64:
    """Digits of an ASCII block."""
    return at_least(block, ord("0")) & ~at_least(block, ord("9") + 1)


@njit(nogil=True, cache=True)
def bytes_before(answer: np.uint64) -> np.uint64:
    """How many bytes of the block come before the first one in a non-zero answer."""
    first = answer & (~answer + _ONE)
    return ((first >> _SEVEN) * _BYTE_NUMBERS) >> np.uint64(56)


@njit(nogil=True, cache=True)
def count_bytes(answer: np.uint64) -> int:
    """How many bytes an answer names."""
    return int(np.int64(((answer >> _SEVEN) * EACH) >> np.uint64(56)))
