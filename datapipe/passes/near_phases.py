"""A round of near-duplicates over all shards: who may be alike, what is found of them, who stays.

Its phases say what each task reads, and so when it must be done again.
"""

from collections.abc import Iterator, Sequence

from datapipe import storage
from datapipe.accounts import slim, source_of
from datapipe.dedup.indexes import page_path, write_page
from datapipe.dedup.near.choosing import ChoiceTask, choose_survivors
from datapipe.dedup.near.evidence import EVIDENCE_WORDS
from datapipe.dedup.near.pairing import BLOCK_BYTES
from datapipe.dedup.near.records import VERDICT_WORDS
from datapipe.dedup.near.resolving import NearResolveTask, resolve_near_group
from datapipe.dedup.outcomes import Outcomes
from datapipe.exchange import Sizes, layout_at
from datapipe.exchange_files import Slice
from datapipe.fingerprints import digest
from datapipe.passes.holdout import ladder
from datapipe.passes.near_candidates import find_parts
from datapipe.passes.near_comparing import compare_pairs
from datapipe.passes.near_exchange import map_file
from datapipe.passes.near_plans import NearPlan
from datapipe.passes.near_work import Cut, NearWork
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
    work = NearWork(run, plan, shards, routes, Cut(SIZES, GROUP_BYTES, BLOCK_BYTES))
    storage.remove(storage.join(run.folder, page_path(work.name)))  # until all of the index is there again
    profiles = find_parts(work)
    pairings, verified = compare_pairs(work, profiles)
    return _resolved(work, _choices(work, profiles, pairings, verified), verified)


def _choices(
    work: NearWork, profiles: Sequence[Partition], pairings: Sequence[Receipt], verified: Sequence[Receipt]
) -> list[Receipt]:
    back = layout_at(work.bounds, VERDICT_WORDS, work.exchange.sizes)
    of_blocks = iter(map_file(work.run.folder, one, "verifying.matches") for one in verified)
    tasks = []
    for number, (one, pairing) in enumerate(zip(profiles, pairings, strict=True)):
        matches = [next(of_blocks) for _ in range(pairing.figures["blocks"]["blocks"])]
        made_of = [back, work.table, one.made_of, [file.sha256 for file in matches]]
        tasks.append(
            ChoiceTask(
                work.exchange.key("choosing", number, work.prints.verifying, made_of), one.slices,
                tuple(Slice(file.path, 0) for file in matches), work.form, work.table, back.map_split,
            )
        )  # fmt: skip
    return work.exchange.map("choosing", choose_survivors, tasks)


def _resolved(work: NearWork, choices: Sequence[Receipt], verified: Sequence[Receipt]) -> list[Routes]:
    """The routes of all shards, when the alarm has looked at what fell and the index is there."""
    recipe = work.run.recipe
    verdicts = work.exchange.partitions(
        "verdicts", work.prints.verifying, layout_at(work.bounds, VERDICT_WORDS, work.exchange.sizes), choices
    )
    evidence = work.exchange.partitions(
        "evidence", work.prints.verifying, layout_at(work.bounds, EVIDENCE_WORDS, work.exchange.sizes), verified,
        "verifying.evidence",
    )  # fmt: skip
    counted = [ladder(recipe.holdout), recipe.seed]  # of the units, for the documents that are held out

    outcomes = Outcomes(
        work.run.folder, work.name, work.prints.resolving, work.plan.round.pass_name, work.plan.round.size_column,
        work.plan.accounted, work.plan.schema, work.table, ladder(recipe.holdout), recipe.seed, work.run.verify,
    )  # fmt: skip

    def tasks() -> Iterator[NearResolveTask]:
        for number, group in enumerate(work.groups):
            told = [verdicts[number].made_of, evidence[number].made_of, work.table, counted]
            yield NearResolveTask(
                outcomes, f"{number:06}", tuple(work.shards[k] for k in group), group.start,
                tuple(source_of(work.shards[k]) for k in group),
                tuple(digest([told, work.inputs[k]]) for k in group), verdicts[number].slices,
                evidence[number].slices, work.form,
            )  # fmt: skip

    made = Tasks(len(work.groups), tasks)
    fallen, left = FallenShards(), list[Receipt]()

    def receipts() -> Iterator[Receipt]:
        for receipt in map_tasks(work.run, work.name, resolve_near_group, made, work.plan.resources):
            fallen.add(receipt)
            left.append(slim(receipt))
            yield receipt

    routes = routes_of(receipts(), work.shards)
    check_removals(work.run, work.plan.round, fallen)
    left.sort(key=lambda one: one.shard)
    work.run.indexes[work.name] = write_page(work.run.folder, work.name, work.plan.round.settings, work.table, left)
    return routes
