"""Records sorted by their first words, equal ones as they came: what a reduce task of an exchange begins with.

The highest bits of the keys divide the records into buckets that fit into a processor's own cache; there, further bits
leave runs of a few records, which are inserted into place. Hashes fall evenly, and row numbers do. A run that is long
nevertheless (many equal keys, keys that are neither) is merge-sorted.
"""

import numpy as np
from numba import njit

from datapipe.kernels.partitions import Partitions, Records, in_partitions, partition_starts

_BUCKET_BITS = 8
"""256 buckets of a partition of 256 MiB are 1 MiB each: a second-level cache."""
_MANY = 1 << 16
"""Fewer records than this are one bucket."""
_MAX_BITS = 16
_INSERTED = 48
"""Longer runs are merge-sorted: the cost of insertion grows with the square."""


@njit(nogil=True, cache=True)
def sort_records(records: Records, key_words: int) -> Records:
    """The records ordered by columns 0 to `key_words` - 1; those equal in them as they came.

    Takes the memory of the records once more, and of the largest bucket.
    """
    if len(records) < 2:
        return records.copy()
    least = records[:, 0].min()
    used = _bit_length(records[:, 0].max() - least)
    bits = min(used, _BUCKET_BITS) if len(records) >= _MANY else 0
    digit = _bits_of(records, least, used - bits, bits)
    starts = partition_starts(digit, 1 << bits)
    ordered = in_partitions(records, digit, starts)
    for bucket in range(1 << bits):
        _sort_bucket(ordered[starts[bucket] : starts[bucket + 1]], least, used - bits, key_words)
    return ordered


@njit(nogil=True, cache=True)
def _sort_bucket(records: Records, least: np.uint64, unsorted: int, key_words: int) -> None:
    """Sort, in place, records whose keys differ in their lowest `unsorted` bits only."""
    bits = min(unsorted, _bit_length(np.uint64(len(records) // 2)), _MAX_BITS)
    if bits > 0:
        digit = _bits_of(records, least, unsorted - bits, bits)
        records[:] = in_partitions(records, digit, partition_starts(digit, 1 << bits))
    start = 0
    while start < len(records):
        end = start + 1
        if bits == 0:
            end = len(records)
        else:
            high = (records[start, 0] - least) >> np.uint64(unsorted - bits)
            while end < len(records) and (records[end, 0] - least) >> np.uint64(unsorted - bits) == high:
                end += 1
        if end - start <= _INSERTED:
            _insert(records, start, end, key_words)
        else:
            _merge_sort(records[start:end], key_words)
        start = end


@njit(nogil=True, cache=True)
def _bit_length(value: np.uint64) -> int:
    length = 0
    while value:
        value >>= np.uint64(1)
        length += 1
    return length


@njit(nogil=True, cache=True)
def _bits_of(records: Records, least: np.uint64, shift: int, bits: int) -> Partitions:
    """`bits` bits, above `shift` others, of each key's distance from `least`."""
    digit = np.zeros(len(records), np.uint32)
    if bits > 0:
        mask = np.uint64((1 << bits) - 1)
        for row in range(len(records)):
            digit[row] = ((records[row, 0] - least) >> np.uint64(shift)) & mask
    return digit


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
    """Whether record number `one` belongs before `other` and not only beside it."""
    for word in range(key_words):
        if records[one, word] != records[other, word]:
            return bool(records[one, word] < records[other, word])
    return False


@njit(nogil=True, cache=True)
def _merge_sort(records: Records, key_words: int) -> None:
    """Sort in place, by merging runs of twice the length each time."""
    source, target = records, np.empty_like(records)
    length = 1
    while length < len(records):
        for start in range(0, len(records), 2 * length):
            middle, end = min(start + length, len(records)), min(start + 2 * length, len(records))
            left, right = start, middle
            for place in range(start, end):
                takes_right = left == middle or (right < end and _comes_before(source, right, left, key_words))
                taken = right if takes_right else left
                right, left = right + takes_right, left + (not takes_right)
                for word in range(records.shape[1]):
                    target[place, word] = source[taken, word]
        source, target = target, source
        length *= 2
    records[:] = source
