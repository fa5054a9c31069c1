"""Pairs of documents that share a bucket, a block of bounded memory at a time.

Documents stand in parts, one after another, best first; a bucket is the documents of a part whose key for a band is
equal. Of a small bucket all pairs are made, of a large one those with its first document, so that no bucket costs the
square of its size. A pair is made in the first band that makes it: nothing has to be remembered of those made before.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

Keys = npt.NDArray[np.uint64]
"""Shape (documents, bands): hashes."""
Positions = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.int64]

_NONE = np.int32(-1)


class Buckets(NamedTuple):
    """The buckets of every document, each array of shape (documents, bands)."""

    first: Positions
    """The first document of the bucket,"""
    following: Positions
    """the next one of it, -1 behind the last,"""
    is_large: npt.NDArray[np.bool_]
    """and whether it is above the limit."""
    largest: int
    """Documents of the largest one."""


@njit(nogil=True, cache=True)
def find_buckets(keys: Keys, starts: npt.NDArray[np.int64], limit: int) -> Buckets:
    """The buckets of all documents. `starts`: where the parts begin, then the number of documents."""
    first = np.empty(keys.shape, np.int32)
    following = np.full(keys.shape, _NONE, np.int32)
    is_large = np.zeros(keys.shape, np.bool_)
    largest = np.max(starts[1:] - starts[:-1]) if len(starts) > 1 else 0
    table = np.empty(_table_size(largest), np.int32)
    sizes = np.empty(largest, np.int32)
    most = 0
    for part in range(len(starts) - 1):
        begin, end = starts[part], starts[part + 1]
        size = _table_size(end - begin)
        for band in range(keys.shape[1]):
            table[:size] = _NONE
            sizes[: end - begin] = 0
            for document in range(begin, end):
                slot = _find(table, size, keys, document, band)
                last = table[slot]
                if last == _NONE:
                    first[document, band] = document
                else:
                    first[document, band] = first[last, band]
                    following[last, band] = document
                table[slot] = document
                sizes[first[document, band] - begin] += 1
            for document in range(begin, end):
                documents = sizes[first[document, band] - begin]
                is_large[document, band] = documents > limit
                most = max(most, documents)
    return Buckets(first, following, is_large, most)


@njit(nogil=True, cache=True)
def _table_size(documents: int) -> int:
    """A power of two: at most half of the slots are taken."""
    size = 2
    while size < 2 * documents:
        size *= 2
    return size


@njit(nogil=True, cache=True)
def _find(table: Positions, size: int, keys: Keys, document: int, band: int) -> int:
    """The slot of the document's bucket: the last of its documents so far stands there, or none yet."""
    slot = int(np.int64(keys[document, band] & np.uint64(size - 1)))
    while table[slot] != _NONE and keys[table[slot], band] != keys[document, band]:
        slot = (slot + 1) & (size - 1)
    return slot


@njit(nogil=True, cache=True)
def visiting_order(buckets: Buckets, starts: npt.NDArray[np.int64], part_bytes: Bytes, most_bytes: int) -> Positions:
    """All documents, part after part, in an order in which those with pairs in common stand close together.

    In parts of at most `most_bytes` it is their own; through others it goes from small bucket to small bucket, depth
    first, so that not every block of pairs needs documents from everywhere.
    """
    order = np.arange(len(buckets.first)).astype(np.int32)
    is_seen = np.zeros(len(order), np.bool_)
    stack = np.empty(len(order), np.int32)
    for part in range(len(starts) - 1):
        begin, end = starts[part], starts[part + 1]
        if part_bytes[begin] <= most_bytes:
            continue
        filled = begin
        for root in range(begin, end):
            waiting = _push(stack, 0, is_seen, root)
            while waiting > 0:
                waiting -= 1
                document = stack[waiting]
                order[filled] = document
                filled += 1
                for band in range(buckets.first.shape[1]):
                    other = _NONE if buckets.is_large[document, band] else buckets.first[document, band]
                    while other != _NONE:
                        waiting = _push(stack, waiting, is_seen, other)
                        other = buckets.following[other, band]
    return order


@njit(nogil=True, cache=True)
def _push(stack: Positions, waiting: int, is_seen: npt.NDArray[np.bool_], document: int | np.int32) -> int:
    """Put a document on the stack unless it has been there; how many then wait."""
    if is_seen[document]:
        return waiting
    is_seen[document] = True
    stack[waiting] = document
    return waiting + 1


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
