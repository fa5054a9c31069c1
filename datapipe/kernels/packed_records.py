"""Packed documents in records of an exchange, and back.

A document takes as many records as it needs, one behind the other. Each begins with the same key; behind it stand, from
record to record, the row key of the document, its head, its data, and zeros up to the end of the last record.
"""

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.packed_sets import Hashes, Offsets, Words, is_signature, packed_count, packed_words, unpack

Records = npt.NDArray[np.uint64]
Keys = npt.NDArray[np.uint64]


@njit(nogil=True, cache=True)
def spread(
    starts: Offsets, words: Words, chosen: npt.NDArray[np.int64], keys: Keys, row_keys: Keys, size: int
) -> Records:
    """Records of `size` words: of each of the `chosen` packed documents, with its key and row key."""
    count = 0
    for document in chosen:
        count += _records(starts[document + 1] - starts[document], size)
    records = np.zeros((count, size), np.uint64)
    first = 0
    for number in range(len(chosen)):
        start, end = starts[chosen[number]], starts[chosen[number] + 1]
        behind = first + _records(end - start, size)
        records[first:behind, 0] = keys[number]
        records[first, 1] = row_keys[number]
        for k in range(end - start):
            records[first + (k + 1) // (size - 1), 1 + (k + 1) % (size - 1)] = words[start + k]
        first = behind
    return records


@njit(nogil=True, cache=True)
def firsts(records: Records) -> npt.NDArray[np.int64]:
    """Number of the first record of every document, then of all records."""
    found = np.empty(len(records) + 1, np.int64)
    count = first = 0
    while first < len(records):
        found[count] = first
        count += 1
        first += _records(packed_words(records[first, 2]), records.shape[1])
    found[count] = len(records)
    return found[: count + 1].copy()


@njit(nogil=True, cache=True)
def collect(records: Records, at: npt.NDArray[np.int64]) -> tuple[Offsets, Words]:
    """The packed documents that begin `at` these records, one behind the other: where each begins, and the words."""
    starts = np.zeros(len(at) + 1, np.int64)
    for row in range(len(at)):
        starts[row + 1] = starts[row] + packed_words(records[at[row], 2])
    words = np.empty(starts[-1], np.uint64)
    for row in range(len(at)):
        _collect(records, at[row], words[starts[row] : starts[row + 1]])
    return starts, words


@njit(nogil=True, cache=True)
def unpack_documents(
    records: Records, at: npt.NDArray[np.int64], permutations: int
) -> tuple[Offsets, Hashes, npt.NDArray[np.int64], npt.NDArray[np.uint32]]:
    """The documents that begin `at` these records: sets of hashes as list offsets and values, an empty one for each
    that is a signature; the numbers of those, and the signatures.
    """
    lists, signed = np.zeros(len(at) + 1, np.int64), np.zeros(len(at), np.bool_)
    longest = 0
    for row in range(len(at)):
        head = records[at[row], 2]
        signed[row] = is_signature(head)
        lists[row + 1] = lists[row] + (0 if signed[row] else packed_count(head))
        longest = max(longest, packed_words(head))
    numbers = np.flatnonzero(signed)
    hashes, signatures = np.empty(lists[-1], np.uint32), np.empty((len(numbers), permutations), np.uint32)
    words = np.zeros(longest + 1, np.uint64)
    found = 0
    for row in range(len(at)):
        _collect(records, at[row], words[: packed_words(records[at[row], 2])])
        if signed[row]:
            unpack(words, signatures[found])
            found += 1
        else:
            unpack(words, hashes[lists[row] : lists[row + 1]])
    return lists, hashes, numbers, signatures


@njit(nogil=True, cache=True)
def _records(words: int, size: int) -> int:
    """Records of a packed document, with its row key."""
    return words // (size - 1) + 1


@njit(nogil=True, cache=True)
def _collect(records: Records, first: int, words: Words) -> None:
    """Copy a packed document out of its records."""
    width = records.shape[1] - 1
    for k in range(len(words)):
        words[k] = records[first + (k + 1) // width, 1 + (k + 1) % width]
