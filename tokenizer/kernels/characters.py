"""Text as SentencePiece takes it in when nothing is normalised: valid UTF-8, and spaces told from nothing else.

SentencePiece writes U+2581 for each space, so that one in the text itself is a space too; and each byte of what is no
UTF-8 becomes U+FFFD (`Normalizer::Normalize`). Both are rare: texts that hold such are copied and mended first, and
all others are read where they lie.
"""

import numpy as np
import numpy.typing as npt
from numba import njit

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]

SPACE = 0x20
_HIGHEST = 0x10FFFF
_REPLACEMENT = (0xEF, 0xBF, 0xBD)  # U+FFFD
_LOWER_BLOCK = 0x2581


@njit(nogil=True, cache=True)
def character(data: Bytes, i: int, end: int) -> tuple[int, int]:
    """The character of valid UTF-8 at `i`, and the place behind it."""
    first = int(np.int64(data[i]))
    if first < 0x80:
        return first, i + 1
    if first < 0xE0:
        return (first & 0x1F) << 6 | int(np.int64(data[i + 1])) & 0x3F, i + 2
    second = int(np.int64(data[i + 1])) & 0x3F
    third = int(np.int64(data[i + 2])) & 0x3F
    if first < 0xF0:
        return (first & 0x0F) << 12 | second << 6 | third, i + 3
    return (first & 0x07) << 18 | second << 12 | third << 6 | int(np.int64(data[i + 3])) & 0x3F, i + 4


@njit(nogil=True, cache=True)
def valid_length(data: Bytes, i: int, end: int) -> int:
    """Bytes of the character at `i`; 0 where there is none (`string_util::DecodeUTF8` of SentencePiece)."""
    first = int(np.int64(data[i]))
    if first < 0x80:
        return 1
    length = 2 if first & 0xE0 == 0xC0 else 3 if first & 0xF0 == 0xE0 else 4 if first & 0xF8 == 0xF0 else 0
    if length == 0 or end - i < length:
        return 0
    for k in range(1, length):
        if data[i + k] & 0xC0 != 0x80:
            return 0
    code = character(data, i, end)[0]
    least = 0x80 if length == 2 else 0x800 if length == 3 else 0x10000
    if code < least or code > _HIGHEST or 0xD800 <= code < 0xE000:
        return 0
    return length


@njit(nogil=True, cache=True)
def mended_size(data: Bytes, start: int, end: int) -> int:
    """Bytes of the text data[start:end] when mended; -1 where it can stay as it is."""
    size = 0
    is_clean = True
    i = start
    while i < end:
        if data[i] < 0x80:
            i += 1
            size += 1
            continue
        length = valid_length(data, i, end)
        if length == 0:
            size += len(_REPLACEMENT)
            is_clean = False
            i += 1
        elif length == 3 and character(data, i, end)[0] == _LOWER_BLOCK:
            size += 1
            is_clean = False
            i += 3
        else:
            size += length
            i += length
    return -1 if is_clean else size


@njit(nogil=True, cache=True)
def mend(data: Bytes, start: int, end: int, mended: Bytes, out: int) -> int:
    """Write the text data[start:end], mended, to `mended` from `out` on; returns the place behind it."""
    i = start
    while i < end:
        length = valid_length(data, i, end)
        if length == 0:
            for byte in _REPLACEMENT:
                mended[out] = byte
                out += 1
            i += 1
        elif length == 3 and character(data, i, end)[0] == _LOWER_BLOCK:
            mended[out] = SPACE
            out += 1
            i += 3
        else:
            for k in range(length):
                mended[out + k] = data[i + k]
            out += length
            i += length
    return out
