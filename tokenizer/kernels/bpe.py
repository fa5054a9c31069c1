"""The merges of BPE, as `bpe_model.cc` of SentencePiece does them: the best pair first, of equal ones the leftmost.

Fragments of a few symbols look through all their pairs before each merge. For long ones a heap brings the best pair:
a word of 300,000 characters takes n log n steps.
"""

import numpy as np
import numpy.typing as npt
from numba import njit

from tokenizer.kernels.characters import Bytes, Places, character
from tokenizer.kernels.merge_tables import NEVER, MergeTables, merge_of
from tokenizer.kernels.string_table import find_string

Symbols = npt.NDArray[np.int32]
Merges = npt.NDArray[np.uint64]

SHORT = 64
"""Symbols from which on a heap is quicker."""
_HALF = np.uint64(32)
_ID = np.uint64(0xFFFFFFFF)


@njit(nogil=True, cache=True)
def split_symbols(tables: MergeTables, data: Bytes, start: int, end: int, symbols: Symbols, places: Places) -> int:
    """Fill `symbols` with what the fragment starts as: user-defined symbols where there are, else characters.

    `places` is where each stands, and one more, the end. Returns their number.
    """
    symbol_of, begins_string = tables.symbol_of, tables.begins_string
    count = 0
    i = start
    while i < end:
        code, behind = character(data, i, end)
        symbol = int(symbol_of[code])
        if begins_string[code]:
            for last in range(min(end, i + tables.longest_string), behind, -1):
                found = find_string(tables.strings, data, i, last)
                if found >= 0:
                    symbol, behind = int(tables.string_ids[found]), last
                    break
        symbols[count], places[count] = symbol, i
        count += 1
        i = behind
    places[count] = end
    return count


@njit(nogil=True, cache=True)
def merge_few(pairs: Merges, symbols: Symbols, places: Places, merges: Merges, count: int) -> int:
    """Merge the first `count` symbols and close the gaps; returns how many are left. `merges` is scratch space."""
    for k in range(count - 1):
        merges[k] = merge_of(pairs, symbols[k], symbols[k + 1])
    while count > 1:
        best, at = NEVER >> _HALF, 0
        for k in range(count - 1):
            rank = merges[k] >> _HALF
            if rank < best:
                best, at = rank, k
        if best == NEVER >> _HALF:
            break
        symbols[at] = np.int32(merges[at] & _ID)
        count -= 1
        for k in range(at + 1, count):
            symbols[k], places[k] = symbols[k + 1], places[k + 1]
        places[count] = places[count + 1]
        for k in range(at + 1, count - 1):
            merges[k] = merges[k + 1]
        if at > 0:
            merges[at - 1] = merge_of(pairs, symbols[at - 1], symbols[at])
        if at + 1 < count:
            merges[at] = merge_of(pairs, symbols[at], symbols[at + 1])
    return count


@njit(nogil=True, cache=True)
def merge_many(pairs: Merges, symbols: Symbols, places: Places, merges: Merges, count: int) -> int:
    """The same with a heap of rank << 32 | place of the left symbol, in which what no longer holds is passed over."""
    following, previous = np.empty(count, np.int32), np.empty(count, np.int32)
    for k in range(count):
        following[k], previous[k] = k + 1, k - 1
    heap = np.empty(3 * count, np.uint64)  # a merge takes one entry and brings two
    size = 0
    merges[count - 1] = NEVER
    for k in range(count - 1):
        size = _look(pairs, symbols, k, k + 1, merges, heap, size)
    while size:
        top = heap[0]
        size = _take_top(heap, size)
        left = int(np.int64(top & _ID))
        if merges[left] >> _HALF != top >> _HALF:
            continue
        right = following[left]
        symbols[left] = np.int32(merges[left] & _ID)
        merges[left] = merges[right] = NEVER
        behind = following[right]
        following[left] = behind
        if behind < count:
            previous[behind] = left
            size = _look(pairs, symbols, left, behind, merges, heap, size)
        if previous[left] >= 0:
            size = _look(pairs, symbols, previous[left], left, merges, heap, size)
    kept = 0
    k = 0
    while k < count:
        symbols[kept], places[kept] = symbols[k], places[k]
        kept += 1
        k = int(following[k])
    places[kept] = places[count]
    return kept


@njit(nogil=True, cache=True)
def _look(pairs: Merges, symbols: Symbols, left: int, right: int, merges: Merges, heap: Merges, size: int) -> int:
    """Note the merge of two neighbours, and put it on the heap; returns the heap's new size."""
    merge = merge_of(pairs, symbols[left], symbols[right])
    merges[left] = merge
    if merge == NEVER:
        return size
    entry = (merge >> _HALF) << _HALF | np.uint64(left)
    at = size
    while at > 0:
        above = (at - 1) >> 1
        if heap[above] <= entry:
            break
        heap[at] = heap[above]
        at = above
    heap[at] = entry
    return size + 1


@njit(nogil=True, cache=True)
def _take_top(heap: Merges, size: int) -> int:
    """Take the lowest entry off the heap; returns its new size."""
    size -= 1
    entry = heap[size]
    at = 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size and heap[below + 1] < heap[below]:
            below += 1
        if heap[below] >= entry:
            break
        heap[at] = heap[below]
        at = below
    heap[at] = entry
    return size
