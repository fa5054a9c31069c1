"""The order in which the children of a blend follow one another, made in segments when they are asked for.

A block of 2 ** 20 positions is never in memory as a whole: a segment takes 64 to 128 KiB, and how often each child was
used before a segment is all that must be known to make it.
"""

import functools
import math
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from trainer.kernels.turns import Entries, Int64s, count_uses, descend, fill_segment

SEGMENT = 1 << 16
"""Positions of a block that are made at once."""
KEPT = 2
"""Segments that stay: samples go through a block from its begin to its end."""


class Turns:
    """An endless order of children: child i has `parts[i]` of every sum(parts) samples. Threads may share it."""

    def __init__(self, parts: Sequence[int]) -> None:
        """`parts` are above 0. What divides them all changes nothing but how soon turns repeat."""
        self.parts: Int64s = np.array(parts, np.int64) // math.gcd(*parts)
        self.total = int(self.parts.sum())
        self._dtype = np.min_scalar_type(2 * len(parts) - 1)
        self._used: list[Int64s] = [np.zeros(len(parts), np.int64)]
        """Uses of every child before each segment, as far as they were needed."""
        self._segments: dict[int, Entries] = {}
        self._lock = threading.Lock()

    def send(self, node: int, first_child: int, nodes: Int64s, ordinals: Int64s) -> None:
        """Turn samples of `node` into ones of its children, `first_child` and up, in place.

        Sample k is the `ordinals[k]`-th of `nodes[k]`, before and after; those of a node ascend.
        """
        mine = ordinals[nodes == node]
        if len(mine):
            for number in self._between(int(mine[0]), int(mine[-1])):
                descend(self._segment(number), number * SEGMENT, self.parts, node, first_child, nodes, ordinals)

    def uses(self, ordinal: int) -> Int64s:
        """How many of the first `ordinal` samples go to each child."""
        block, position = divmod(ordinal, self.total)
        number, rest = divmod(position, SEGMENT)
        entries = self._segment(number)
        found = block * self.parts + self._used[number]
        count_uses(entries[:rest], found)
        return found

    def is_made(self, ordinal: int) -> bool:
        """Whether the segment of an ordinal is there."""
        return ordinal % self.total // SEGMENT in self._segments

    def make(self, ordinal: int) -> None:
        """Make the segment of an ordinal."""
        self._segment(ordinal % self.total // SEGMENT)

    def _between(self, first: int, last: int) -> Iterator[int]:
        """Numbers of the segments that these ordinals and those between them lie in, each once."""
        segments = -(-self.total // SEGMENT)
        at, until = (self._place(ordinal, segments) for ordinal in (first, last))
        for place in range(at, min(until + 1, at + segments)):
            yield place % segments

    def _place(self, ordinal: int, segments: int) -> int:
        block, position = divmod(ordinal, self.total)
        return block * segments + position // SEGMENT

    def _segment(self, number: int) -> Entries:
        with self._lock:
            while number not in self._segments:
                self._make(min(number, len(self._used) - 1))
            return self._segments[number]

    def _make(self, number: int) -> None:
        first = number * SEGMENT
        entries = np.empty(min(SEGMENT, self.total - first), self._dtype)
        used = self._used[number].copy()
        fill_segment(self.parts, used, first, entries)
        if number == len(self._used) - 1:
            self._used.append(used)
        while len(self._segments) >= KEPT:
            del self._segments[next(iter(self._segments))]
        self._segments[number] = entries


@functools.lru_cache(maxsize=128)
def shared_turns(name: str, parts: tuple[int, ...]) -> Turns:
    """The turns below a domain, or below the blend itself, whose `name` is empty: one for all stretches of equal parts.

    Two domains of equal parts have one each, as they are at different places of it.
    """
    return Turns(parts)


def make_side_by_side(wanted: Iterable[tuple[Turns, int]]) -> None:
    """Make the segments of ordinals of several turns, in as many threads as there are processors."""
    missing = [(turns, ordinal) for turns, ordinal in wanted if not turns.is_made(ordinal)]
    if len(missing) > 1:
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            list(threads.map(lambda one: one[0].make(one[1]), missing))
