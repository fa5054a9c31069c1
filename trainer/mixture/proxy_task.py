"""One proxy, trained to its end wherever a task runs: `runs/ID/result.json` is written last, and means it is done."""

import contextlib
import io
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from datapipe import storage
from datapipe.isolation.parent import MAX_FRUITLESS
from datapipe.loading.located_yaml import RecipeError
from datapipe.output import RunError, placed
from datapipe.run import attempted
from trainer.corpus import CorpusSizes, shape_of
from trainer.mixture.experiment import Experiment, Proxy
from trainer.mixture.materials import Materials
from trainer.mixture.measured import measurements, seconds_of
from trainer.mixture.proxies import proxy_plan
from trainer.mixture.results import Result, read_result, result_json
from trainer.mixture.swarm import Run
from trainer.plan import Plan
from trainer.running.divergence import DivergedError
from trainer.running.log import read_log

FILE = "result.json"
ATTEMPTS = "attempts"
"""How often a run was begun since the command was: one that kills its process must not do so for ever."""


@dataclass(frozen=True)
class ProxyTask:
    """What a task needs; all but `run` and `output` are the same objects in all tasks of a swarm."""

    experiment: Experiment
    proxy: Proxy
    sizes: CorpusSizes
    materials: Materials
    root: str
    run: Run
    output: str
    """Its folder, under `root`."""

    @property
    def folder(self) -> Path:
        """The same, as a path."""
        return Path(placed("output", self.output, self.root))

    @property
    def plan(self) -> Plan:
        """What it trains by. Raises RecipeError, RunError."""
        weights_PK = np.array(self.run.weights, np.float64)
        return proxy_plan(
            self.experiment, self.proxy, self.sizes, self.materials, weights_PK, self.run.seed, self.output
        )


@dataclass(frozen=True)
class Trained:
    """What came of a task."""

    result: Result
    busy_seconds: float
    """That it took here and now."""


def train_proxy(task: ProxyTask) -> Trained:
    """Train a proxy from where it is to its end, several times if need be. What goes wrong stands in the result."""
    began = time.perf_counter()
    folder = task.folder
    folder.mkdir(parents=True, exist_ok=True)
    outcome: Result | Exception = RunError("its process died each time that it was tried")
    for _ in _attempts(folder, task.experiment.run.attempts):
        outcome = attempted(partial(_train, task))
        if isinstance(outcome, Result | RecipeError):  # a plan that cannot be will not be the next time either
            break
    result = _failed(task.run.id, outcome) if isinstance(outcome, Exception) else outcome
    return Trained(_written(folder, result), time.perf_counter() - began)


def result_in(folder: Path) -> Result | None:
    """The result of the run in a folder; None while there is none. Raises RunError for a file that is none."""
    path = folder / FILE
    return read_result(path.read_bytes(), str(path)) if path.exists() else None


def tidy(folder: Path) -> None:
    """Remove what only a run that is not done needs: checkpoints, and the count of attempts."""
    if (folder / "checkpoints").exists():
        shutil.rmtree(folder / "checkpoints")
    forget_attempts(folder)


def forget_attempts(folder: Path) -> None:
    """As if it had never been tried."""
    (folder / ATTEMPTS).unlink(missing_ok=True)


def is_deadly(task: ProxyTask) -> bool:
    """Whether so many processes that tried it died that Ray's worker has given it up."""
    return _attempted(task.folder) >= min(task.experiment.run.attempts, MAX_FRUITLESS)


def give_up(task: ProxyTask, error: RunError) -> Result:
    """It has failed, and that stands in its folder."""
    return _written(task.folder, _failed(task.run.id, error))


def _attempts(folder: Path, most: int) -> Iterator[int]:
    """Go through what is left of the attempts; each is counted before it begins."""
    for number in range(_attempted(folder) + 1, most + 1):
        storage.write_bytes(str(folder / ATTEMPTS), f"{number}\n".encode())
        yield number


def _attempted(folder: Path) -> int:
    path = folder / ATTEMPTS
    return int(path.read_text()) if path.exists() else 0


def _written(folder: Path, result: Result) -> Result:
    storage.write_bytes(str(folder / FILE), f"{result_json(result)}\n".encode())
    tidy(folder)
    return result


def _train(task: ProxyTask) -> Result:
    """One attempt. Raises whatever goes wrong but divergence, KeyboardInterrupt and SystemExit after a signal."""
    from rich.console import Console

    from trainer.train import run

    plan, why, status = task.plan, "", "done"
    threads = max(1, int(task.experiment.run.num_cpus))
    quiet = Console(file=io.StringIO())
    try:
        code = run(plan, task.root, threads=threads, console=quiet)
    except DivergedError as error:
        why, status = str(error), "diverged"
    else:
        if code == 130:
            raise KeyboardInterrupt
        if code:
            raise SystemExit(code)
    finally:
        _free_memory()
    records = read_log(str(task.folder))
    tokens = records[-1]["samples_seen"] * task.sizes.seq_len if records else 0
    return Result(
        task.run.id,
        "diverged" if status == "diverged" else "done",
        why,
        measurements(records, task.sizes.seq_len),
        round(seconds_of(records), 3),
        float(shape_of(plan, task.sizes).flops_per_token(task.sizes.seq_len) * tokens),
        next((str(one["device"]) for one in records if one["kind"] == "start"), ""),
    )


def _failed(run: str, error: Exception) -> Result:
    lines = str(error).strip().splitlines()
    said = lines[0] if lines else ""
    why = said if said and isinstance(error, RunError | RecipeError) else f"{type(error).__name__}: {said}"
    return Result(run, "failed", why, (), 0.0, 0.0, "")


def _free_memory() -> None:
    """What torch keeps of a GPU, others on the same could use."""
    import gc

    import torch

    if torch.cuda.is_available():
        gc.collect()
        with contextlib.suppress(RuntimeError):  # a device that failed says so where the run did
            torch.cuda.empty_cache()
