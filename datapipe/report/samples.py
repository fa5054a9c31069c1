"""Texts and errors for the report, from a handful of shards.

However many shards a run has, receipts of at most `MAX_SHARDS` are read, and a few row groups of documents, one at a
time. Which ones follows from a hash of their names, so the same run gives the same samples.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

import xxhash

from datapipe import storage
from datapipe.duplicates.comparisons import ClusterTexts, compare_clusters
from datapipe.locating import Library
from datapipe.passes.packing import PACK, unit_folder
from datapipe.receipts import Receipt, number_behind, read_receipt
from datapipe.report.dropped import read_dropped
from datapipe.report.figures import Figures
from datapipe.report.quarantine import ErrorGroup, read_errors
from datapipe.report.sample import SHOWN, Key, Sample, sample_of
from datapipe.shard_files import opened

MAX_SHARDS = 200
PER_UNIT = 2
CLUSTERS = 5
BESIDE = 2
"""Documents that fell beside the one that stayed, of a cluster."""
MAX_UNITS = 36
"""Units that kept texts are shown of, the largest of every domain."""


@dataclass(frozen=True)
class Samples:
    """What was found, and in how many shards it was looked for."""

    shards: int
    dropped: dict[Key, list[Sample]]
    """By step and reason."""
    kept: dict[Key, list[Sample]]
    """By domain and unit."""
    errors: list[ErrorGroup]
    quarantined: int
    """Records in quarantine that the errors stand for."""
    clusters: dict[str, list[ClusterTexts]] = field(default_factory=dict)
    """The largest of every round of duplicates, by its name."""


def read_samples(figures: Figures) -> Samples:
    """Look for samples of every reason and of the largest units. Raises OSError."""
    library = Library(figures.folder, figures.recipe)
    shards = sampled_shards(library)
    errors, quarantined = read_errors(figures, shards)
    dropped, kept = read_dropped(figures, shards), _kept(figures)
    return Samples(len(shards), dropped, kept, errors, quarantined, _clusters(figures, library, shards))


def _clusters(figures: Figures, library: Library, shards: list[Receipt]) -> dict[str, list[ClusterTexts]]:
    """The largest clusters, each with the texts of some that fell beside the one that stayed."""
    names = [receipt.shard for receipt in shards]
    return {
        one.round.name: compare_clusters(library, one.round, dict(one.largest[:CLUSTERS]), names, BESIDE)
        for one in figures.duplicates
    }


def sampled_shards(library: Library) -> list[Receipt]:
    """Receipts of the first pass, of at most MAX_SHARDS."""
    return list(itertools.islice(_shards(library), MAX_SHARDS))


def _shards(library: Library) -> Iterator[Receipt]:
    """Receipts of the first pass: the first shards of all groups, sources in turn, then the second ones, and so on."""
    groups: list[tuple[int, str]] = []
    first = library.recipe.passes[0].name
    for source, data in library.plan["sources"].items():
        names = [f"{source}-{members[0]:06}" for members in data["groups"][: library.plan["max_shards"]]]
        groups += enumerate(sorted(names, key=lambda name: xxhash.xxh3_64_intdigest(name.encode())))
    # The plan remembers files that are gone; what is left of them may not go with the passes of today.
    current = set(library.all_shards())
    unfinished = [(name, 0) for _, name in sorted(groups)]
    while unfinished:
        going_on = []
        for name, cut in unfinished:
            receipt = read_receipt(library.folder, first, f"{name}-{cut:04}")
            if receipt is not None and (not current or receipt.shard in current):
                yield receipt
                going_on += [(name, number_behind(cut, receipt.next))] if receipt.next else []
        unfinished = going_on


def _kept(figures: Figures) -> dict[Key, list[Sample]]:
    """The first documents in the first shard of the largest units: shards are in keyed order, so any are as good."""
    found: dict[Key, list[Sample]] = {}
    per_domain = max(1, MAX_UNITS // len(figures.domains))
    for domain in figures.domains:
        for unit in domain.units[:per_domain]:
            key = (domain.domain.name, unit.name)
            receipt = read_receipt(figures.folder, PACK, f"{unit_folder(*key)}/000000")
            for output in receipt.outputs if receipt else ():
                with opened([storage.join(figures.folder, output.path)]) as (file,):
                    columns = [name for name in SHOWN if name in file.schema_arrow.names]
                    batch = next(file.iter_batches(PER_UNIT, columns=columns))
                    found[key] = [sample_of(batch.slice(row, 1)) for row in range(batch.num_rows)]
    return found
