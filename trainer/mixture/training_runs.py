"""Many proxies, trained where an executor has room for them; what is done is not done again."""

import dataclasses
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from rich.console import Console

from datapipe.executors import Resources
from datapipe.fingerprints import digest
from datapipe.observing.events import RunFinished
from datapipe.output import RunError
from datapipe.running import Work
from tokenizer.working import working
from trainer.corpus import sizes_of
from trainer.mixture.experiment import Experiment, Proxy
from trainer.mixture.materials import Materials
from trainer.mixture.proxies import proxy_sizes
from trainer.mixture.proxy_task import (
    ProxyTask,
    forget_attempts,
    give_up,
    is_deadly,
    result_in,
    tidy,
    train_proxy,
)
from trainer.mixture.results import Result
from trainer.mixture.swarm import Run
from trainer.mixture.swarm_progress import SwarmProgress
from trainer.order import Order
from trainer.plan import Plan
from trainer.settle import settle


@dataclass(frozen=True)
class Where:
    """Where proxies run."""

    output: Path
    """Of the experiment."""
    root: str | None = None
    executor: Literal["ray", "inline"] = "inline"
    num_cpus: int | None = None
    """Of a cluster that is started for it."""
    console: Console | None = None


def train_runs(
    experiment: Experiment, proxy: Proxy, materials: Materials, runs: Sequence[Run], where: Where, folder: str = "runs"
) -> list[Result]:
    """Train a proxy for every run that has no result yet, in `folder`/ID of the output; the results of all runs.

    Those that failed before are tried again, those that diverged are not. Raises RecipeError or RunError for what would
    be wrong with all of them; what goes wrong with one stands in its result.
    """
    root = where.root or os.environ.get("CORPUSMILL_ROOT") or str(Path.cwd())  # workers may stand elsewhere
    sizes = proxy_sizes(experiment, proxy, root)
    tasks = [
        ProxyTask(experiment, proxy, sizes, materials, root, run, f"{experiment.output}/{folder}/{run.id}")
        for run in runs
    ]
    console = where.console or Console(stderr=True)
    waiting = [task for task in tasks if not _is_done(task)]
    if waiting:
        warm_up = (partial(_warm_up, waiting[0].plan, root),)
        name = digest([folder, [run.id for run in runs]])
        with working(
            str(where.output), experiment.name, {folder: name}, warm_up,
            executor=where.executor, num_cpus=where.num_cpus, root=root, console=console,
        ) as work:  # fmt: skip
            for task in waiting:  # a new command tries anew
                forget_attempts(task.folder)
            _train(work, waiting, _resources(experiment), console)
            work.log.add(RunFinished(0, 0))
    return collected(where.output, runs, folder)


def collected(output: Path, runs: Iterable[Run], folder: str = "runs") -> list[Result]:
    """The results of runs that have one."""
    found = (result_in(output / folder / run.id) for run in runs)
    return [result for result in found if result is not None]


def _resources(experiment: Experiment) -> Resources:
    asked = experiment.run
    return Resources(asked.num_cpus, asked.num_gpus, asked.memory_bytes)


def _is_done(task: ProxyTask) -> bool:
    """Whether there is a result to keep; what a killed process left beside it goes."""
    result = result_in(task.folder)
    if result is None or result.status == "failed":
        return False
    tidy(task.folder)
    return True


def _train(work: Work, tasks: list[ProxyTask], resources: Resources, console: Console) -> None:
    """All of them. A run whose process dies again and again ends a map: the others go on in the next."""
    waiting = {task.run.id: task for task in tasks}
    workers = _workers(work, resources, len(tasks))
    with SwarmProgress(console, len(tasks), workers) as progress:
        while waiting:
            try:
                for trained in work.executor.map(train_proxy, list(waiting.values()), resources):
                    del waiting[trained.result.run]
                    progress.add(trained.result, trained.busy_seconds)
                    _tell_incidents(work, progress)
            except RunError as error:
                deadly = [task for task in waiting.values() if is_deadly(task)]
                if not deadly:
                    raise
                for task in deadly:
                    progress.add(give_up(task, error), 0.0)
                    del waiting[task.run.id]
                for task in waiting.values():  # they were ended with it
                    forget_attempts(task.folder)


def _tell_incidents(work: Work, progress: SwarmProgress) -> None:
    """What runs survived: processes that died, and were begun anew."""
    for incident in work.executor.incidents:
        progress.say(str(incident))
    work.executor.incidents.clear()


def _workers(work: Work, resources: Resources, runs: int) -> int:
    """How many runs are at work at once; told where memory leaves CPUs or GPUs idle."""
    workers = min(work.executor.at_once(resources), runs)
    without = min(work.executor.at_once(dataclasses.replace(resources, memory_bytes=0)), runs)
    if workers < without:
        memory = f"{resources.memory_bytes / 1e9:.1f} GB of memory (run.memory_bytes)"
        line = f"{workers:,} at once, where CPUs and GPUs bear {without:,}: each reserves {memory}"
        work.console.print(line, markup=False, highlight=False, soft_wrap=True)
    return workers


def _warm_up(plan: Plan, root: str) -> None:
    """Compile what finds samples: once on every node, before many processes would all do it."""
    Order(settle(plan, sizes_of(plan, root))).places(0, 1)
