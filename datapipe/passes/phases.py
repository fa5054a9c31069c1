"""The phases of a run: each gives every shard a task, and knows what the task reads.

A phase takes what the phases before it have made of every shard, and adds its own (`datapipe.passes.shards`).
"""

from collections.abc import Iterator

from datapipe.executors import Resources
from datapipe.fingerprints import digest, source_fingerprint
from datapipe.inputs import Group
from datapipe.observing.error_table import QuarantineFiles
from datapipe.passes.copies import repeat_of
from datapipe.passes.deciding import PASS as DECIDE
from datapipe.passes.deciding import DecideTask, decide_shard
from datapipe.passes.holdout import share
from datapipe.passes.packing import (
    GATHER,
    PACK,
    Gathered,
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
from datapipe.passes.rounds import rounds_of
from datapipe.passes.shards import PassInputs, Routes, Shards, routes_of
from datapipe.passes.splitting import read_tasks, split_file, split_tasks
from datapipe.run import ShardTask, run_shard
from datapipe.running import EARLY_CHECK_RECORDS, Run, Tasks, check_errors, map_tasks


def read_sources(run: Run, plan: PassPlan, groups: dict[str, list[Group]]) -> Shards:
    """The first pass, which finds out what shards there are."""
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
    found: dict[str, str] = {}
    bad = QuarantineFiles()
    for receipt in map_tasks(run, plan.name, read_group, tasks, plan.resources, (total, "bytes_read")):
        found[receipt.shard] = receipt.input_fingerprint
        bad.add(receipt)
        check_errors(run, plan.name, EARLY_CHECK_RECORDS, bad)
    check_errors(run, plan.name, 1, bad)
    names = sorted(found)
    made_of = PassInputs(plan.name, plan.fingerprint, [found[name] for name in names])
    return Shards(names, run.accounts[plan.name].bytes_out, (made_of,))


def sweep_shards(run: Run, plan: PassPlan, shards: Shards) -> Shards:
    """A later pass over every shard: the shards when they have been through it."""
    inputs = shards.made_of(plan.upstream)
    if plan.passages:
        # Of all that the corpus has in common a sweep reads the marks of its own shard, and no more.
        passages = zip(shards.names, shards.made_of(plan.passages), strict=True)
        marks = mark_repeated(run, plan, list(passages))
        inputs = [digest([own, marks[shard]]) for shard, own in zip(shards.names, inputs, strict=True)]

    def tasks() -> Iterator[ShardTask]:
        for shard, own in zip(shards.names, inputs, strict=True):
            yield ShardTask(
                run.folder, plan.name, shard, plan.fingerprint, own, plan.steps, plan.upstream, plan.schema,
                plan.writes_text, run.verify,
            )  # fmt: skip

    made = Tasks(len(inputs), tasks)
    bad = QuarantineFiles()
    for receipt in map_tasks(run, plan.name, run_shard, made, plan.resources, (shards.text_bytes, "bytes_in")):
        bad.add(receipt)
        check_errors(run, plan.name, EARLY_CHECK_RECORDS, bad)
    check_errors(run, plan.name, 1, bad)
    return shards.after(PassInputs(plan.name, plan.fingerprint, inputs))


def decide_shards(run: Run, shards: Shards) -> list[Routes]:
    """The deciding pass: the routes of every shard, in order."""
    recipe = run.recipe
    upstream = decide_upstream(recipe)
    selections = tuple((one.name, step) for one in recipe.passes for step in one.late_selections)

    def tasks() -> Iterator[DecideTask]:
        for shard, own in zip(shards.names, shards.made_of(upstream), strict=True):
            yield DecideTask(
                run.folder, shard, run.fingerprints[DECIDE], own, upstream,
                selections, recipe.domains, recipe.holdout, recipe.seed, run.verify,
            )  # fmt: skip

    made = Tasks(len(shards.names), tasks)
    return routes_of(map_tasks(run, DECIDE, decide_shard, made, Resources(memory_bytes=1 << 30)), shards.names)


def _held_out_shares(run: Run, pass_name: str) -> dict[tuple[str, str], float]:
    """The share of every unit that is held out, from the sums over all shards of a pass."""
    return {key: share(run.recipe.holdout, counts) for key, counts in run.accounts[pass_name].ladders.items()}


def pack_shards(run: Run, shards: Shards, routes: list[Routes]) -> None:
    """Gather and pack. `routes`: of who spoke last about each shard, the deciding pass or a round of duplicates.

    A shard whose routes are the same as before is not gathered again, however much changed around it.
    """
    recipe = run.recipe
    rounds = rounds_of(recipe)
    shares = _held_out_shares(run, rounds[-1].name if rounds else DECIDE)
    schema, upstream, repeat = packed_schema(recipe), gather_upstream(recipe), repeat_of(recipe)
    fingerprint = run.fingerprints[GATHER]
    inputs = [
        digest([run.fingerprints[DECIDE], made_of, one.sha256, sorted([*unit, shares[unit]] for unit in one.units)])
        for made_of, one in zip(shards.made_of(decide_upstream(recipe)), routes, strict=True)
    ]

    def gather_tasks() -> Iterator[GatherTask]:
        for shard, made_of, one in zip(shards.names, inputs, routes, strict=True):
            own = {unit: shares[unit] for unit in one.units}
            yield GatherTask(
                run.folder, shard, fingerprint, made_of, upstream, schema, own, recipe.seed, repeat, run.verify
            )  # fmt: skip

    tasks = Tasks(len(inputs), gather_tasks)
    gathered = Gathered(shards.names, fingerprint, inputs)
    for receipt in map_tasks(run, GATHER, gather_shard, tasks, Resources.holding(recipe.cut_bytes)):
        gathered.add(receipt)
    template = PackTask(
        run.folder, run.fingerprints[PACK], "", "", "", "", 0, 0, 0, (), schema, recipe.seed, run.verify
    )
    size = recipe.shard_bytes
    tasks = Tasks(gathered.packed_count(size), lambda: plan_packing(gathered, size, template))
    packing = map_tasks(run, PACK, pack_shard, tasks, Resources.holding(size))
    remove_stale(run.folder, {receipt.shard for receipt in packing})
