"""The connected parts of all ties: by one task while a number per document fits into its memory, else by rounds."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from datapipe import storage
from datapipe.dedup.near.labels import MOST_DOCUMENTS, Holders, LabelTask, label_documents
from datapipe.dedup.near.records import TIE_WORDS
from datapipe.exchange import Layout, grouped, layout_at
from datapipe.exchange_files import Slice
from datapipe.passes.near_exchange import NearExchange
from datapipe.passes.near_label_rounds import LabelRounds
from datapipe.passes.partitions import Partition
from datapipe.receipts import Receipt

RANGE_DOCUMENTS = 4_000_000
"""Of a range of row keys in rounds, about: at most 100 MB of numbers. Where one level of the exchange can not divide
into so many ranges they are larger."""


@dataclass(frozen=True)
class Labelling:
    """Of the documents of one round of near-duplicates."""

    exchange: NearExchange
    fingerprint: str
    holders: Holders
    bounds: tuple[int, ...]
    """Lowest row key of every group of shards and, behind them, of earlier files."""

    @property
    def is_one_task(self) -> bool:
        """Whether one machine labels all."""
        return self.holders.documents <= MOST_DOCUMENTS

    @cached_property
    def ranges(self) -> list[range]:
        """Consecutive groups that are labelled together."""
        if self.is_one_task:
            return [range(len(self.bounds))]
        documents = [end - start for start, end in itertools.pairwise(self.holders.numbers(self.bounds))]
        share = self.holders.documents // self.exchange.sizes.fan_out
        return grouped(documents, max(RANGE_DOCUMENTS, share + max(documents)))

    @property
    def ties(self) -> Layout:
        """How ties are divided: by range."""
        return layout_at([0, *(self.bounds[one.start] for one in self.ranges[1:])], TIE_WORDS, self.exchange.sizes)

    def labels(self, buckets: Sequence[Receipt]) -> list[Partition]:
        """The labels of every group (`datapipe.dedup.near.labels`), with the number of its labelled documents."""
        ties = self.exchange.partitions("ties", self.fingerprint, self.ties, buckets)
        if self.is_one_task:
            key = self.exchange.key("labels", 0, self.fingerprint, [ties[0].made_of, self.holders, self.bounds])
            task = LabelTask(key, ties[0].slices, self.holders, self.bounds)
            receipts = self.exchange.map("labels", label_documents, [task])
        else:
            rounds = LabelRounds(self.exchange, self.fingerprint, self.holders, self.bounds, self.ranges, self.ties)
            receipts = rounds.label(ties)
        return [
            Partition((Slice(storage.join(self.exchange.run.folder, output.path), 0),), output.sha256, labelled)
            for one in receipts
            for output, labelled in zip(one.outputs, one.figures["labelled"].values(), strict=True)
        ]
