"""The accounts of a shard in a round of duplicates: how many documents and bytes leave, of which clusters, for whom."""

import dataclasses
from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapipe.passes.unit_counts import UnitCounts
from datapipe.receipts import Receipt
from datapipe.shard_files import count_table, language_names

SIZE_CLASSES = (1, 2, 3, 5, 100, 1000)
"""Lowest sizes of the classes of clusters that are counted: those that FineWeb-2 weights (arXiv 2506.20920)."""


class RoundAccount:
    """The sums of a shard."""

    def __init__(self, round_name: str, step: str, ladder: Sequence[float], seed: int) -> None:
        """Of a round that belongs to the pass `step`; `ladder` and `seed`: of what may be held out."""
        self._round, self._step, self._seed = round_name, step, seed
        self._rows: Counter[tuple[str, str, str]] = Counter()
        self._sizes: Counter[tuple[str, str, str]] = Counter()
        self._classes = np.zeros((len(SIZE_CLASSES), 2), np.int64)
        self._units = UnitCounts(tuple(ladder))

    def add(self, batch: pa.RecordBatch, is_dropped: npt.NDArray[np.bool_], route: pa.RecordBatch) -> None:
        """Add a batch: what was still kept before. `route`: where it goes now."""
        was_kept = pc.is_null(batch["drop_reason"])
        before = batch.filter(was_kept)
        outcomes = np.where(is_dropped[was_kept.to_numpy(zero_copy_only=False)], self._round, "").tolist()
        sizes = before["text_bytes"].to_pylist()
        for language, reason, size in zip(language_names(before), outcomes, sizes, strict=True):
            key = (language, self._step if reason else "", reason)
            self._rows[key] += 1
            self._sizes[key] += size
        stays = pc.is_null(route["drop_reason"])
        self._units.add(batch.filter(stays), route.filter(stays), self._seed)

    def add_clusters(self, sizes: npt.NDArray[np.int64], is_dropped: npt.NDArray[np.bool_]) -> None:
        """Add the documents that were compared: sizes of their clusters, and which are dropped."""
        number = np.searchsorted(SIZE_CLASSES, sizes, "right") - 1
        np.add.at(self._classes, (number, is_dropped.astype(np.int64)), 1)

    def added_to(self, receipt: Receipt) -> Receipt:
        """The receipt with these sums."""
        counts = count_table(self._rows, self._sizes)
        kept = [one for one in counts if not one.reason]
        dropped = sum(one.rows for one in counts if one.reason)
        classes = zip(SIZE_CLASSES, self._classes.tolist(), strict=True)
        return dataclasses.replace(
            receipt,
            rows_in=sum(one.rows for one in counts),
            rows_out=sum(one.rows for one in kept),
            bytes_in=sum(one.bytes for one in counts),
            bytes_out=sum(one.bytes for one in kept),
            counts=counts,
            failed={self._round: dropped} if dropped else {},
            units=self._units.counts(),
            cluster_sizes={str(size): pair for size, pair in classes if any(pair)},
        )
