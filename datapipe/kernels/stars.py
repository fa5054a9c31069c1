"""Connected parts by stars, edge by edge: what a range of the vertices does in rounds over files (Kiveris et al. 2014).

An edge is a vertex and a neighbour of it, by their keys; a vertex is found by its number in the range: keys from
`firsts[i]` (rising) on are numbers from `offsets[i]` on.
"""

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.partitions import Records
from datapipe.kernels.union_find import Counts, Keys, number_of

Marks = npt.NDArray[np.uint8]
"""What is known of a vertex: any of the following."""
HAS_GREATER = np.uint8(1)
"""It has a greater neighbour,"""
HAS_LESSER = np.uint8(2)
"""a lesser one,"""
HAS_SEVERAL = np.uint8(4)
"""different lesser ones."""
IS_TOLD = np.uint8(8)
"""Its edge to the least has been written."""


@njit(nogil=True, cache=True)
def note_neighbours(least: Keys, marks: Marks, edges: Records, firsts: Keys, offsets: Counts) -> None:
    """Lower `least`, where vertices begin as their own, to the least neighbour, and mark what there is."""
    for edge in range(len(edges)):
        vertex, neighbour = edges[edge, 0], edges[edge, 1]
        number = number_of(vertex, firsts, offsets)
        if neighbour > vertex:
            marks[number] |= HAS_GREATER
            continue
        if marks[number] & HAS_LESSER and neighbour != least[number]:
            marks[number] |= HAS_SEVERAL
        marks[number] |= HAS_LESSER
        least[number] = min(least[number], neighbour)


@njit(nogil=True, cache=True)
def count_bent(marks: Marks) -> int:
    """Vertices that are not the end or the centre of one star whose centre is its least."""
    bent = 0
    for mark in marks:
        bent += mark & HAS_SEVERAL != 0 or (mark & HAS_GREATER != 0 and mark & HAS_LESSER != 0)
    return bent


@njit(nogil=True, cache=True)
def small_star(least: Keys, marks: Marks, edges: Records, firsts: Keys, offsets: Counts) -> Records:
    """A vertex and its lesser neighbours, all joined to the least of them, both ways: as edges of either end.

    All neighbours in `edges` are lesser. The edge between a vertex and its least neighbour comes once.
    """
    joined = np.empty((2 * len(edges), 2), np.uint64)
    found = 0
    for edge in range(len(edges)):
        end = edges[edge, 1]
        number = number_of(edges[edge, 0], firsts, offsets)
        centre = least[number]
        if end == centre:
            if marks[number] & IS_TOLD:
                continue
            marks[number] |= IS_TOLD
            end = edges[edge, 0]
        joined[found, 0], joined[found, 1] = end, centre
        joined[found + 1, 0], joined[found + 1, 1] = centre, end
        found += 2
    return joined[:found].copy()  # many are kept together


@njit(nogil=True, cache=True)
def large_star(least: Keys, edges: Records, firsts: Keys, offsets: Counts) -> Records:
    """The greater neighbours of a vertex, joined to the least one, or to itself: as edges of the greater end."""
    joined = np.empty((len(edges), 2), np.uint64)
    found = 0
    for edge in range(len(edges)):
        vertex, neighbour = edges[edge, 0], edges[edge, 1]
        if neighbour > vertex:
            joined[found, 0], joined[found, 1] = neighbour, least[number_of(vertex, firsts, offsets)]
            found += 1
    return joined[:found].copy()  # many are kept together


@njit(nogil=True, cache=True)
def count_ends(ends: Counts, edges: Records, firsts: Keys, offsets: Counts) -> None:
    """Add to every centre of a star its ends."""
    for edge in range(len(edges)):
        if edges[edge, 1] > edges[edge, 0]:
            ends[number_of(edges[edge, 0], firsts, offsets)] += 1


@njit(nogil=True, cache=True)
def labels_of_ends(ends: Counts, edges: Records, firsts: Keys, offsets: Counts) -> Records:
    """(end, centre, documents of the star) of every end."""
    labels = np.empty((len(edges), 3), np.uint64)
    found = 0
    for edge in range(len(edges)):
        centre, end = edges[edge, 0], edges[edge, 1]
        if end > centre:
            labels[found, 0], labels[found, 1] = end, centre
            labels[found, 2] = np.uint64(ends[number_of(centre, firsts, offsets)] + 1)
            found += 1
    return labels[:found].copy()


@njit(nogil=True, cache=True)
def place_labels(labels: Keys, sizes: Keys, told: Records, firsts: Keys, offsets: Counts) -> None:
    """Put what is told of a vertex, (vertex, label, size), in its place."""
    for row in range(len(told)):
        number = number_of(told[row, 0], firsts, offsets)
        labels[number], sizes[number] = told[row, 1], told[row, 2]
