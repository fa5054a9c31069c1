"""A round of near-duplicates over all shards, phase by phase: what each task reads, and when it must be done again."""

from collections.abc import Iterator, Sequence

from datapipe import storage
from datapipe.accounts import slim, source_of
from datapipe.dedup.identities import source_table
from datapipe.dedup.indexes import EarlierRun, page_path, write_page
from datapipe.dedup.near.bands import BandTask, EarlierBandTask, gather_bands, gather_earlier_bands
from datapipe.dedup.near.buckets import BucketTask, find_buckets
from datapipe.dedup.near.choosing import ChoiceTask, choose_survivors
from datapipe.dedup.near.evidence import EVIDENCE_WORDS
from datapipe.dedup.near.labels import Holders
from datapipe.dedup.near.pairing import BLOCK_BYTES, PairingTask, pair_documents
from datapipe.dedup.near.profiles import EarlierProfileTask, ProfileTask, profile_documents, profile_earlier
from datapipe.dedup.near.records import BAND_WORDS, REQUEST_WORDS, SHINGLE_WORDS, VERDICT_WORDS, block_key
from datapipe.dedup.near.resolving import NearResolveTask, resolve_near_group
from datapipe.dedup.near.row_keys import first_key
from datapipe.dedup.near.shingle_sets import EarlierShingleTask, ShingleTask, gather_earlier_shingles, gather_shingles
from datapipe.dedup.near.verifying import VerifyTask, verify_pairs
from datapipe.dedup.outcomes import Outcomes
from datapipe.exchange import Layout, Sizes, Split, grouped, layout_at, layout_for
from datapipe.exchange_files import Slice
from datapipe.fingerprints import digest
from datapipe.passes.earlier_runs import find_earlier
from datapipe.passes.holdout import ladder
from datapipe.passes.near_exchange import NearExchange, map_file
from datapipe.passes.near_labels import Labelling
from datapipe.passes.near_plans import NearPlan
from datapipe.passes.near_words import comparison
from datapipe.passes.partitions import Partition
from datapipe.passes.removals import FallenShards, check_removals
from datapipe.passes.shards import Routes, Shards, routes_of
from datapipe.receipts import Receipt
from datapipe.running import Run, Tasks, map_tasks

SIZES = Sizes()
"""Of the exchanges. Outputs are the same whatever they are."""
GROUP_BYTES = 64 << 20
"""Band records of a group of shards: what later tasks hold of a group grows with its documents."""


def drop_near_duplicates(run: Run, plan: NearPlan, shards: Shards, routes: list[Routes]) -> list[Routes]:
    """The routes of the shards behind the round, in order. Raises RunError where too much would go."""
    return _NearRound(run, plan, shards, routes).decide()


class _NearRound:
    """One round over all shards."""

    def __init__(self, run: Run, plan: NearPlan, shards: Shards, routes: list[Routes]) -> None:
        self.run, self.plan, self.name, self.form = run, plan, plan.round.name, plan.form
        self.prints = plan.fingerprints
        self.exchange = NearExchange(run, self.name, plan.resources, SIZES)
        self._key, self._map, self._exchanged = self.exchange.key, self.exchange.map, self.exchange.partitions
        self.earlier = find_earlier(run.recipe, plan.round, run.folder, run.root)
        sources = {source.name for source in run.recipe.sources}
        self.table = source_table(sources.union(*(one.sources for one in self.earlier)))
        self.shards = shards.names
        self.inputs = [
            digest([made_of, one.sha256]) for made_of, one in zip(shards.made_of(plan.accounted), routes, strict=True)
        ]
        self.files = _Files(self.earlier)
        most = GROUP_BYTES // (8 * BAND_WORDS * self.form.bands)
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

    def decide(self) -> list[Routes]:
        """All phases."""
        storage.remove(storage.join(self.run.folder, page_path(self.name)))  # until all of the index is there again
        layout = layout_for(self.documents * self.form.bands, BAND_WORDS, SIZES)
        bands = self._bands(layout)
        labelling = self._labelling(bands)
        buckets = self._buckets(self._exchanged("bands", self.prints.bands, layout, bands), labelling.ties.map_split)
        labels = labelling.labels(buckets)
        profiles = self._profiles(labels, _crowded(buckets))
        pairings = self._pairings(profiles)
        shingles = self._shingles(pairings)
        self.run.console.print(comparison(self.run, self.name), markup=False, highlight=False, soft_wrap=True)
        verified = self._verified(pairings, shingles)
        choices = self._choices(profiles, pairings, verified)
        return self._resolved(choices, verified)

    def _bands(self, layout: Layout) -> list[Receipt]:
        tasks = [
            BandTask(
                self._key("bands", number, self.prints.bands, [layout, [self.inputs[k] for k in group]]),
                tuple(self.shards[k] for k in group), group.start, self.plan.banded, self.form, layout.map_split,
            )
            for number, group in enumerate(self.groups)
        ]  # fmt: skip
        earlier = [
            EarlierBandTask(
                self._key("earlier_bands", number, self.prints.bands, [layout, self.files.made_of(group)]),
                self.files.slices(group), group.start, self.form, layout.map_split,
            )
            for number, group in self.earlier_groups
        ]  # fmt: skip
        return self._map("bands", gather_bands, tasks) + self._map("earlier_bands", gather_earlier_bands, earlier)

    def _labelling(self, bands: Sequence[Receipt]) -> Labelling:
        rows = {name: count for one in bands for name, count in one.figures.get("documents", {}).items()}
        holders = Holders(tuple(rows[name] for name in self.shards), self.files.records)
        return Labelling(self.exchange, self.prints.bands, holders, tuple(self.bounds))

    def _buckets(self, partitions: Sequence[Partition], split: Split) -> list[Receipt]:
        tasks = [
            BucketTask(
                self._key("buckets", number, self.prints.bands, [one.made_of, split]), one.slices, self.form, split
            )
            for number, one in enumerate(partitions)
        ]
        return self._map("buckets", find_buckets, tasks)

    def _profiles(self, labels: Sequence[Partition], crowded: tuple[tuple[int, int], ...]) -> list[Partition]:
        labelled = sum(one.records for one in labels)
        layout = layout_for(labelled, self.form.profile_words, SIZES)
        ranks = {name: rank for rank, name in enumerate(self.table)}
        settings = [layout, self.table, crowded]
        tasks = [
            ProfileTask(
                self._key(
                    "profiles", number, self.prints.profiles,
                    [settings, labels[number].made_of, [self.inputs[k] for k in group]],
                ),
                tuple(self.shards[k] for k in group), tuple(source_of(self.shards[k]) for k in group), group.start,
                self.plan.profiled, ranks, labels[number].slices, crowded, self.form, layout.map_split,
            )
            for number, group in enumerate(self.groups)
        ]  # fmt: skip
        earlier = [
            EarlierProfileTask(
                self._key(
                    "earlier_profiles", number, self.prints.profiles,
                    [settings, labels[number].made_of, self.files.made_of(group)],
                ),
                self.files.slices(group), self.files.runs(group), self.files.sources(group), self.table, group.start,
                labels[number].slices, crowded, self.form, layout.map_split,
            )
            for number, group in self.earlier_groups
        ]  # fmt: skip
        found = self._map("profiles", profile_documents, tasks)
        found += self._map("earlier_profiles", profile_earlier, earlier)
        return self._exchanged("profiles", self.prints.profiles, layout, found)

    def _pairings(self, profiles: Sequence[Partition]) -> list[Receipt]:
        back = layout_at(self.bounds, REQUEST_WORDS, SIZES)
        tasks = [
            PairingTask(
                self._key("pairing", number, self.prints.pairing, [number, back, one.made_of, BLOCK_BYTES]), number,
                one.slices, self.form, back.map_split, BLOCK_BYTES,
            )
            for number, one in enumerate(profiles)
        ]  # fmt: skip
        return self._map("pairing", pair_documents, tasks)

    def _blocks(self, pairings: Sequence[Receipt]) -> list[int]:
        """The keys of all blocks, rising."""
        return [
            block_key(number, block)
            for number, one in enumerate(pairings)
            for block in range(one.figures["blocks"]["blocks"])
        ]

    def _shingles(self, pairings: Sequence[Receipt]) -> list[Partition]:
        """What every block compares."""
        blocks = self._blocks(pairings)
        if not blocks:
            return []
        back = layout_at(self.bounds, REQUEST_WORDS, SIZES)
        requests = self._exchanged("requests", self.prints.pairing, back, pairings, "pairing.requests")
        layout = layout_at(blocks, SHINGLE_WORDS, SIZES)
        tasks = [
            ShingleTask(
                self._key(
                    "shingles", number, self.prints.pairing,
                    [layout, requests[number].made_of, [self.inputs[k] for k in group]],
                ),
                tuple(self.shards[k] for k in group), group.start, self.plan.compared, requests[number].slices,
                self.form, layout.map_split,
            )
            for number, group in enumerate(self.groups)
        ]  # fmt: skip
        earlier = [
            EarlierShingleTask(
                self._key(
                    "earlier_shingles", number, self.prints.pairing,
                    [layout, requests[number].made_of, self.files.made_of(group)],
                ),
                self.files.slices(group), self.files.shingles(group), group.start, requests[number].slices, self.form,
                layout.map_split,
            )
            for number, group in self.earlier_groups
        ]  # fmt: skip
        found = self._map("shingles", gather_shingles, tasks)
        found += self._map("earlier_shingles", gather_earlier_shingles, earlier)
        return self._exchanged("shingles", self.prints.pairing, layout, found)

    def _verified(self, pairings: Sequence[Receipt], shingles: Sequence[Partition]) -> list[Receipt]:
        back = layout_at(self.bounds, EVIDENCE_WORDS, SIZES)
        tasks: list[VerifyTask] = []
        for number, one in enumerate(pairings):
            pairs, members = (map_file(self.run.folder, one, f"pairing.{kind}") for kind in ("pairs", "members"))
            for block in range(one.figures["blocks"]["blocks"]):
                compared = shingles[len(tasks)]
                key = self._key(
                    "verifying", f"{number:06}-{block:06}", self.prints.verifying,
                    [back, pairs.sha256, members.sha256, block, compared.made_of],
                )  # fmt: skip
                pair_slice, member_slice = Slice(pairs.path, block), Slice(members.path, block)
                tasks.append(VerifyTask(key, pair_slice, member_slice, compared.slices, self.form, back.map_split))
        return self._map("verifying", verify_pairs, tasks)

    def _choices(
        self, profiles: Sequence[Partition], pairings: Sequence[Receipt], verified: Sequence[Receipt]
    ) -> list[Receipt]:
        back = layout_at(self.bounds, VERDICT_WORDS, SIZES)
        of_blocks = iter(map_file(self.run.folder, one, "verifying.matches") for one in verified)
        tasks = []
        for number, (one, pairing) in enumerate(zip(profiles, pairings, strict=True)):
            matches = [next(of_blocks) for _ in range(pairing.figures["blocks"]["blocks"])]
            made_of = [back, self.table, one.made_of, [file.sha256 for file in matches]]
            tasks.append(
                ChoiceTask(
                    self._key("choosing", number, self.prints.verifying, made_of), one.slices,
                    tuple(Slice(file.path, 0) for file in matches), self.form, self.table, back.map_split,
                )
            )  # fmt: skip
        return self._map("choosing", choose_survivors, tasks)

    def _resolved(self, choices: Sequence[Receipt], verified: Sequence[Receipt]) -> list[Routes]:
        """The routes of all shards, when the alarm has looked at what fell and the index is there."""
        recipe = self.run.recipe
        verdicts = self._exchanged(
            "verdicts", self.prints.verifying, layout_at(self.bounds, VERDICT_WORDS, SIZES), choices
        )
        evidence = self._exchanged(
            "evidence", self.prints.verifying, layout_at(self.bounds, EVIDENCE_WORDS, SIZES), verified,
            "verifying.evidence",
        )  # fmt: skip
        counted = [ladder(recipe.holdout), recipe.seed]  # of the units, for the documents that are held out

        outcomes = Outcomes(
            self.run.folder, self.name, self.prints.resolving, self.plan.round.pass_name, self.plan.round.size_column,
            self.plan.accounted, self.plan.schema, self.table, ladder(recipe.holdout), recipe.seed, self.run.verify,
        )  # fmt: skip

        def tasks() -> Iterator[NearResolveTask]:
            for number, group in enumerate(self.groups):
                told = [verdicts[number].made_of, evidence[number].made_of, self.table, counted]
                yield NearResolveTask(
                    outcomes, f"{number:06}", tuple(self.shards[k] for k in group), group.start,
                    tuple(source_of(self.shards[k]) for k in group),
                    tuple(digest([told, self.inputs[k]]) for k in group), verdicts[number].slices,
                    evidence[number].slices, self.form,
                )  # fmt: skip

        made = Tasks(len(self.groups), tasks)
        fallen, left = FallenShards(), list[Receipt]()

        def receipts() -> Iterator[Receipt]:
            for receipt in map_tasks(self.run, self.name, resolve_near_group, made, self.plan.resources):
                fallen.add(receipt)
                left.append(slim(receipt))
                yield receipt

        routes = routes_of(receipts(), self.shards)
        check_removals(self.run, self.plan.round, fallen)
        left.sort(key=lambda one: one.shard)
        self.run.indexes[self.name] = write_page(self.run.folder, self.name, self.plan.round.settings, self.table, left)
        return routes


class _Files:
    """The files of the indexes of earlier runs, one after another."""

    def __init__(self, earlier: Sequence[EarlierRun]) -> None:
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


def _crowded(buckets: Sequence[Receipt]) -> tuple[tuple[int, int], ...]:
    """Band keys that too many documents share to be compared together, with their documents."""
    found = {key: size for one in buckets for key, size in one.figures.get("crowded", {}).items()}
    return tuple(sorted((int(key, 16), size) for key, size in found.items()))
