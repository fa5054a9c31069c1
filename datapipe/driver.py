"""A whole run: every pass over every shard, then decisions, shards, mixture, report.

Nothing here is remembered between runs but files: each pass asks which shards have a receipt and does the others.
"""

import dataclasses
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

from datapipe import storage
from datapipe.accounts import PassAccount, slim, source_of
from datapipe.deciding import PASS as DECIDE
from datapipe.deciding import DecideTask, decide_shard
from datapipe.executors import Executor, InlineExecutor, RayExecutor, Resources
from datapipe.fingerprints import digest, pass_fingerprints, source_fingerprint
from datapipe.holdout import share
from datapipe.inputs import Group, find_groups, plan_data
from datapipe.loading import load
from datapipe.mixture import MixtureError, UnitSize, mix, mixture_json
from datapipe.output import RunError, Trial, locked, output_folder, read_plan
from datapipe.packing import GATHER, PACK, GatherTask, PackTask, gather_shard, pack_shard, plan_packing, remove_stale
from datapipe.planning import (
    PassPlan,
    decide_upstream,
    gather_upstream,
    packed_schema,
    plan_passes,
    read_schema,
)
from datapipe.reading import ReadTask, read_group
from datapipe.receipts import Receipt
from datapipe.recipe import IMPORT_PREFIX, Recipe
from datapipe.run import ShardTask, WarmUp, run_shard, warm_up
from datapipe.shard_files import Upstream

if TYPE_CHECKING:
    from rich.console import Console

EARLY_CHECK_RECORDS = 10_000
"""Records of a source after which too many unreadable ones stop the run before the pass is over."""


@dataclass
class Run:
    """A run in progress: the recipe, where it writes, what it has counted."""

    recipe: Recipe
    folder: str
    executor: Executor
    console: "Console"
    trial: Trial
    fingerprints: dict[str, str]
    """Of every pass, worked out once: it takes reading the files that steps name."""
    verify: bool = False
    accounts: dict[str, PassAccount] = field(default_factory=dict)
    share_read: float = 1.0
    """Part of the input that a trial reads: its budget is scaled by it."""


def run(
    recipe: Recipe | str | Path,
    *,
    root: str | None = None,
    executor: Literal["ray", "inline"] = "inline",
    num_cpus: int | None = None,
    sample: float | None = None,
    max_shards: int | None = None,
    verify: bool = False,
    console: "Console | None" = None,
) -> str:
    """Run a recipe and return its output folder. What is finished is not done again.

    Raises RecipeError, RunError, MixtureError: each says in one line what is wrong. Weights that a trial cannot meet
    raise nothing: its report says so.
    """
    from rich.console import Console  # not needed to import this package

    if sample is not None and not 0 < sample <= 1:
        raise RunError(f"--sample {sample:g}: expected a share above 0 and at most 1")
    loaded = recipe if isinstance(recipe, Recipe) else load(recipe)
    trial = Trial(sample, max_shards)
    folder = output_folder(loaded, root, trial)
    chosen: Executor = InlineExecutor() if executor == "inline" else RayExecutor(num_cpus, _user_modules(loaded))
    fingerprints = pass_fingerprints(loaded, sample)
    one = Run(loaded, folder, chosen, console or Console(stderr=True), trial, fingerprints, verify)
    with locked(folder):
        return _run(one)


def _user_modules(recipe: Recipe) -> list[ModuleType]:
    return [sys.modules[IMPORT_PREFIX + Path(name).stem] for name in recipe.imports]


def _run(run: Run) -> str:
    from datapipe.report import write_report

    started = time.time()
    groups = _plan(run)
    plans = plan_passes(run.recipe, run.trial.sample, run.fingerprints)
    every_step = tuple(step for plan in plans for step in plan.steps)
    run.executor.on_every_node(warm_up, WarmUp(every_step, read_schema(run.recipe)))
    shards = _read(run, plans[0], groups)
    for plan in plans[1:]:
        shards = _sweep(run, plan, shards)
    decided = _decide(run, shards)
    packed = _pack(run, decided)
    mixture, problem = _mix(run, packed)
    storage.write_bytes(storage.join(run.folder, "run.json"), _run_json(run, started, packed, mixture, problem))
    target = storage.join(run.folder, "mixture.json")
    if problem is None:
        storage.write_bytes(target, mixture_json(mixture))
    else:
        storage.remove(target)  # weights of an earlier run must not pass for this one's
    write_report(run.folder)
    if problem is not None and not run.trial.suffix:  # in a small part some unit is soon too small; the report says so
        raise problem
    return run.folder


def _plan(run: Run) -> dict[str, list[Group]]:
    """Find the inputs, give numbers to new files and write `plan.json`."""
    known = read_plan(run.folder)
    if known and known["name"] != run.recipe.name:
        raise RunError(f"{run.folder} holds the output of recipe {known['name']!r}, not of {run.recipe.name!r}")
    groups = find_groups(run.recipe, known.get("sources", {}))
    file = run.recipe.folder / Path(run.recipe.file).name  # whole: `explain` may be asked from another folder
    data = {
        "name": run.recipe.name,
        "recipe": {"file": str(file), "text": run.recipe.text, "settings": list(run.recipe.settings)},
        "sample": run.trial.sample,
        "max_shards": run.trial.max_shards,
        "sources": plan_data(groups, known.get("sources", {})),
    }
    storage.write_bytes(storage.join(run.folder, "plan.json"), json.dumps(data, ensure_ascii=False).encode())
    limit = run.trial.max_shards
    if limit is not None:
        total = sum(group.size for members in groups.values() for group in members)
        groups = {source: members[:limit] for source, members in groups.items()}
        taken = sum(group.size for members in groups.values() for group in members)
        run.share_read = taken / total if total else 1.0
    run.share_read *= run.trial.sample if run.trial.sample is not None else 1.0
    return groups


def _map(
    run: Run,
    name: str,
    function: Callable[[Any], Any],
    tasks: Sequence[Any],
    resources: Resources,
    sizes: tuple[int, str] = (0, "bytes_in"),
) -> Iterator[Receipt]:
    """Run the tasks of a pass, add up their receipts, show progress; slim receipts as they finish."""
    from datapipe.progress import PassProgress

    account = run.accounts.setdefault(name, PassAccount())
    total, measured = sizes
    with PassProgress(name, total, len(tasks), run.console) as progress:
        for result in run.executor.map(function, tasks, resources):
            receipts: Iterable[Receipt] = result if isinstance(result, tuple) else (result,)
            for position, receipt in enumerate(receipts):
                account.add(receipt, source_of(receipt.shard))
                progress.add(receipt, getattr(receipt, measured), tasks=0 if position else 1)
                yield slim(receipt)


def _read(run: Run, plan: PassPlan, groups: dict[str, list[Group]]) -> list[list[Receipt]]:
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
    found: list[Receipt] = []
    for receipt in _map(run, plan.name, read_group, tasks, plan.resources, (total, "bytes_read")):
        found.append(receipt)
        _check_errors(run, plan.name, EARLY_CHECK_RECORDS)
    _check_errors(run, plan.name, 1)
    return [[receipt] for receipt in sorted(found, key=lambda one: one.shard)]


def _check_errors(run: Run, pass_name: str, at_least: int) -> None:
    """Stop when too many records of a source are in quarantine."""
    account = run.accounts[pass_name]
    for source, quarantined in account.quarantined_of_source.items():
        records = account.records_of_source[source]
        if records >= at_least and quarantined > run.recipe.max_error_fraction * records:
            raise RunError(
                f"source {source!r}: {quarantined:,} of {records:,} records are in quarantine, more than "
                f"max_error_fraction {run.recipe.max_error_fraction:g}; see {storage.join(run.folder, 'quarantine')}"
            )


def _sweep(run: Run, plan: PassPlan, shards: list[list[Receipt]]) -> list[list[Receipt]]:
    tasks = [
        ShardTask(
            run.folder, plan.name, history[0].shard, plan.fingerprint, _made_of(history, plan.upstream), plan.steps,
            plan.upstream, plan.schema, plan.writes_text, run.verify,
        )
        for history in shards
    ]  # fmt: skip
    total = sum(history[0].bytes_out for history in shards)
    done: dict[str, Receipt] = {}
    for receipt in _map(run, plan.name, run_shard, tasks, plan.resources, (total, "bytes_in")):
        done[receipt.shard] = receipt
        _check_errors(run, plan.name, EARLY_CHECK_RECORDS)
    _check_errors(run, plan.name, 1)
    return [[*history, done[history[0].shard]] for history in shards]


def _made_of(history: list[Receipt], upstream: Sequence[Upstream]) -> str:
    """Fingerprint of what a task reads of its shard: a pass that it does not read may change."""
    read = {one.pass_name for one in upstream}
    return digest([[one.pass_name, one.fingerprint, one.input_fingerprint] for one in history if one.pass_name in read])


def _decide(run: Run, shards: list[list[Receipt]]) -> list[Receipt]:
    recipe = run.recipe
    upstream = decide_upstream(recipe)
    selections = tuple((one.name, step) for one in recipe.passes for step in one.late_selections)
    tasks = [
        DecideTask(
            run.folder, history[0].shard, run.fingerprints[DECIDE], _made_of(history, upstream), upstream, selections,
            recipe.domains, recipe.holdout, recipe.seed, run.verify,
        )
        for history in shards
    ]  # fmt: skip
    return sorted(_map(run, DECIDE, decide_shard, tasks, Resources()), key=lambda one: one.shard)


def _held_out_shares(run: Run, decided: list[Receipt]) -> dict[tuple[str, str], float]:
    """The share of every unit that is held out, from the sums over all shards."""
    ladders: dict[tuple[str, str], list[int]] = {}
    for receipt in decided:
        for unit in receipt.units:
            known = ladders.setdefault((unit.domain, unit.unit), [0] * len(unit.ladder))
            ladders[unit.domain, unit.unit] = [a + b for a, b in zip(known, unit.ladder, strict=True)]
    return {key: share(run.recipe.holdout, counts) for key, counts in ladders.items()}


def _pack(run: Run, decided: list[Receipt]) -> list[Receipt]:
    """Gather and pack; the receipts of the gathering, which know the size of every unit."""
    recipe = run.recipe
    shares = _held_out_shares(run, decided)
    schema, upstream = packed_schema(recipe), gather_upstream(recipe)
    tasks = []
    for receipt in decided:
        own = {(unit.domain, unit.unit): shares[unit.domain, unit.unit] for unit in receipt.units}
        inputs = digest([receipt.fingerprint, receipt.input_fingerprint, sorted([*key, s] for key, s in own.items())])
        tasks.append(
            GatherTask(
                run.folder,
                receipt.shard,
                run.fingerprints[GATHER],
                inputs,
                upstream,
                schema,
                own,
                recipe.seed,
                run.verify,
            )
        )
    gathered = sorted(_map(run, GATHER, gather_shard, tasks, Resources()), key=lambda one: one.shard)
    template = PackTask(
        run.folder, run.fingerprints[PACK], "", "", "", "", 0, 0, 0, (), schema, recipe.seed, run.verify
    )
    packing = list(plan_packing(gathered, recipe.shard_bytes, template))
    for _ in _map(run, PACK, pack_shard, packing, Resources()):
        pass
    remove_stale(run.folder, {task.shard for task in packing})
    return gathered


def unit_sizes(gathered: list[Receipt], held_out: bool = False) -> dict[str, dict[str, UnitSize]]:
    """Documents and bytes per domain and unit."""
    sizes: dict[str, dict[str, UnitSize]] = {}
    for receipt in gathered:
        for unit in receipt.held_out if held_out else receipt.units:
            known = sizes.setdefault(unit.domain, {}).get(unit.unit, UnitSize(0, 0))
            sizes[unit.domain][unit.unit] = UnitSize(known.documents + unit.documents, known.bytes + unit.bytes)
    return sizes


def _mix(run: Run, gathered: list[Receipt]) -> tuple[dict[str, Any], MixtureError | None]:
    budget = run.recipe.budget_tokens
    scaled = None if budget is None else max(1, round(budget * run.share_read))
    try:
        return mix(run.recipe, unit_sizes(gathered), scaled), None
    except MixtureError as error:
        return {}, error


def _run_json(
    run: Run, started: float, gathered: list[Receipt], mixture: dict[str, Any], problem: MixtureError | None
) -> bytes:
    from importlib.metadata import version

    data = {
        "name": run.recipe.name,
        "corpusmill": version("corpusmill"),
        "versions": {name: version(name) for name in _libraries(run.recipe)},
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(started)),
        "seconds": round(time.time() - started, 1),
        "sample": run.trial.sample,
        "max_shards": run.trial.max_shards,
        "passes": {name: account.data() for name, account in run.accounts.items()},
        "mixture": mixture,
        "mixture_error": None if problem is None else str(problem),
        "kept": _sizes_data(unit_sizes(gathered)),
        "held_out": _sizes_data(unit_sizes(gathered, held_out=True)),
    }
    return json.dumps(data, ensure_ascii=False, indent=1).encode()


def _libraries(recipe: Recipe) -> list[str]:
    """Distributions that shape the output: ours in any case, and those that the recipe's stages wrap."""
    wrapped = {name for one in recipe.passes for step in one.steps for name in getattr(step.stage, "libraries", ())}
    return sorted({"pyarrow", "numba", "ray", "fastwarc", *wrapped})


def _sizes_data(sizes: dict[str, dict[str, UnitSize]]) -> dict[str, Any]:
    return {domain: {u: dataclasses.asdict(size) for u, size in units.items()} for domain, units in sizes.items()}
