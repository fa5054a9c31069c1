"""Texts without some of their units."""

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.text_units import Bytes, Places, find_units

_NEWLINE = ord("\n")


@njit(nogil=True, cache=True)
def remove_units(
    offsets: Places, data: Bytes, unit: int, lists: npt.NDArray[np.int32], gone: npt.NDArray[np.int32],
    space: tuple[Places, Places],
) -> tuple[Places, Bytes]:  # fmt: skip
    """Offsets and bytes of the texts without the units whose numbers, rising, are `gone[lists[row]:lists[row + 1]]`.

    Between two units that stay and did not follow each other stands what stood at one place between them, that with
    the most newlines: paragraphs stay apart. What stood before or behind all that stays goes too.
    """
    starts, ends = space
    rows = len(offsets) - 1
    new_offsets = np.zeros(rows + 1, np.int64)
    written = np.empty(offsets[rows] - offsets[0], np.uint8)
    at = 0
    for row in range(rows):
        start, end = offsets[row], offsets[row + 1]
        if lists[row] == lists[row + 1]:
            at = _copy(data, start, end, written, at)
        else:
            count = find_units(data, start, end, unit, starts, ends)
            at = _copy_others(
                data, start, end, starts[:count], ends[:count], gone[lists[row] : lists[row + 1]], written, at
            )
        new_offsets[row + 1] = at
    return new_offsets, written[:at]


@njit(nogil=True, cache=True)
def _copy_others(
    data: Bytes, start: int, end: int, starts: Places, ends: Places, gone: npt.NDArray[np.int32], written: Bytes,
    at: int,
) -> int:  # fmt: skip
    """Write the units that are not gone, and what stands between them."""
    next_gone, last = 0, -1
    for k in range(len(starts)):
        if next_gone < len(gone) and gone[next_gone] == k:
            next_gone += 1
            continue
        if last >= 0:
            gap = _widest_gap(data, starts, ends, last, k)
            at = _copy(data, ends[gap], starts[gap + 1], written, at)
        elif k == 0:
            at = _copy(data, start, starts[0], written, at)
        at = _copy(data, starts[k], ends[k], written, at)
        last = k
    if last >= 0 and last == len(starts) - 1:
        at = _copy(data, ends[last], end, written, at)
    return at


@njit(nogil=True, cache=True)
def _widest_gap(data: Bytes, starts: Places, ends: Places, first: int, last: int) -> int:
    """The unit from `first` to `last` - 1 with the most newlines behind it, the first of several."""
    widest, most = first, -1
    if last == first + 1:
        return first
    for k in range(first, last):
        newlines = 0
        for i in range(ends[k], starts[k + 1]):
            newlines += data[i] == _NEWLINE
        if newlines > most:
            widest, most = k, newlines
    return widest


@njit(nogil=True, cache=True)
def _copy(data: Bytes, start: int, end: int, written: Bytes, at: int) -> int:
    written[at : at + end - start] = data[start:end]
    return at + end - start
