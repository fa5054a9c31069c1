"""`trainer run --launcher ray`: the processes of a run by Ray Train, on a cluster, or on this machine alone.

RAY_ADDRESS names the cluster, as inside `ray job submit`; without it Ray starts here and ends with the command. The
output folder and the tokens are on storage that all nodes mount under the same path.
"""

import dataclasses
import os
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ray
from ray.train.torch import TorchConfig
from ray.train.v2.api.config import FailureConfig, RunConfig, ScalingConfig
from ray.train.v2.api.exceptions import TrainingFailedError, WorkerGroupError
from ray.train.v2.torch.torch_trainer import TorchTrainer
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from datapipe.executors import connect
from datapipe.output import RunError, placed
from datapipe.termination import held_back
from trainer.launching.job import Job, placed_job, together
from trainer.launching.phases import launched
from trainer.launching.ray_workers import Ledger, Told, told_of, work
from trainer.launching.room import Room, has
from trainer.running.stopping import heard

if TYPE_CHECKING:
    from rich.console import Console

LOOK_SECONDS = 0.5
"""How often the driver shows what processes say."""
START_SECONDS = 120
"""How long processes may take to start once the cluster has room for them."""


@dataclasses.dataclass(frozen=True)
class Asked:
    """How a run wants its processes."""

    processes: int | None = None
    """In phases that say no `gpus`: all GPUs of the cluster where nothing is said."""
    kind: str | None = None
    """Either "cpu" or "gpu", which each computes on; a GPU where the cluster has any."""
    retries: int = 3
    wait_minutes: float = 10
    """For a cluster to be large enough; one that ends with the command does not grow."""


def launch(job: Job, asked: Asked, console: "Console") -> int:
    """Train on Ray; the exit code of the run. Raises RunError."""
    job = placed_job(job)
    is_own = "RAY_ADDRESS" not in os.environ and not ray.is_initialized()
    os.environ.setdefault("RAY_TRAIN_WORKER_GROUP_START_TIMEOUT_S", str(START_SECONDS + 60 * asked.wait_minutes))
    if not ray.is_initialized():
        with held_back():  # Ray sets handlers of its own
            connect(_own_cpus(job, asked) if is_own else None)
    gpus = int(has("GPU"))
    kind = asked.kind or ("gpu" if gpus else "cpu")
    cpus = float(job.threads or 1)
    each = {"CPU": cpus, "GPU": 1.0} if kind == "gpu" else {"CPU": cpus}
    room = partial(Room, each=each, wait_seconds=0 if is_own else 60 * asked.wait_minutes, console=console)
    job = dataclasses.replace(job, threads=job.threads or 1)
    once = partial(_launch_once, each=each, retries=asked.retries, room=room, console=console)
    try:
        return launched(job, once, asked.processes or gpus or 1, lambda processes: room(processes).awaited(), console)
    except ray.exceptions.RayError as error:  # not of a process of the run, for which there are retries
        why = str(error).partition("\n")[0]
        raise RunError(f"Ray has failed: {why}; the same command goes on from the last checkpoint") from None


def _own_cpus(job: Job, asked: Asked) -> int:
    """Of a Ray on this machine: processes may be more than it has cores, as under torchrun."""
    largest = max(phase.gpus or asked.processes or 1 for phase in job.plan.phases)
    return max(os.cpu_count() or 1, largest * (job.threads or 1))


def _launch_once(
    job: Job,
    processes: int,
    each: dict[str, float],
    retries: int,
    room: Callable[[int], Room],
    console: "Console",
) -> int:
    """At one size, with retries."""
    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    actor: Any = ray.remote(num_cpus=0)(Ledger)
    ledger = actor.options(scheduling_strategy=here).remote()  # not on a node that may be lost, with all that it knows
    own_files = Path(placed("output", job.plan.output, job.root)) / "ray"
    trainer = TorchTrainer(
        work,
        train_loop_config={"job": job, "ledger": ledger},
        torch_config=TorchConfig(
            backend="cpu:gloo,cuda:nccl" if "GPU" in each else "gloo",
            timeout_s=int(job.plan.execution.hang_minutes * 60),
        ),
        scaling_config=ScalingConfig(num_workers=processes, use_gpu="GPU" in each, resources_per_worker=each),
        run_config=RunConfig(
            name=f"{job.plan.name}-{os.getpid()}-{time.time_ns()}",
            storage_path=str(own_files),
            failure_config=FailureConfig(max_failures=retries, controller_failure_limit=retries),
            callbacks=[Told(ledger, retries)],
        ),
    )
    try:
        return _followed(trainer, ledger, room(processes), console)
    finally:
        ray.kill(ledger)
        shutil.rmtree(own_files, ignore_errors=True)


def _followed(trainer: TorchTrainer, ledger: Any, room: Room, console: "Console") -> int:
    """Show what processes say until they are done; the exit code. Raises RunError.

    Where a node is lost and none comes in its place there is nobody to be told of a signal, or to end by themselves.
    """
    done: Future[object] = Future()
    threading.Thread(target=_fit, args=(trainer, done), daemon=True).start()
    is_told = False
    with heard() as stop:
        while not done.done():
            time.sleep(LOOK_SECONDS)
            if stop.signal is not None and not is_told:
                ray.get(ledger.stop.remote(stop.signal))
                is_told = True
            _show(ledger, console)
            if (lack := room.lack()) and stop.exit_code is not None:
                return stop.exit_code
            if lack and room.is_given_up:
                raise RunError(f"{lack}; the same command goes on from the last checkpoint")
    _show(ledger, console)
    try:
        done.result()
    except TrainingFailedError as error:
        if stop.exit_code is not None:
            return stop.exit_code
        why = _last_line(error)
        if isinstance(error, WorkerGroupError):
            why = told_of(error.worker_failures, ledger)
        raise RunError(f"{why}; the same command goes on from the last checkpoint") from None
    return together(ray.get(ledger.outcomes.remote()))


def _fit(trainer: TorchTrainer, done: "Future[object]") -> None:
    """In a thread of its own: in the main thread Ray would take the signals."""
    try:
        done.set_result(trainer.fit())
    except (TrainingFailedError, ray.exceptions.RayError, OSError, ValueError, RuntimeError) as error:
        done.set_exception(error)


def _show(ledger: Any, console: "Console") -> None:
    text = ray.get(ledger.heard.remote())
    if text:
        console.file.write(text)
        console.file.flush()


def _last_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[-1]
