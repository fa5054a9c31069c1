"""The phases of a run: each gives every shard a task, and knows what the task reads.

A phase takes the receipts of the phases before it, per shard, and gives back its own.
"""

import dataclasses
from collections.abc import Iterator, Sequence

from datapipe.executors import Resources
from datapipe.fingerprints import digest, source_fingerprint
from datapipe.inputs import Group
from datapipe.passes.deciding import PASS as DECIDE
from datapipe.passes.deciding import DecideTask, decide_shard
from datapipe.passes.holdout import share
from datapipe.passes.packing import (
    GATHER,
    PACK,
    GatherTask,
    PackTask,
    gather_shard,
    pack_shard,
    plan_packing,
    remove_stale,
)
from datapipe.passes.passage_phases import mark_repeated
from datapipe.passes.planning import PassPlan, decide_upstream, gather_upstream, packed_schema, read_schema
from datapipe.passes.reading import ReadTask, read_group
from datapipe.passes.splitting import read_tasks, split_file, split_tasks
from datapipe.receipts import Receipt
from datapipe.run import ShardTask, run_shard
from datapipe.running import EARLY_CHECK_RECORDS, Run, Tasks, check_errors, map_tasks
from datapipe.shard_files import Upstream


def read_sources(run: Run, plan: PassPlan, groups: dict[str, list[Group]]) -> list[list[Receipt]]:
    """The first pass. Per shard, in order, the list of its receipts so far."""
    schema = read_schema(run.recipe)
    tasks: list[ReadTask] = []
    for source in run.recipe.sources:
        settings = source_fingerprint(source)
        tasks += [
            ReadTask(
                run.folder, plan.name, group, source, plan.fingerprint, digest([settings, group.fingerprint]),
                plan.steps, schema, plan.schema, run.recipe.cut_bytes, run.trial.sample, run.verify,
            )
            for group in groups[source.name]
        ]  # fmt: skip
    total = sum(task.group.size for task in tasks)
    splitting = run.executor.map(split_file, list(split_tasks(tasks)), Resources())
    parts = {receipt.shard: receipt.parts for receipt in splitting}
    tasks = list(read_tasks(tasks, parts))
    found: list[Receipt] = []
    for receipt in map_tasks(run, plan.name, read_group, tasks, plan.resources, (total, "bytes_read")):
        found.append(_naming(receipt, "quarantine/"))
        check_errors(run, plan.name, EARLY_CHECK_RECORDS, found)
    check_errors(run, plan.name, 1, found)
    return [[receipt] for receipt in sorted(found, key=lambda one: one.shard)]


def sweep_shards(run: Run, plan: PassPlan, shards: list[list[Receipt]]) -> list[list[Receipt]]:
    """A later pass over every shard: its receipts behind those so far."""
    inputs = {history[0].shard: made_of(history, plan.upstream) for history in shards}
    if plan.passages:
        # Of all that the corpus has in common a sweep reads the marks of its own shard, and no more.
        marks = mark_repeated(run, plan, [(h[0].shard, made_of(h, plan.passages)) for h in shards])
        inputs = {shard: digest([own, marks[shard]]) for shard, own in inputs.items()}

    def tasks() -> Iterator[ShardTask]:
        for shard, own in inputs.items():
            yield ShardTask(
                run.folder, plan.name, shard, plan.fingerprint, own, plan.steps, plan.upstream, plan.schema,
                plan.writes_text, run.verify,
            )  # fmt: skip

    total = sum(history[0].bytes_out for history in shards)
    done: dict[str, Receipt] = {}
    for receipt in map_tasks(run, plan.name, run_shard, Tasks(len(shards), tasks), plan.resources, (total, "bytes_in")):
        kept = _naming(receipt, "quarantine/")
        done[receipt.shard] = dataclasses.replace(kept, rows_in=0, rows_out=0, bytes_in=0, bytes_out=0)
        check_errors(run, plan.name, EARLY_CHECK_RECORDS, done.values())
    check_errors(run, plan.name, 1, done.values())
    return [[*history, done[history[0].shard]] for history in shards]


def _naming(receipt: Receipt, kind: str) -> Receipt:
    """A receipt that names its outputs of one kind only: nobody asks for those of the others any more."""
    return dataclasses.replace(receipt, outputs=tuple(one for one in receipt.outputs if one.path.startswith(kind)))


def made_of(history: list[Receipt], upstream: Sequence[Upstream]) -> str:
    """Fingerprint of what a task reads of its shard: a pass that it does not read may change."""
    read = {one.pass_name for one in upstream}
    return digest([[one.pass_name, one.fingerprint, one.input_fingerprint] for one in history if one.pass_name in read])


def routes_sum(receipt: Receipt) -> str | None:
    """Sum of the routes that a task of the deciding pass, or of a round, wrote."""
    routes = receipt.output("annotations")
    return routes.sha256 if routes else None


def decide_shards(run: Run, shards: list[list[Receipt]]) -> list[Receipt]:
    """The deciding pass: a receipt per shard, in order."""
    recipe = run.recipe
    upstream = decide_upstream(recipe)
    selections = tuple((one.name, step) for one in recipe.passes for step in one.late_selections)

    def tasks() -> Iterator[DecideTask]:
        for history in shards:
            yield DecideTask(
                run.folder, history[0].shard, run.fingerprints[DECIDE], made_of(history, upstream), upstream,
                selections, recipe.domains, recipe.holdout, recipe.seed, run.verify,
            )  # fmt: skip

    resources = Resources(memory_bytes=1 << 30)
    decided = map_tasks(run, DECIDE, decide_shard, Tasks(len(shards), tasks), resources)
    return sorted((_naming(one, "annotations/") for one in decided), key=lambda one: one.shard)


def _held_out_shares(run: Run, pass_name: str) -> dict[tuple[str, str], float]:
    """The share of every unit that is held out, from the sums over all shards of a pass."""
    return {key: share(run.recipe.holdout, counts) for key, counts in run.accounts[pass_name].ladders.items()}


def pack_shards(run: Run, decided: list[Receipt], final: list[Receipt]) -> list[Receipt]:
    """Gather and pack; the receipts of the gathering, which know the size of every unit.

    `final` are the receipts of who spoke last about each shard: the deciding pass, or a round of duplicates. A shard
    whose routes are the same as before is not gathered again, however much changed around it.
    """
    recipe = run.recipe
    shares = _held_out_shares(run, final[0].pass_name if final else DECIDE)
    schema, upstream = packed_schema(recipe), gather_upstream(recipe)
    fingerprint = run.fingerprints[GATHER]

    def gather_tasks() -> Iterator[GatherTask]:
        for receipt, last in zip(decided, final, strict=True):
            own = {(unit.domain, unit.unit): shares[unit.domain, unit.unit] for unit in last.units}
            made = [receipt.fingerprint, receipt.input_fingerprint, routes_sum(last)]
            inputs = digest([*made, sorted([*key, share] for key, share in own.items())])
            yield GatherTask(
                run.folder, receipt.shard, fingerprint, inputs, upstream, schema, own, recipe.seed, run.verify
            )

    tasks = Tasks(len(decided), gather_tasks)
    gathering = map_tasks(run, GATHER, gather_shard, tasks, Resources.holding(recipe.cut_bytes))
    gathered = sorted((dataclasses.replace(one, outputs=()) for one in gathering), key=lambda one: one.shard)
    template = PackTask(
        run.folder, run.fingerprints[PACK], "", "", "", "", 0, 0, 0, (), schema, recipe.seed, run.verify
    )

    def pack_tasks() -> Iterator[PackTask]:
        return plan_packing(gathered, recipe.shard_bytes, template)

    names = {task.shard for task in pack_tasks()}
    for _ in map_tasks(run, PACK, pack_shard, Tasks(len(names), pack_tasks), Resources.holding(recipe.shard_bytes)):
        pass
    remove_stale(run.folder, names)
    return gathered
