"""The arithmetic of a large round of near-duplicates: tasks, slices, bytes, requests, CPU time of every phase.

What a document costs and leaves is measured by a small real round (`simulation_near.py`) and taken to be the same in a
large one: shares of what is alike grow with a corpus. Layouts, groups and relays are asked of the program.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from datapipe.dedup.near.blocks import bytes_compared
from datapipe.dedup.near.evidence import EVIDENCE_WORDS
from datapipe.dedup.near.labels import MOST_DOCUMENTS
from datapipe.dedup.near.pairing import BLOCK_BYTES, BLOCK_PAIRS
from datapipe.dedup.near.records import (
    BAND_WORDS,
    PAIR_WORDS,
    REQUEST_WORDS,
    SHINGLE_WORDS,
    TIE_WORDS,
    VERDICT_WORDS,
    NearForm,
)
from datapipe.exchange import LEVELS, WORD_BYTES, Layout, Sizes, grouped, layout_at, layout_for
from datapipe.passes.near_labels import RANGE_DOCUMENTS
from datapipe.passes.near_phases import GROUP_BYTES
from tests.benchmarks.simulated_job import Row, even, relays

SLICE_BYTES = 150
"""That the driver holds of a slice of a file: a tuple and a number, and their places in lists."""
LABEL_ROUNDS = 6
"""Assumed of labels over files: a handful in practice (`datapipe.dedup.near.label_rounds`)."""
LABEL_BYTES = 16
"""Memory of a document in a range of labels: its label, and the size of its part."""
TASK_BYTES = 1.5e9
"""Memory of any task at most."""


@dataclass(frozen=True)
class NearJob:
    """What is asked for: documents that rules and exact duplicates have left."""

    documents: float = 10e9
    cut_bytes: int = 256 << 20
    sizes: Sizes = field(default_factory=Sizes)


@dataclass(frozen=True)
class NearMeasured:
    """Of a small round, everything by documents that take part."""

    form: NearForm
    text_bytes: float
    document_bytes: float
    """Parquet bytes of the documents."""
    members: float
    """Documents in pairs, one for each block that has it."""
    compared_bytes: float
    """Their text."""
    labelled: float
    """Documents with a tie."""
    cpu: Mapping[str, float]
    """CPU seconds by phase."""
    written: Mapping[str, float]
    """Bytes by folder: of phases for the exchange, and of `annotations`, `routes`, `decisions`, `evidence`,
    `indexes`."""


@dataclass(frozen=True)
class Hop:
    """How the files of one phase reach the tasks of another."""

    layout: Layout
    relays: int
    slices: tuple[int, int]
    """Read by relays, and by the tasks behind; without relays the first is 0."""

    @property
    def levels(self) -> int:
        """How often the records are written again on the way."""
        return int(self.relays > 0)


def hop(layout: Layout, files: int, total_bytes: float, sizes: Sizes) -> Hop:
    """From so many files of equal size to the partitions of a layout."""
    count = relays(layout, even(total_bytes, max(1, files)), sizes)
    if not count:
        return Hop(layout, 0, (0, files * layout.partitions))
    outer = layout.map_split.count
    return Hop(layout, count, (files * outer, count // outer * layout.partitions))


def at_places(partitions: int, words: int, sizes: Sizes) -> Layout:
    """As `layout_at`, also for more partitions than it takes: the limits tell of these."""
    most = sizes.fan_out
    if partitions <= most**LEVELS:
        return layout_at(range(partitions), words, sizes)
    return Layout(words, (most, -(-partitions // most)), tuple(range(partitions)))


@dataclass(frozen=True)
class Near:
    """A round of near-duplicates as it would be planned."""

    job: NearJob
    known: NearMeasured

    @property
    def shards(self) -> int:
        """Of the documents."""
        return max(1, round(self.job.documents * self.known.text_bytes / self.job.cut_bytes))

    @property
    def groups(self) -> int:
        """Of shards."""
        most = GROUP_BYTES // (WORD_BYTES * BAND_WORDS * self.known.form.bands)
        return len(grouped(even(self.job.documents, self.shards), most))

    @property
    def band_layout(self) -> Layout:
        """Of all bands."""
        return layout_for(round(self.job.documents) * self.known.form.bands, BAND_WORDS, self.job.sizes)

    @property
    def profile_layout(self) -> Layout:
        """Of the profiles of documents with ties."""
        labelled = round(self.job.documents * self.known.labelled)
        return layout_for(labelled, self.known.form.profile_words, self.job.sizes)

    @property
    def blocks(self) -> int:
        """Full of documents, or of pairs; none is of two partitions."""
        members = self.job.documents * self.known.members
        mean = np.array([self.known.compared_bytes / max(self.known.members, 1e-9)], np.int64)
        held = members * float(bytes_compared(mean, self.known.form)[0])
        pairs = self.total("pairing.pairs") / PAIR_WORDS / WORD_BYTES
        return max(self.profile_layout.partitions, math.ceil(held / BLOCK_BYTES), math.ceil(pairs / BLOCK_PAIRS))

    @property
    def label_rounds(self) -> int:
        """Over files; none where one task labels all."""
        return LABEL_ROUNDS if self.job.documents > MOST_DOCUMENTS else 0

    @property
    def label_ranges(self) -> int:
        """Of documents that are labelled together (`datapipe.passes.near_labels`)."""
        if not self.label_rounds:
            return 1
        documents = even(self.job.documents, self.groups)
        share = round(self.job.documents) // self.job.sizes.fan_out
        return len(grouped(documents, max(RANGE_DOCUMENTS, share + max(documents))))

    def total(self, folder: str) -> float:
        """Bytes of a folder."""
        return self.job.documents * self.known.written.get(folder, 0.0)

    def hops(self) -> dict[str, Hop]:
        """Every exchange, by the phase whose files it takes on."""
        sizes, pairing = self.job.sizes, self.profile_layout.partitions
        back = {words: at_places(self.groups, words, sizes) for words in (REQUEST_WORDS, EVIDENCE_WORDS, VERDICT_WORDS)}
        planned: Sequence[tuple[str, Layout, int]] = (
            ("bands", self.band_layout, self.groups),
            ("buckets", at_places(self.label_ranges, TIE_WORDS, sizes), self.band_layout.partitions),
            ("profiles", self.profile_layout, self.groups),
            ("pairing.requests", back[REQUEST_WORDS], pairing),
            ("shingles", at_places(self.blocks, SHINGLE_WORDS, sizes), self.groups),
            ("verifying.evidence", back[EVIDENCE_WORDS], self.blocks),
            ("choosing", back[VERDICT_WORDS], pairing),
        )
        return {name: hop(layout, files, self.total(name), sizes) for name, layout, files in planned}

    def rows(self) -> list[Row]:
        """Every phase, with the relays in front of it."""
        hops, total, documents = self.hops(), self.total, self.job.documents * self.known.document_bytes
        spent = {name: seconds * self.job.documents for name, seconds in self.known.cpu.items()}
        signed, routes = total("annotations"), total("routes")
        shards, groups = self.shards, self.groups
        buckets, parts = self.band_layout.partitions, self.profile_layout.partitions
        row = self._exchanged
        return [
            Row("signatures", shards, documents, signed, spent["signatures"],
                files_read=shards, files_written=shards, receipts=shards),
            Row("bands", groups, signed + routes, total("bands"), spent["bands"],
                files_read=3 * shards, files_written=groups),
            *row("buckets", buckets, hops["bands"], "bands", total("buckets"), spent["buckets"]),
            *self._labels(hops, spent),
            Row("profiles", groups, signed + routes + total("labels"), total("profiles"), spent["profiles"],
                files_read=3 * shards + groups, files_written=groups),
            *row("pairing", parts, hops["profiles"], "profiles",
                 sum(total(f"pairing.{name}") for name in ("pairs", "members", "requests")), spent["pairing"], files=3),
            *row("shingles", groups, hops["pairing.requests"], "pairing.requests", total("shingles"),
                 spent["shingles"], more=documents, files_read=shards),
            *row("verifying", self.blocks, hops["shingles"], "shingles",
                 total("verifying.evidence") + total("verifying.matches"), spent["verifying"],
                 more=total("pairing.pairs") + total("pairing.members"), files_read=2 * self.blocks, files=2),
            Row("choosing", parts, total("profiles") + total("verifying.matches"), total("choosing"),
                spent["choosing"], files_read=parts + self.blocks, files_written=parts),
            *row("verdicts", 0, hops["choosing"], "choosing", 0, 0),
            *row("resolving", groups, hops["verifying.evidence"], "verifying.evidence",
                 routes + sum(total(name) for name in ("decisions", "evidence", "indexes")), spent["resolving"],
                 more=signed + routes, files_read=3 * shards, files=4 * shards // max(1, groups)),
        ]  # fmt: skip

    def _labels(self, hops: Mapping[str, Hop], spent: Mapping[str, float]) -> list[Row]:
        """One task, or rounds over files: each writes the ties both ways, and then once again; at last the labels."""
        ties, labels, rounds, ranges = self.total("buckets"), self.total("labels"), self.label_rounds, self.label_ranges
        if not rounds:
            return self._exchanged("labels", 1, hops["buckets"], "buckets", labels, spent["labels"], files=self.groups)
        moved = 3 * rounds * ties + 2 * ties
        joins, slices = 2 * rounds + 1, (2 * rounds + 2) * ranges * ranges
        sorting = moved * spent["buckets"] / self.total("bands")
        return [
            *self._exchanged("labels, first", ranges, hops["buckets"], "buckets", 2 * ties, sorting / joins),
            Row(f"labels, {rounds} rounds", joins * ranges + ranges, moved + labels, moved + 2 * labels,
                sorting + spent["labels"], slices=slices, slice_bytes=(moved + labels) / slices,
                files_written=joins * ranges + self.groups),
        ]  # fmt: skip

    def _exchanged(
        self, name: str, tasks: int, way: Hop, folder: str, written: float, seconds: float, *, more: float = 0,
        files_read: int = 0, files: int = 1,
    ) -> list[Row]:  # fmt: skip
        """The relays of an exchange, if any, and the tasks that read it; sorting costs as in buckets."""
        size = self.total(folder)
        per_byte = self.known.cpu["buckets"] / self.known.written["bands"]
        first, second = way.slices
        found = []
        if way.relays:
            found.append(
                Row(f"{name}: relay", way.relays, size, size, size * per_byte, slices=first, slice_bytes=size / first,
                    files_written=way.relays)
            )  # fmt: skip
        if tasks:
            found.append(
                Row(name, tasks, size + more, written, seconds, slices=second, slice_bytes=size / max(1, second),
                    files_read=files_read, files_written=files * tasks)
            )  # fmt: skip
        return found

    def limits(self) -> dict[str, float]:
        """How near it comes to what can be planned, and to what a task may hold: 1 is just at the limit."""
        most = self.job.sizes.fan_out**LEVELS
        return {
            "groups of shards in an exchange": self.groups / most,
            "blocks in an exchange": self.blocks / most,
            "memory of a range of labels": self.job.documents / self.label_ranges * LABEL_BYTES / TASK_BYTES
            if self.label_rounds
            else 0.0,
            "partitions of the bands": self.band_layout.partitions / most,
        }

    def most_slices(self) -> int:
        """That the driver holds at once: of one exchange, on the way to its relays and behind them."""
        return max(sum(one.slices) for one in self.hops().values())
