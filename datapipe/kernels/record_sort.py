"""Records sorted by their first words, equal ones as they came: what a reduce task of an exchange begins with.

Keys are hashes, or rise as row numbers do: two passes by their high bits leave runs of a few records, which are
inserted into place. A run that is long nevertheless (many equal keys, keys that are no hashes) is merge-sorted.
"""

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.partitions import Records, in_partitions, partition_starts

_MAX_BITS = 11
"""Per pass: 2,048 places to write to at once still fit the second-level caches of current processors."""
_RUN = 8
"""Records that share their high bits on average, at most."""
_INSERTED = 48
"""Longer runs are merge-sorted: the cost of insertion grows with the square."""


@njit(nogil=True, cache=True)
def sort_records(records: Records, key_words: int) -> Records:
    """The records ordered by columns 0 to `key_words` - 1; those equal in them as they came."""
    if len(records) < 2:
        return records.copy()
    least = records[:, 0].min()
    used = _bit_length(records[:, 0].max() - least)
    bits = min(used, _bit_length(np.uint64(len(records) // _RUN)), 2 * _MAX_BITS)
    if bits == 0:
        ordered = records.copy()
        _sort_run(ordered, 0, len(ordered), key_words)
        return ordered
    shift, low = used - bits, bits // 2
    ordered = _by_bits(records, least, shift, low)
    ordered = _by_bits(ordered, least, shift + low, bits - low)
    _sort_runs(ordered, least, np.uint64(shift), key_words)
    return ordered


@njit(nogil=True, cache=True)
def _bit_length(value: np.uint64) -> int:
    length = 0
    while value:
        value >>= np.uint64(1)
        length += 1
    return length


@njit(nogil=True, cache=True)
def _by_bits(records: Records, least: np.uint64, shift: int, bits: int) -> Records:
    """The records in the order of `bits` bits of their keys' distance from `least`."""
    if bits == 0:
        return records
    mask = np.uint64((1 << bits) - 1)
    digit = np.empty(len(records), np.uint32)
    for row in range(len(records)):
        digit[row] = ((records[row, 0] - least) >> np.uint64(shift)) & mask
    return in_partitions(records, digit, partition_starts(digit, 1 << bits))


@njit(nogil=True, cache=True)
def _sort_runs(records: Records, least: np.uint64, shift: np.uint64, key_words: int) -> None:
    """Sort inside each run of records that are in order up to the lowest `shift` bits."""
    start = 0
    while start < len(records):
        high = (records[start, 0] - least) >> shift
        end = start + 1
        while end < len(records) and (records[end, 0] - least) >> shift == high:
            end += 1
        _sort_run(records, start, end, key_words)
        start = end


@njit(nogil=True, cache=True)
def _sort_run(records: Records, start: int, end: int, key_words: int) -> None:
    if end - start <= _INSERTED:
        _insert(records, start, end, key_words)
    else:
        _merge_sort(records[start:end], key_words)


@njit(nogil=True, cache=True)
def _insert(records: Records, start: int, end: int, key_words: int) -> None:
    for row in range(start + 1, end):
        place = row
        while place > start and _comes_before(records, place, place - 1, key_words):
            for word in range(records.shape[1]):
                records[place, word], records[place - 1, word] = records[place - 1, word], records[place, word]
            place -= 1


@njit(nogil=True, cache=True)
def _comes_before(records: Records, one: int, other: int, key_words: int) -> bool:
    for word in range(key_words):
        if records[one, word] != records[other, word]:
            return bool(records[one, word] < records[other, word])
    return False


@njit(nogil=True, cache=True)
def _merge_sort(records: Records, key_words: int) -> None:
    """Sort in place, by the last key word first: every sort keeps the order of the one before."""
    for word in range(key_words - 1, -1, -1):
        order: npt.NDArray[np.int64] = np.argsort(records[:, word], kind="mergesort")
        records[:] = records[order]
