"""A whole run: every pass over every shard, then decisions, shards, mixture, report.

Nothing here is remembered between runs but files: each pass asks which shards have a receipt and does the others.
"""

import dataclasses
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

from datapipe import storage
from datapipe.dedup.warm_up import compile_kernels, near_kernels
from datapipe.executors import Executor, InlineExecutor, RayExecutor
from datapipe.fingerprints import pass_fingerprints
from datapipe.housekeeping.disk import RESERVE_BYTES
from datapipe.inputs import Group, find_groups, plan_data
from datapipe.loading.load import load
from datapipe.loading.places import error_at
from datapipe.mixture import MixtureError, NoTextError, UnitSize, mix, mixture_json
from datapipe.observing.event_log import EventLog
from datapipe.observing.events import RunFinished, RunStarted
from datapipe.observing.run_log import run_started
from datapipe.observing.voice import Voice
from datapipe.output import RunError, Trial, locked, output_folder, read_plan
from datapipe.passes.deciding import PASS as DECIDE
from datapipe.passes.duplicate_phases import decide_duplicates
from datapipe.passes.earlier_runs import check_earlier
from datapipe.passes.losses import all_were_known, told
from datapipe.passes.packing import GATHER
from datapipe.passes.phases import decide_shards, pack_shards, read_sources, sweep_shards
from datapipe.passes.planning import plan_passes, read_schema
from datapipe.passes.rounds import rounds_of
from datapipe.recipe import IMPORT_PREFIX, Recipe
from datapipe.run import WarmUp
from datapipe.running import Run
from datapipe.shared_folder import NodeCheck, check_node, marked
from datapipe.termination import code_kept

if TYPE_CHECKING:
    from rich.console import Console


def run(
    recipe: Recipe | str | Path,
    *,
    root: str | None = None,
    executor: Literal["ray", "inline"] = "inline",
    num_cpus: int | None = None,
    sample: float | None = None,
    max_shards: int | None = None,
    verify: bool = False,
    disk_reserve_gib: float = RESERVE_BYTES / 2**30,
    console: "Console | None" = None,
) -> str:
    """Run a recipe and return its output folder. What is finished is not done again.

    It stops before less than `disk_reserve_gib` are free on the output's disk; 0: it does not look.

    Raises RecipeError, RunError, MixtureError: each says in one line what is wrong. Weights that a trial cannot meet
    raise nothing: its report says so.
    """
    from rich.console import Console  # not needed to import this package

    if sample is not None and not 0 < sample <= 1:
        raise RunError(f"--sample {sample:g}: expected a share above 0 and at most 1")
    loaded = recipe if isinstance(recipe, Recipe) else load(recipe)
    trial = Trial(sample, max_shards)
    folder = output_folder(loaded, root, trial)
    shown = console or Console(stderr=True)
    voice = Voice(shown)
    chosen: Executor = InlineExecutor() if executor == "inline" else RayExecutor(num_cpus, _user_modules(loaded), voice)
    fingerprints = pass_fingerprints(loaded, sample)
    check_earlier(loaded, folder, root)
    with locked(folder, voice), EventLog(folder) as log, marked(folder) as mark, code_kept():
        started = run_started(folder, loaded.name, trial, fingerprints, executor)
        log.add(started)
        voice.note_in(log)
        log.flush()
        reserve = round(disk_reserve_gib * 2**30)
        one = Run(
            folder, chosen, shown, log, root, verify,
            disk_reserve_bytes=reserve, recipe=loaded, trial=trial, fingerprints=fingerprints,
        )  # fmt: skip
        groups = _plan(one)  # what is wrong with the inputs is the only line
        _say_where_and_what_is_done(shown, folder, started)
        return _run(one, groups, mark)


def _say_where_and_what_is_done(console: "Console", folder: str, started: RunStarted) -> None:
    done = ", ".join(f"{name} {shards:,}" for name, shards in started.finished_before.items())
    console.print(f"output: {folder}", highlight=False, soft_wrap=True)
    line = (
        f"finished before, in shards: {done}; what is still there is not done again"
        if done
        else "nothing is finished yet"
    )
    console.print(line, highlight=False, soft_wrap=True)


def _user_modules(recipe: Recipe) -> list[ModuleType]:
    return [sys.modules[IMPORT_PREFIX + Path(name).stem] for name in recipe.imports]


def _run(run: Run, groups: dict[str, list[Group]], mark: str) -> str:
    from datapipe.report import write_report

    started = time.time()
    plans = plan_passes(run.recipe, run.trial.sample, run.fingerprints)
    every_step = tuple(step for plan in plans for step in plan.steps)
    rounds = rounds_of(run.recipe)
    others = (compile_kernels,) * bool(rounds) + (near_kernels,) * any(one.near for one in rounds)
    warm_up = WarmUp(every_step, read_schema(run.recipe), others)
    run.executor.on_every_node(check_node, NodeCheck(run.folder, mark, warm_up))
    shards = read_sources(run, plans[0], groups)
    groups.clear()  # memory, where there are a hundred thousand
    for plan in plans[1:]:
        shards = sweep_shards(run, plan, shards)
    routes = decide_duplicates(run, shards, decide_shards(run, shards))
    pack_shards(run, shards, routes)
    mixture, problem = _mix(run)
    account = _run_json(run, started, mixture, problem)
    storage.write_bytes(storage.join(run.folder, "run.json"), account)
    target = storage.join(run.folder, "mixture.json")
    if problem is None:
        storage.write_bytes(target, mixture_json(mixture))
    else:
        storage.remove(target)  # weights of an earlier run must not pass for this one's
    write_report(run.folder)
    kept = [size for units in unit_sizes(run.accounts[GATHER].units).values() for size in units.values()]
    if problem is not None and all_were_known(run.recipe, run.accounts):
        run.console.print(f"warning: nothing new: {problem}", style="yellow", markup=False, soft_wrap=True)
    elif problem is not None and not run.trial.suffix:  # in a small part some unit is soon too small; the report says
        raise problem
    run.log.add(RunFinished(sum(size.documents for size in kept), sum(size.bytes for size in kept)))
    return run.folder


def _plan(run: Run) -> dict[str, list[Group]]:
    """Find the inputs, give numbers to new files and write `plan.json`."""
    known = read_plan(run.folder)
    if known and known["name"] != run.recipe.name:
        raise RunError(f"{run.folder} holds the output of recipe {known['name']!r}, not of {run.recipe.name!r}")
    groups = find_groups(run.recipe, known.get("sources", {}))
    reads = run.recipe.passes[0].name
    if known.get("reads", reads) != reads:
        _forget(run.folder, known["reads"])
    file = run.recipe.folder / Path(run.recipe.file).name  # whole: `explain` may be asked from another folder
    data = {
        "name": run.recipe.name,
        "recipe": {"file": str(file), "text": run.recipe.text, "settings": list(run.recipe.settings)},
        "sample": run.trial.sample,
        "max_shards": run.trial.max_shards,
        "reads": reads,
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


def _forget(folder: str, pass_name: str) -> None:
    """Remove the receipts of the pass that read the sources: one of another name now writes its quarantine.

    Every other file belongs to one pass alone: no receipt can vouch for what another one wrote.
    """
    for path in storage.files_below(storage.join(folder, "receipts", pass_name)):
        storage.remove(path)


def unit_sizes(sums: Mapping[tuple[str, str], Sequence[int]]) -> dict[str, dict[str, UnitSize]]:
    """Documents and bytes per domain and unit, in order."""
    sizes: dict[str, dict[str, UnitSize]] = {}
    for (domain, unit), (documents, size) in sorted(sums.items()):
        sizes.setdefault(domain, {})[unit] = UnitSize(documents, size)
    return sizes


def _mix(run: Run) -> tuple[dict[str, Any], MixtureError | None]:
    budget = run.recipe.budget_tokens
    scaled = None if budget is None else max(1, round(budget * run.share_read))
    try:
        return mix(run.recipe, unit_sizes(run.accounts[GATHER].units), scaled), None
    except MixtureError as error:
        why = f": {told(run.recipe, run.accounts)}" if isinstance(error, NoTextError) else ""
        return {}, MixtureError(str(error_at(run.recipe, ("domains",), f"{error}{why}")))


def _run_json(run: Run, started: float, mixture: dict[str, Any], problem: MixtureError | None) -> bytes:
    from importlib.metadata import version

    data = {
        "name": run.recipe.name,
        "run": run.log.run,
        "corpusmill": version("corpusmill"),
        "versions": {name: version(name) for name in _libraries(run.recipe)},
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(started)),
        "seconds": round(time.time() - started, 1),
        "sample": run.trial.sample,
        "max_shards": run.trial.max_shards,
        "passes": {name: account.data() for name, account in run.accounts.items()},
        "mixture": mixture,
        "mixture_error": None if problem is None else str(problem),
        "kept": _sizes_data(unit_sizes(run.accounts[GATHER].units)),
        "held_out": _sizes_data(unit_sizes(run.accounts[GATHER].held_out)),
        "passed_rules": _sizes_data(unit_sizes(run.accounts[DECIDE].units)),
        "indexes": run.indexes,
    }
    return json.dumps(data, ensure_ascii=False, indent=1).encode()


def _libraries(recipe: Recipe) -> list[str]:
    """Distributions that shape the output: ours in any case, and those that the recipe's stages wrap."""
    wrapped = {name for one in recipe.passes for step in one.steps for name in getattr(step.stage, "libraries", ())}
    return sorted({"pyarrow", "numba", "ray", "fastwarc", *wrapped})


def _sizes_data(sizes: dict[str, dict[str, UnitSize]]) -> dict[str, Any]:
    return {domain: {u: dataclasses.asdict(size) for u, size in units.items()} for domain, units in sizes.items()}
