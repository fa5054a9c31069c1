"""Which hashes occur more than once: counted per group of shards, merged over all, and looked up again."""

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.partitions import Records
from datapipe.kernels.passage_hashes import NO_PASSAGE, Hashes

Flags = npt.NDArray[np.uint8]

COUNT_BITS = 40
"""A count of up to 2**40 - 1 passages (more are that many), and above it the number of the group, share a word."""
_MOST = np.uint64((1 << COUNT_BITS) - 1)
STAYS, GOES, FIRST = range(3)
"""What becomes of a passage: it is alone, a copy, or the one that is kept of several."""


@njit(nogil=True, cache=True)
def count_hashes(ordered: Hashes, group: int) -> Records:
    """Records (hash, group and count) of the different hashes among sorted ones, NO_PASSAGE left out."""
    different = 0
    for k in range(len(ordered)):
        different += ordered[k] != NO_PASSAGE and (k == 0 or ordered[k] != ordered[k - 1])
    records = np.empty((different, 2), np.uint64)
    at = -1
    for k in range(len(ordered)):
        if ordered[k] == NO_PASSAGE:
            continue
        if at < 0 or ordered[k] != records[at, 0]:
            at += 1
            records[at, 0], records[at, 1] = ordered[k], np.uint64(group) << np.uint64(COUNT_BITS)
        records[at, 1] += np.uint64((records[at, 1] & _MOST) < _MOST)
    return records


@njit(nogil=True, cache=True)
def merge_counts(ordered: Records, keeps_first: bool) -> Records:
    """Of records sorted by hash, equal ones by group, those whose hash occurs twice or more, for the way back.

    A record is (twice the group, plus one where the group has the occurrence that is kept; hash).
    """
    found = np.empty_like(ordered)
    at = start = 0
    while start < len(ordered):
        end = start
        total = np.uint64(0)
        while end < len(ordered) and ordered[end, 0] == ordered[start, 0]:
            total += ordered[end, 1] & _MOST
            end += 1
        if total > np.uint64(1):
            for k in range(start, end):
                is_first = np.uint64(keeps_first and k == start)
                found[at, 0] = (ordered[k, 1] >> np.uint64(COUNT_BITS)) << np.uint64(1) | is_first
                found[at, 1] = ordered[k, 0]
                at += 1
        start = end
    return found[:at]


def index_of(hashes: Hashes) -> tuple[npt.NDArray[np.int64], int]:
    """Where each range of equal high bits begins among sorted hashes, and how many lower bits there are.

    A range has four to eight hashes: they lie in one or two lines of the cache, and the index stays small beside them.
    """
    bits = max(len(hashes).bit_length() - 3, 1)
    edges = np.arange(1, 1 << bits, dtype=np.uint64) << np.uint64(64 - bits)
    return np.concatenate([[0], np.searchsorted(hashes, edges), [len(hashes)]]), 64 - bits


@njit(nogil=True, cache=True)
def outcomes(
    passages: Hashes, repeated: Hashes, is_first: Flags, seen: Flags, starts: npt.NDArray[np.int64], shift: int
) -> Flags:
    """What becomes of each passage. `repeated` are sorted, with their index.

    `is_first` tells whose first occurrence of all is in this group; `seen`, changed here, which were met before.
    """
    found = np.zeros(len(passages), np.uint8)
    for k in range(len(passages)):
        passage = passages[k]
        if passage == NO_PASSAGE:
            continue
        high = passage >> np.uint64(shift)
        place = starts[high]
        while place < starts[high + np.uint64(1)] and repeated[place] < passage:
            place += 1
        if place < starts[high + np.uint64(1)] and repeated[place] == passage:
            found[k] = FIRST if is_first[place] and not seen[place] else GOES
            seen[place] = 1
    return found


@njit(nogil=True, cache=True)
def units_that_go(
    lists: npt.NDArray[np.int32], found: Flags, span: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Per text the numbers of the units that go, as list offsets and values.

    A unit goes when a passage that goes covers it and none that is the first of several: what is kept stays whole.
    """
    new_lists = np.zeros(len(lists), np.int32)
    units = np.empty(len(found) + (span - 1) * (len(lists) - 1), np.int32)
    at = 0
    for row in range(len(lists) - 1):
        passages = found[lists[row] : lists[row + 1]]
        if _has(passages, GOES):
            for unit in range(len(passages) + span - 1):
                covering = passages[max(0, unit - span + 1) : unit + 1]
                if _has(covering, GOES) and not _has(covering, FIRST):
                    units[at] = unit
                    at += 1
        new_lists[row + 1] = at
    return new_lists, units[:at]


@njit(nogil=True, cache=True)
def _has(found: Flags, outcome: int) -> bool:
    for one in found:  # noqa: SIM110 -- numba compiles loops, not generators
        if one == outcome:
            return True
    return False
