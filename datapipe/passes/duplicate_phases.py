"""Duplicates are decided after the rules: round by round over all shards, each an exchange there and back."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from datapipe import storage
from datapipe.accounts import slim, source_of
from datapipe.dedup.candidates import CandidatesTask, EarlierTask, gather_candidates, gather_earlier
from datapipe.dedup.identities import source_table
from datapipe.dedup.indexes import index_path, page_path, write_page
from datapipe.dedup.outcomes import Outcomes
from datapipe.dedup.records import Form
from datapipe.dedup.resolving import ResolveTask, resolve_group
from datapipe.dedup.survivors import VERDICT_WORDS, SurvivorsTask, decide_survivors
from datapipe.exchange import Layout, Sizes, group_shards, grouped, layout_at, layout_for
from datapipe.exchange_files import Slice
from datapipe.fingerprints import digest
from datapipe.passes.earlier_runs import find_earlier
from datapipe.passes.holdout import ladder
from datapipe.passes.near_phases import drop_near_duplicates
from datapipe.passes.near_plans import NearPlan
from datapipe.passes.round_plans import RoundPlan, plan_rounds
from datapipe.passes.shards import Routes, Shards, routes_of
from datapipe.receipts import Receipt
from datapipe.relays import MapFile, RelayTask, partition_slices, plan_relays, relay
from datapipe.running import Run, Tasks, map_tasks

SIZES = Sizes()
"""Of the exchanges. Outputs are the same whatever they are."""


def decide_duplicates(run: Run, shards: Shards, routes: list[Routes]) -> list[Routes]:
    """Every round of the recipe: the routes after the last one, of every shard in order."""
    for plan in plan_rounds(run.recipe):
        if isinstance(plan, NearPlan):
            routes = drop_near_duplicates(run, plan, shards, routes)
        else:
            routes = _Exchanges(run, plan, shards, routes).decide()
    return routes


class _Exchanges:
    """One round over all shards."""

    def __init__(self, run: Run, plan: RoundPlan, shards: Shards, routes: list[Routes]) -> None:
        self.run, self.plan, self.name = run, plan, plan.round.name
        self.earlier = find_earlier(run.recipe, plan.round, run.folder, run.root)
        self.form: Form = plan.form
        self.fingerprint = digest([plan.fingerprint, [one.digest for one in self.earlier]])
        sources = {source.name for source in run.recipe.sources}
        self.table = source_table(sources.union(*(one.sources for one in self.earlier)))
        self.shards = shards.names
        # What is read of a shard: the passes before, and the routes as they are now, whoever moved a threshold.
        self.inputs = [
            digest([made_of, one.sha256]) for made_of, one in zip(shards.made_of(plan.accounted), routes, strict=True)
        ]
        records = [one.documents for one in routes]
        self.layout = layout_for(sum(records) + sum(one.records for one in self.earlier), self.form.words, SIZES)
        self.groups = group_shards(records, self.form.words, SIZES)
        self.back = layout_at(range(max(1, len(self.groups))), VERDICT_WORDS, SIZES)

    def decide(self) -> list[Routes]:
        """The routes of the shards, in order."""
        storage.remove(storage.join(self.run.folder, page_path(self.name)))  # until all of the index is there again
        maps = [*self._candidates(), *self._earlier()]
        reduced = self._survivors(list(self._exchanged("relay", self.layout, maps)))
        verdicts = list(self._exchanged("relay_back", self.back, reduced))
        routes = self._resolve(verdicts)
        self.run.indexes[self.name] = write_page(
            self.run.folder, self.name, self.plan.round.settings, self.table, reduced
        )
        return routes

    def _candidates(self) -> list[Receipt]:
        ranks = {name: rank for rank, name in enumerate(self.table)}
        tasks = [
            CandidatesTask(
                self.run.folder, f"{self.name}.map", f"{number:06}", self.fingerprint,
                digest([number, self.table, self.layout, [self.inputs[k] for k in group]]), number,
                tuple(source_of(self.shards[k]) for k in group), tuple(self.shards[k] for k in group),
                self.plan.upstream, ranks, self.form, self.layout.map_split, self.run.verify,
            )
            for number, group in enumerate(self.groups)
        ]  # fmt: skip
        return self._map("map", gather_candidates, tasks)

    def _earlier(self) -> list[Receipt]:
        most = SIZES.map_bytes // (8 * self.form.words)
        tasks = [
            EarlierTask(
                self.run.folder, f"{self.name}.earlier", f"{number:04}-{part:06}", self.fingerprint,
                digest([one.digest, self.table, self.layout, number, group.start, group.stop]), number,
                tuple(one.files[k][0] for k in group), one.sources, self.table, self.form, self.layout.map_split,
                self.run.verify,
            )
            for number, one in enumerate(self.earlier)
            for part, group in enumerate(grouped([records for _, records in one.files], most))
        ]  # fmt: skip
        return self._map("earlier", gather_earlier, tasks) if tasks else []

    def _exchanged(self, level: str, layout: Layout, receipts: Sequence[Receipt]) -> Iterator[list[Slice]]:
        """The slices of every partition, after a level of relays where one is needed."""
        files = [_map_file(self.run.folder, receipt) for receipt in receipts]
        template = RelayTask(
            self.run.folder, f"{self.name}.{level}", "", self.fingerprint, "", (), layout.map_split, layout.words,
            self.run.verify,
        )  # fmt: skip
        relays = plan_relays(layout, files, template, SIZES)
        if relays:
            self._map(level, relay, relays)
        return partition_slices(layout, files, relays)

    def _survivors(self, slices: list[list[Slice]]) -> list[Receipt]:
        inputs = digest([self.inputs, self.table, self.layout, len(self.groups), [one.digest for one in self.earlier]])
        tasks = [
            SurvivorsTask(
                self.run.folder, f"{self.name}.reduce", f"{number:06}", self.fingerprint, digest([inputs, number]),
                tuple(own), self.form, self.table, self.back.map_split, index_path(self.name, f"{number:06}"),
                self.run.verify,
            )
            for number, own in enumerate(slices)
        ]  # fmt: skip
        return self._map("reduce", decide_survivors, tasks)

    def _resolve(self, slices: list[list[Slice]]) -> list[Routes]:
        recipe = self.run.recipe
        counted = [ladder(recipe.holdout), recipe.seed]  # of the units, for the documents that are held out
        inputs = digest([self.inputs, [one.digest for one in self.earlier], counted])

        outcomes = Outcomes(
            self.run.folder, self.name, self.fingerprint, self.plan.round.pass_name, self.plan.round.size_column,
            self.plan.accounted, self.plan.schema, self.table, ladder(recipe.holdout), recipe.seed, self.run.verify,
        )  # fmt: skip

        def tasks() -> Iterator[ResolveTask]:
            for number, group in enumerate(self.groups):
                yield ResolveTask(
                    outcomes, f"{number:06}", tuple(self.shards[k] for k in group),
                    tuple(source_of(self.shards[k]) for k in group),
                    tuple(digest([inputs, self.inputs[k]]) for k in group), tuple(slices[number]), self.form,
                )  # fmt: skip

        made = Tasks(len(self.groups), tasks)
        return routes_of(map_tasks(self.run, self.name, resolve_group, made, self.plan.resources), self.shards)

    def _map(self, part: str, function: Callable[[Any], Receipt], tasks: Sequence[object]) -> list[Receipt]:
        receipts = map_tasks(self.run, f"{self.name}.{part}", function, tasks, self.plan.resources)
        return sorted(map(slim, receipts), key=lambda one: one.shard)


def _map_file(folder: str, receipt: Receipt) -> MapFile:
    output = receipt.output("exchange")
    if output is None:
        raise ValueError(f"{receipt.pass_name}/{receipt.shard}: no file for the exchange")
    return MapFile(storage.join(folder, output.path), output.bytes, output.sha256)
