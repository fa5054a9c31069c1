"""What the phases of a round of near-duplicates share: its shards and earlier runs, in groups, and its exchanges."""

from collections.abc import Sequence
from dataclasses import dataclass

from datapipe.dedup.identities import source_table
from datapipe.dedup.indexes import EarlierRun
from datapipe.dedup.near.records import BAND_WORDS, NearForm
from datapipe.dedup.near.row_keys import first_key
from datapipe.exchange import Sizes, grouped
from datapipe.exchange_files import Slice
from datapipe.fingerprints import digest
from datapipe.passes.earlier_runs import find_earlier
from datapipe.passes.near_exchange import NearExchange
from datapipe.passes.near_plans import NearFingerprints, NearPlan
from datapipe.passes.shards import Routes, Shards
from datapipe.running import Run


@dataclass(frozen=True)
class Cut:
    """How the work is divided. Outputs are the same whatever it is."""

    sizes: Sizes
    """Of the exchanges."""
    group_bytes: int
    """Band records of a group of shards."""
    block_bytes: int
    """Shingles of a block."""


class NearWork:
    """One round over all shards."""

    def __init__(self, run: Run, plan: NearPlan, shards: Shards, routes: Sequence[Routes], cut: Cut) -> None:
        """Raises RecipeError where an earlier run is none to compare with."""
        self.run, self.plan, self.name = run, plan, plan.round.name
        self.form: NearForm = plan.form
        self.prints: NearFingerprints = plan.fingerprints
        self.block_bytes = cut.block_bytes
        self.exchange = NearExchange(run, self.name, plan.resources, cut.sizes)
        earlier = find_earlier(run.recipe, plan.round, run.folder, run.root)
        sources = {source.name for source in run.recipe.sources}
        self.table = source_table(sources.union(*(one.sources for one in earlier)))
        self.shards = shards.names
        self.inputs = [
            digest([made_of, one.sha256]) for made_of, one in zip(shards.made_of(plan.accounted), routes, strict=True)
        ]
        self.files = EarlierFiles(earlier)
        most = cut.group_bytes // (8 * BAND_WORDS * self.form.bands)
        documents = [one.documents for one in routes]
        self.groups = grouped(documents, most)
        """Of consecutive shards,"""
        behind = grouped(self.files.records, most)
        self.earlier_groups = list(enumerate(behind, start=len(self.groups)))
        """and behind them of consecutive files of earlier runs, with their numbers."""
        self.documents = sum(documents) + sum(self.files.records)
        self.bounds = [first_key(group.start) for group in self.groups]
        self.bounds += [first_key(group.start, True) for group in behind]
        """Lowest row key of each group."""


class EarlierFiles:
    """The files of the indexes of earlier runs, one after another."""

    def __init__(self, earlier: Sequence[EarlierRun]) -> None:
        """Of these runs, in order."""
        self._found = [(one, number, k) for number, one in enumerate(earlier) for k in range(len(one.files))]
        self.records = tuple(one.files[k][1] for one, _, k in self._found)

    def slices(self, group: range) -> tuple[Slice, ...]:
        """The files themselves."""
        return tuple(one.files[k][0] for one, _, k in self._of(group))

    def shingles(self, group: range) -> tuple[Slice | None, ...]:
        """Those of their shingles, where a run kept them."""
        return tuple(one.shingles[k] for one, _, k in self._of(group))

    def runs(self, group: range) -> tuple[int, ...]:
        """The numbers of their runs."""
        return tuple(number for _, number, _ in self._of(group))

    def sources(self, group: range) -> tuple[tuple[str, ...], ...]:
        """The sources that the ranks of their ids stand for."""
        return tuple(one.sources for one, _, _ in self._of(group))

    def made_of(self, group: range) -> list[object]:
        """What tells these files from all others."""
        return [group.start, *([one.digest, number, k] for one, number, k in self._of(group))]

    def _of(self, group: range) -> list[tuple[EarlierRun, int, int]]:
        return self._found[group.start : group.stop]
