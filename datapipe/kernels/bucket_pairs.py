"""Pairs of documents that share a bucket, a block of bounded memory at a time.

Of a small bucket all pairs are made, of a large one those with its first document, so that no bucket costs the square
of its size. A pair is made in the first band that makes it: nothing has to be remembered of those made before.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.bucket_links import Buckets, Bytes, Keys, Positions


class Members(NamedTuple):
    """What is known of every document, and what the search for pairs notes."""

    order: Positions
    """In which documents are visited."""

    is_earlier: npt.NDArray[np.bool_]
    """Of two such documents no pair is made."""
    bytes: Bytes
    """That it takes in memory where it is compared."""
    part_bytes: Bytes
    """Of the first position of a part those of the whole part, of others 0."""
    block: npt.NDArray[np.int64]
    """The last block that it is a member of; -1 to begin with."""
    partners: Positions
    """Space for those of one document: bands times the limit."""


@njit(nogil=True, cache=True)
def next_block(
    keys: Keys,
    buckets: Buckets,
    members: Members,
    cursor: npt.NDArray[np.int64],
    block: int,
    most_bytes: int,
    pairs: Positions,
    taken: Positions,
) -> tuple[int, int]:
    """The pairs of the next block, into `pairs` (shape (most pairs, 2)), and its members, into `taken`; how many.

    `cursor`: how many documents have been visited, and how many pairs of the next one are made; moved on. A part that
    fits into a block is not divided between two. A block has one pair at least, however large; behind the last one
    none.
    """
    made = count = used = 0
    while cursor[0] < len(keys):
        document = int(members.order[cursor[0]])
        part = members.part_bytes[cursor[0]]
        if cursor[1] == 0 and made > 0 and part <= most_bytes < used + part:
            break
        found = _partners(keys, buckets, members, document)
        for k in range(cursor[1], found):
            other = members.partners[k]
            is_new, is_other_new = members.block[document] != block, members.block[other] != block
            needed = is_new * members.bytes[document] + is_other_new * members.bytes[other]
            if made == len(pairs) or (made > 0 and used + needed > most_bytes):
                cursor[1] = k
                return made, count
            if is_new:
                taken[count] = document
                count += 1
            if is_other_new:
                taken[count] = other
                count += 1
            members.block[document] = members.block[other] = block
            used += needed
            pairs[made, 0], pairs[made, 1] = other, document
            made += 1
        cursor[0], cursor[1] = cursor[0] + 1, 0
    return made, count


@njit(nogil=True, cache=True)
def _partners(keys: Keys, buckets: Buckets, members: Members, document: int) -> int:
    """The better documents that this one makes pairs with, into the space for them; how many.

    It is the worse one that makes a pair: it has few of them, and needs the best of a large bucket beside itself, while
    the best would need all others.
    """
    found = 0
    for band in range(keys.shape[1]):
        other = buckets.first[document, band]
        while other != document:
            is_apart = members.is_earlier[document] and members.is_earlier[other]
            if not is_apart and not _is_made_before(keys, buckets, other, document, band):
                members.partners[found] = other
                found += 1
            other = document if buckets.is_large[document, band] else buckets.following[other, band]
    return found


@njit(nogil=True, cache=True)
def _is_made_before(keys: Keys, buckets: Buckets, better: int, other: int, band: int) -> bool:
    """Whether an earlier band makes the pair."""
    for before in range(band):
        makes = not buckets.is_large[better, before] or buckets.first[better, before] == better
        if makes and keys[better, before] == keys[other, before]:
            return True
    return False
