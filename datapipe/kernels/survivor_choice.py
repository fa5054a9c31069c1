"""Which of many documents stay, of which no two that are alike may: each visited in its order, its neighbours dropped.

Documents are numbered in the order in which they are preferred. A match joins two of them and says who may fall in
favour of whom: each of the other, or only the one that is contained in the other.
"""

import numpy as np
import numpy.typing as npt
from numba import njit

Numbers = npt.NDArray[np.int64]
Positions = npt.NDArray[np.uint32]
Falls = npt.NDArray[np.uint8]
"""Bits of a match: 1 if the second document may fall in favour of the first, 2 if the first of the second."""

_NEIGHBOUR_FALLS, _SELF_FALLS = np.uint8(1), np.uint8(2)
_UNDECIDED, _WAITS = -1, -2


@njit(nogil=True, cache=True)
def choose(better: Positions, other: Positions, falls: Falls, is_fixed: npt.NDArray[np.bool_]) -> Numbers:
    """For each of `len(is_fixed)` documents the one it falls in favour of, itself if it stays.

    `better` and `other`: the documents of each match, the preferred one first, ascending by both. Fixed documents stay.
    Any other one that has not fallen when its turn comes waits until those it is contained in, and alike to nothing
    more, are decided, in their order and by the same rule; then it stays, unless it has fallen, and all undecided ones
    fall that may fall in its favour. What is contained in what makes no circle.
    """
    survivors = np.full(len(is_fixed), _UNDECIDED, np.int64)
    starts, neighbours, relations = _neighbourhoods(better, other, falls, len(is_fixed))
    for document in range(len(is_fixed)):
        if is_fixed[document]:
            survivors[document] = document
    for document in range(len(is_fixed)):
        if is_fixed[document]:
            _drop_neighbours(document, survivors, starts, neighbours, relations)
    reached = starts[:-1].copy()
    waiting = np.empty(len(is_fixed), np.int64)
    for document in range(len(is_fixed)):
        if survivors[document] != _UNDECIDED:
            continue
        waiting[0], depth = document, 1
        while depth:
            last = waiting[depth - 1]
            container = -1
            if survivors[last] < 0:
                container = _next_container(last, survivors, starts, neighbours, relations, reached)
            if container >= 0:
                survivors[last] = _WAITS
                waiting[depth] = container
                depth += 1
                continue
            if survivors[last] < 0:
                survivors[last] = last
                _drop_neighbours(last, survivors, starts, neighbours, relations)
            depth -= 1
    return survivors


@njit(nogil=True, cache=True)
def _neighbourhoods(better: Positions, other: Positions, falls: Falls, count: int) -> tuple[Numbers, Positions, Falls]:
    """The neighbours of every document, ascending, one document's after the other's, and who of the two may fall."""
    starts = np.zeros(count + 1, np.int64)
    for match in range(len(better)):
        starts[better[match] + 1] += 1
        starts[other[match] + 1] += 1
    starts = np.cumsum(starts)
    neighbours, relations = np.empty(2 * len(better), np.uint32), np.empty(2 * len(better), np.uint8)
    free = starts[:-1].copy()
    for match in range(len(better)):
        place = free[other[match]]
        free[other[match]] += 1
        neighbours[place] = better[match]
        relations[place] = (falls[match] & 1) << 1 | falls[match] >> 1  # the same, seen from the other side
    for match in range(len(better)):  # behind all that are better
        place = free[better[match]]
        free[better[match]] += 1
        neighbours[place] = other[match]
        relations[place] = falls[match]
    return starts, neighbours, relations


@njit(nogil=True, cache=True)
def _next_container(
    document: int, survivors: Numbers, starts: Numbers, neighbours: Positions, relations: Falls, reached: Numbers
) -> int:
    """The next undecided document that this one is contained in, -1 where there is none any more."""
    for place in range(reached[document], starts[document + 1]):
        reached[document] = place + 1
        if relations[place] == _SELF_FALLS and survivors[neighbours[place]] == _UNDECIDED:
            return int(neighbours[place])
    return -1


@njit(nogil=True, cache=True)
def _drop_neighbours(
    document: int, survivors: Numbers, starts: Numbers, neighbours: Positions, relations: Falls
) -> None:
    """Let those fall in favour of this document that may, and are not decided yet."""
    for place in range(starts[document], starts[document + 1]):
        if relations[place] & _NEIGHBOUR_FALLS and survivors[neighbours[place]] < 0:
            survivors[neighbours[place]] = document
