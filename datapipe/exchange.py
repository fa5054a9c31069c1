"""The exchange: records sorted by key over the whole corpus, on disk, in tasks of bounded memory that can be resumed.

A map task covers a group of consecutive shards and writes one file in the order of partitions (`write_records`). A
reduce task reads one partition: its slices of all those files (`read_slices`). So that slices stay large enough to be
read from object stores, a large exchange has two levels: maps divide into super-partitions, and relay tasks each read
a bounded number of slices of one super-partition and divide them into its partitions. The order inside a partition is
the same either way: by map task, then as written.

The map and reduce functions belong to whoever exchanges something; here is what they share.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from datapipe.exchange_files import Partitions

WORD_BYTES = 8
LEVELS = 2


@dataclass(frozen=True)
class Sizes:
    """What bounds the tasks of an exchange."""

    map_bytes: int = 256 << 20
    """Records of one map or relay task, about."""
    partition_bytes: int = 256 << 20
    """Records of one partition, at most on average: what a reduce task holds in memory."""
    slice_bytes: int = 1 << 20
    """Records of one slice, at least on average: smaller reads of object stores pay for requests."""

    @property
    def fan_out(self) -> int:
        """Partitions that one file is divided into at most."""
        return max(2, self.map_bytes // self.slice_bytes)


@dataclass(frozen=True)
class Split:
    """How the records of one file are divided: by range of hash, or at given keys."""

    count: int
    """Partitions of this file,"""
    first: int = 0
    """the number of the first one among all,"""
    total: int = 1
    """how many they all are."""
    bounds: tuple[int, ...] = ()
    """Lowest key of each partition of the file, rising; empty where keys are hashes, which are divided evenly."""

    def partition(self, keys: npt.NDArray[np.uint64]) -> Partitions:
        """The partition of each key in the file. No key lies outside of the file's range."""
        from datapipe.kernels.partitions import partition_of

        if self.bounds:
            return (np.searchsorted(np.array(self.bounds, np.uint64), keys, "right") - 1).astype(np.uint32)
        return partition_of(keys, self.total) - np.uint32(self.first)


@dataclass(frozen=True)
class Layout:
    """How an exchange is divided: the partitions are `fan_out[0]` times, on two levels, `fan_out[1]`."""

    words: int
    """64-bit words of a record."""
    fan_out: tuple[int, ...]
    bounds: tuple[int, ...] = ()
    """Lowest key of each partition where keys are no hashes; those behind the last one hold nothing."""

    @property
    def partitions(self) -> int:
        """Number of partitions: reduce tasks."""
        return len(self.bounds) or math.prod(self.fan_out)

    @property
    def map_split(self) -> Split:
        """How map tasks divide their records."""
        inner = math.prod(self.fan_out[1:])
        return Split(-(-self.partitions // inner), 0, self.fan_out[0], self.bounds[::inner])

    def relay_split(self, super_partition: int) -> Split:
        """How the relay tasks of a super-partition divide theirs."""
        inner = self.fan_out[1]
        first = super_partition * inner
        bounds = self.bounds[first : first + inner]
        return Split(len(bounds) or inner, first, self.partitions, bounds)


def layout_for(records: int, words: int, sizes: Sizes | None = None) -> Layout:
    """The layout for about so many records with hashed keys.

    The number of partitions is a power of two: a corpus that grows a little keeps it, and so its finished map tasks.
    Raises ValueError for more than two levels can divide.
    """
    sizes = sizes or Sizes()
    wanted = max(1, -(-records * words * WORD_BYTES // sizes.partition_bytes))
    return Layout(words, _fan_out(1 << (wanted - 1).bit_length(), sizes))


def layout_at(bounds: Sequence[int], words: int, sizes: Sizes | None = None) -> Layout:
    """The layout with one partition from each of `bounds` (rising keys) up to the next."""
    return Layout(words, _fan_out(len(bounds), sizes or Sizes()), tuple(bounds))


def _fan_out(partitions: int, sizes: Sizes) -> tuple[int, ...]:
    if partitions <= sizes.fan_out:
        return (partitions,)
    if partitions > sizes.fan_out**LEVELS:
        most = sizes.fan_out**LEVELS * sizes.partition_bytes >> 40
        raise ValueError(f"{partitions:,} partitions: an exchange has at most {sizes.fan_out**LEVELS:,} ({most} TiB)")
    outer = min(1 << math.isqrt(partitions - 1).bit_length(), sizes.fan_out)
    return outer, -(-partitions // outer)


def group_shards(records: Sequence[int], words: int, sizes: Sizes | None = None) -> list[range]:
    """Consecutive shards, given by their numbers of records, in groups of `map_bytes` at most (or one shard)."""
    most = (sizes or Sizes()).map_bytes // (words * WORD_BYTES)
    return grouped(records, most)


def grouped(sizes: Sequence[int], most: int) -> list[range]:
    """Consecutive items in groups whose sizes sum to `most`, unless one item alone is larger."""
    groups: list[range] = []
    start = total = 0
    for number, size in enumerate(sizes):
        if number > start and total + size > most:
            groups.append(range(start, number))
            start, total = number, 0
        total += size
    return [*groups, range(start, len(sizes))] if sizes else []
