"""The sums over all receipts of a run: the content of `run.json`, and what report, card and diff are made of."""

import dataclasses
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from datapipe.receipts import Receipt, UnitCount

SUMMED = ("rows_in", "rows_out", "bytes_in", "bytes_out", "bytes_read", "quarantined", "passages")

LARGEST_CLUSTERS = 10

FIGURES = ("pairs", "buckets", "bucket_documents", "shingles", "parts", "divided")
"""Those of receipts that are added up: of rounds of near-duplicates. What begins with `largest` is the largest."""

NOT_SHOWN = ("rows", "bytes", "ladders", "units", "held_out")
"""Fields that `run.json` has in another form, or not."""


@dataclass
class PassAccount:
    """The sums of one pass."""

    shards: int = 0
    rows_in: int = 0
    rows_out: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    bytes_read: int = 0
    quarantined: int = 0
    passages: int = 0
    """As in receipts."""
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_mb: float = 0.0
    step_seconds: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    passed_over: Counter[str] = field(default_factory=Counter)
    """Records of the sources that are no documents, by what they are."""
    rows: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    """Documents by source, language, step, reason; no reason: they stayed."""
    bytes: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    cluster_sizes: dict[str, list[int]] = field(default_factory=dict)
    """Of a round of duplicates: documents kept and dropped, by the least size of their class of clusters."""
    largest_clusters: dict[str, int] = field(default_factory=dict)
    """The largest clusters, by the id of the survivor."""
    figures: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Sums of what receipts measure, those in FIGURES."""
    records_of_source: Counter[str] = field(default_factory=Counter)
    quarantined_of_source: Counter[str] = field(default_factory=Counter)
    ladders: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    """Documents of every domain's units below each step of the holdout ladder."""
    units: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    """Documents and bytes that every domain's units get,"""
    held_out: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    """and of those set apart for validation."""

    def add(self, receipt: Receipt, source: str) -> None:
        """Add one shard."""
        self.shards += 1
        for name in SUMMED:
            setattr(self, name, getattr(self, name) + getattr(receipt, name))
        self.seconds += receipt.seconds
        self.cpu_seconds += receipt.cpu_seconds
        self.peak_mb = max(self.peak_mb, receipt.peak_mb)
        for step, seconds in receipt.step_seconds.items():
            self.step_seconds[step] += seconds  # type: ignore[assignment]
        self.failed.update(receipt.failed)
        self.passed_over.update(receipt.passed_over)
        for count in receipt.counts:
            self.rows[source, count.language, count.step, count.reason] += count.rows
            self.bytes[source, count.language, count.step, count.reason] += count.bytes
        for size, (kept, dropped) in receipt.cluster_sizes.items():
            known = self.cluster_sizes.get(size, [0, 0])
            self.cluster_sizes[size] = [known[0] + kept, known[1] + dropped]
        largest = sorted((self.largest_clusters | receipt.largest_clusters).items(), key=lambda one: (-one[1], one[0]))
        self.largest_clusters = dict(largest[:LARGEST_CLUSTERS])
        for name in FIGURES:
            _add_figures(self.figures, name, receipt.figures.get(name, {}))
        self.records_of_source[source] += receipt.rows_in
        self.quarantined_of_source[source] += receipt.quarantined
        for unit in receipt.units:
            _add(self.ladders, unit, unit.ladder)
            _add(self.units, unit, (unit.documents, unit.bytes))
        for unit in receipt.held_out:
            _add(self.held_out, unit, (unit.documents, unit.bytes))

    def data(self) -> dict[str, Any]:
        """As plain data."""
        plain = {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name not in NOT_SHOWN}
        counts = [[*key, rows, self.bytes[key]] for key, rows in sorted(self.rows.items())]
        rounded = {step: round(seconds, 3) for step, seconds in sorted(self.step_seconds.items())}
        return {**plain, "step_seconds": rounded, "counts": counts}


def _add(sums: dict[tuple[str, str], list[int]], unit: UnitCount, numbers: Sequence[int]) -> None:
    known = sums.setdefault((unit.domain, unit.unit), [0] * len(numbers))
    sums[unit.domain, unit.unit] = [a + b for a, b in zip(known, numbers, strict=True)]


def _add_figures(sums: dict[str, Counter[str]], name: str, figures: Mapping[str, int]) -> None:
    for key, value in figures.items():
        known = sums[name][key]
        sums[name][key] = max(known, value) if key.startswith("largest") else known + value


_NOTHING: dict[str, Any] = {}
"""One for all: an empty dictionary per receipt would take megabytes."""


def slim(receipt: Receipt) -> Receipt:
    """A receipt without its accounts, for whoever keeps many once they are added up."""
    return dataclasses.replace(
        receipt,
        pass_name=sys.intern(receipt.pass_name),
        shard=sys.intern(receipt.shard),
        fingerprint=sys.intern(receipt.fingerprint),
        passed_over=_NOTHING,
        counts=(),
        failed=_NOTHING,
        cluster_sizes=_NOTHING,
        largest_clusters=_NOTHING,
        units=(),
        held_out=(),
        seconds=0.0,
        cpu_seconds=0.0,
        step_seconds=_NOTHING,
        peak_mb=0.0,
        node="",
    )


def source_of(shard: str) -> str:
    """The source that a shard's name begins with; "" for packed shards and parts of an exchange: they are of many."""
    return "" if "/" in shard or shard.count("-") < 2 else shard.rsplit("-", 2)[0]


def counts_records(name: str) -> bool:
    """Whether a task of this name counts records: of the phases of a round of duplicates (`PASS.near.bands`)."""
    return name.count(".") > 1
