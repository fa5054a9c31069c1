"""Taking turns: the order in which the sources of a blend follow one another, the same in every block of samples.

A blend gives source i `parts[i]` of the P = sum(parts) samples of a block. Its use r, counted from 0, is released at
position floor(r P / parts[i]) and due before position ceil((r + 1) P / parts[i]). Every position goes to the released
use that is due first; of those due at once, to that of the first source. No use is ever late (Tijdeman 1980, "The
chairman assignment problem"), so before position j source i has had floor(j parts[i] / P) or ceil(j parts[i] / P)
uses: every prefix of any length is within one sample of its share.

Two things follow that keep it small. An **entry** of a block, 2 * source + extra, says all: the source has had
floor(j parts / P) + extra uses before. And how often each source was used before a position is the whole state, so a
block can be made from any position on: here, in segments.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from numba import njit

Int64s: TypeAlias = npt.NDArray[np.int64]
Entries: TypeAlias = npt.NDArray[np.uint8 | np.uint16 | np.uint32]
_SOURCE = 0xFFFFFFFF
"""Bits of a key of the heap that are the source; those above are where its next use is due."""


@njit(nogil=True, cache=True)
def fill_segment(parts: Int64s, used: Int64s, first: int, entries: Entries) -> None:
    """Fill `entries` with those of the positions of a block from `first` on.

    `used` is how often each source is used before `first`, and after the call, before the end of the segment.
    """
    total, count = parts.sum(), len(entries)
    every, every_over = total // parts, total % parts
    # Of the next use of each source: where it is released, and by how many parts[source]-ths that was rounded down.
    release, over = used * total // parts, used * total % parts
    released_at = np.full(count, np.int32(-1))  # at each place: the first source whose next use is released there,
    released_too = np.full(len(parts), np.int32(-1))  # and the next one after each
    heap, waiting = np.empty(len(parts), np.int64), 0
    for source in range(len(parts)):
        place = max(release[source] - first, 0)
        if place < count:
            released_too[source] = released_at[place]
            released_at[place] = source
    for place in range(count):
        source = released_at[place]
        while source >= 0:
            rest = over[source] + every_over[source]
            due = release[source] + every[source] + (rest > 0) + (rest > parts[source])
            waiting = _push(heap, waiting, (due << 32) | source)
            source = released_too[source]
        source = heap[0] & _SOURCE
        waiting = _pop(heap, waiting)
        entries[place] = 2 * source + (used[source] * total > (first + place) * parts[source])
        used[source] += 1
        release[source] += every[source]
        over[source] += every_over[source]
        if over[source] >= parts[source]:
            over[source] -= parts[source]
            release[source] += 1
        following = max(release[source] - first, place + 1)
        if following < count:
            released_too[source] = released_at[following]
            released_at[following] = source


@njit(nogil=True, cache=True)
def _push(heap: Int64s, count: int, key: int) -> int:
    """Put a key into a binary heap, smallest first. Returns how many it has."""
    place = count
    while place > 0 and heap[(place - 1) >> 1] > key:
        heap[place] = heap[(place - 1) >> 1]
        place = (place - 1) >> 1
    heap[place] = key
    return count + 1


@njit(nogil=True, cache=True)
def _pop(heap: Int64s, count: int) -> int:
    """Take the smallest key away. Returns how many are left."""
    count -= 1
    key = heap[count]
    place = 0
    child = 1
    while child < count:
        if child + 1 < count and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= key:
            break
        heap[place] = heap[child]
        place = child
        child = 2 * place + 1
    heap[place] = key
    return count


@njit(nogil=True, cache=True)
def count_uses(entries: Entries, uses: Int64s) -> None:
    """Add to `uses` how often each source is used in `entries`."""
    for entry in entries:
        uses[entry >> 1] += 1


@njit(nogil=True, cache=True)
def descend(
    entries: Entries, first: int, parts: Int64s, node: int, first_child: int, nodes: Int64s, ordinals: Int64s
) -> None:
    """Send the samples of `node` on to its children, `first_child` + source, where this segment decides.

    Sample k is the `ordinals[k]`-th of `nodes[k]`; `entries` are those of the positions of the block from `first` on.
    """
    total = parts.sum()
    for k in range(len(nodes)):
        if nodes[k] != node:
            continue
        block = ordinals[k] // total
        position = ordinals[k] - block * total
        if first <= position < first + len(entries):
            entry = np.int64(entries[position - first])
            q = parts[entry >> 1]
            nodes[k] = first_child + (entry >> 1)
            ordinals[k] = block * q + position * q // total + (entry & 1)
