"""The rounds that label more documents than one machine has room for: which range does what, until no part changes."""

import dataclasses
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from datapipe.dedup.near.edge_ranges import RangeTask
from datapipe.dedup.near.label_rounds import collect_labels, count_members, join_greater, join_lesser
from datapipe.dedup.near.labels import Holders
from datapipe.dedup.near.records import LABEL_WORDS, TIE_WORDS
from datapipe.exchange import Layout
from datapipe.passes.near_exchange import NearExchange
from datapipe.passes.partitions import Partition
from datapipe.receipts import Receipt


@dataclass(frozen=True)
class LabelRounds:
    """Over the ranges of all documents."""

    exchange: NearExchange
    fingerprint: str
    holders: Holders
    bounds: tuple[int, ...]
    """Lowest row key of every group."""
    ranges: list[range]
    """Groups of each range."""
    layout: Layout
    """Of edges, by range."""

    def label(self, ties: list[Partition]) -> list[Receipt]:
        """The receipts of all ranges, with labels by group."""
        for number in itertools.count(1):
            _, edges = self._joined(f"labels_lesser_{number:02}", join_lesser, ties)
            receipts, ties = self._joined(f"labels_greater_{number:02}", join_greater, edges)
            if not any(one.figures["bent"]["bent"] for one in receipts):
                break
        _, stars = self._joined("labels_stars", join_lesser, ties)  # once more: now every edge comes once
        _, told = self._joined("labels_counts", count_members, stars, LABEL_WORDS)
        return self.exchange.map("labels", collect_labels, self._tasks("labels", told))

    def _joined(
        self, phase: str, function: Callable[[RangeTask], Receipt], known: Sequence[Partition], words: int = TIE_WORDS
    ) -> tuple[list[Receipt], list[Partition]]:
        """A step over all ranges, and what it tells each of them."""
        receipts = self.exchange.map(phase, function, self._tasks(phase, known))
        layout = dataclasses.replace(self.layout, words=words)
        return receipts, self.exchange.partitions(phase, self.fingerprint, layout, receipts)

    def _tasks(self, phase: str, known: Sequence[Partition]) -> list[RangeTask]:
        tasks = []
        firsts, documents = self.holders.firsts.tolist(), (*self.holders.shards, *self.holders.earlier)
        edges = [firsts.index(self.bounds[groups.start]) for groups in self.ranges]
        holders = itertools.starmap(slice, itertools.pairwise([*edges, len(firsts)]))
        for number, (one, groups, held) in enumerate(zip(known, self.ranges, holders, strict=True)):
            of_range = tuple(firsts[held]), documents[held], self.bounds[groups.start : groups.stop], groups.start
            key = self.exchange.key(phase, number, self.fingerprint, [self.layout, one.made_of, of_range])
            tasks.append(RangeTask(key, one.slices, *of_range, self.layout.map_split))
        return tasks
