"""Buckets of documents, and an order that goes from bucket to bucket.

Documents stand in parts, one after another, best first; a bucket is the documents of a part whose key for a band is
equal.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

Keys = npt.NDArray[np.uint64]
"""Shape (documents, bands): hashes."""
Positions = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.int64]

NONE = np.int32(-1)
"""No document."""


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
    following = np.full(keys.shape, NONE, np.int32)
    is_large = np.zeros(keys.shape, np.bool_)
    largest = np.max(starts[1:] - starts[:-1]) if len(starts) > 1 else 0
    table = np.empty(_table_size(largest), np.int32)
    sizes = np.empty(largest, np.int32)
    most = 0
    for part in range(len(starts) - 1):
        begin, end = starts[part], starts[part + 1]
        size = _table_size(end - begin)
        for band in range(keys.shape[1]):
            table[:size] = NONE
            sizes[: end - begin] = 0
            for document in range(begin, end):
                slot = _find(table, size, keys, document, band)
                last = table[slot]
                if last == NONE:
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
    while table[slot] != NONE and keys[table[slot], band] != keys[document, band]:
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
                    other = NONE if buckets.is_large[document, band] else buckets.first[document, band]
                    while other != NONE:
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
