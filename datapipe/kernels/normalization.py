"""Cleaning of text in one pass: line ends, control characters, spaces and blank lines, and which rows may need NFC.

Nothing that this kernel writes is longer than what it read, so the output is written straight into one buffer. Normal
form C itself is left to a library, for the rows that fail the quick check of UAX #15 only: in most languages few do.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels import normalization_data, unicode_data
from datapipe.kernels.unicode_classes import decode

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int64]

# Kinds of code points: 0 is plain, 1 to 240 a canonical combining class.
NOT_NFC, REMOVED, SPACE, SPACE_NOT_NFC, RETURN, BREAK = 241, 242, 243, 244, 245, 246

CONTROLS = (slice(0x00, 0x20), slice(0x7F, 0xA0))
"""Category Cc, which never changes (Unicode stability policy)."""

LINE_BREAKS = (0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029)
"""Mandatory breaks of UAX #14: LF, VT, FF, CR, NEL, line and paragraph separator."""

_NEWLINE = ord("\n")


@lru_cache(maxsize=16)
def character_kinds(remove: tuple[str, ...]) -> Bytes:
    """Kind of every code point, where the characters in `remove` go."""
    kinds = np.zeros(1 << 21, np.uint8)  # as far as four bytes of invalid UTF-8 can decode to
    for item in normalization_data.COMBINING.split():
        place, _, value = item.partition(":")
        kinds[_place(place)] = NOT_NFC if value == "?" else int(value)
    for place in unicode_data.WHITE_SPACE.split():
        spaces = kinds[_place(place)]
        spaces[:] = np.where(spaces == NOT_NFC, SPACE_NOT_NFC, SPACE)
    for controls in CONTROLS:
        kinds[controls] = REMOVED
    kinds[ord("\t")] = SPACE
    kinds[list(LINE_BREAKS)] = BREAK
    kinds[ord("\r")] = RETURN
    kinds[[ord(character) for character in remove]] = REMOVED
    kinds.flags.writeable = False
    return kinds


def _place(place: str) -> slice:
    first, _, last = place.partition("-")
    return slice(int(first, 16), int(last or first, 16) + 1)


@njit(nogil=True, cache=True)
def clean(
    offsets: Offsets, data: Bytes, kinds: Bytes, strip_line_ends: bool, max_blank_lines: int
) -> tuple[Offsets, Bytes, npt.NDArray[np.bool_]]:
    """Offsets and bytes of the cleaned documents, and which of them may not be in normal form C.

    Every line break becomes `\\n` (CR LF together one). Blank lines are emptied; those at the beginning and the end of
    a document go, of others in a row `max_blank_lines` stay. With `strip_line_ends` white space at line ends goes.
    """
    rows = len(offsets) - 1
    new_offsets = np.zeros(rows + 1, np.int64)
    written = np.empty(offsets[rows] - offsets[0], np.uint8)
    may_change = np.zeros(rows, np.bool_)
    at = 0
    for row in range(rows):
        i, end = offsets[row], offsets[row + 1]
        line_start = content_end = at  # of the line being written; equal while it is blank
        blank_lines = last_class = 0
        while i < end:
            code, after = decode(data, i, end)
            kind = kinds[code]
            if kind == RETURN and after < end and data[after] == _NEWLINE:
                pass  # the newline behind it ends the line
            elif kind >= RETURN:
                is_blank = content_end == line_start
                if is_blank:
                    at = line_start
                elif strip_line_ends:
                    at = content_end
                blank_lines = blank_lines + 1 if is_blank else 0
                if is_blank and (at == new_offsets[row] or blank_lines > max_blank_lines):
                    blank_lines -= 1
                else:
                    written[at] = _NEWLINE
                    at += 1
                line_start = content_end = at
                last_class = 0
            elif kind != REMOVED:
                for k in range(i, after):
                    written[at] = data[k]
                    at += 1
                if kind < SPACE:
                    content_end = at
                combining_class = kind if kind < NOT_NFC else 0
                if kind in (NOT_NFC, SPACE_NOT_NFC) or 0 < combining_class < last_class:
                    may_change[row] = True
                last_class = combining_class
            i = after
        if content_end == line_start:
            at = line_start - blank_lines
        elif strip_line_ends:
            at = content_end
        new_offsets[row + 1] = at
    return new_offsets, written[:at], may_change
