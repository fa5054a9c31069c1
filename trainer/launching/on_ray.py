"""`trainer run --launcher ray`: the processes of a run by Ray Train, on a cluster, or on this machine alone.

RAY_ADDRESS names the cluster, as inside `ray job submit`; without it Ray starts here and ends with the command. The
output folder and the tokens are on storage that all nodes mount under the same path.
"""

import dataclasses
import os
import shutil
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ray
from ray.train.torch import TorchConfig
from ray.train.v2.api.config import FailureConfig, RunConfig, ScalingConfig
from ray.train.v2.api.exceptions import TrainingFailedError, WorkerGroupError
from ray.train.v2.torch.torch_trainer import TorchTrainer

from datapipe.executors import connect
from datapipe.output import RunError, placed
from datapipe.termination import held_back
from trainer.launching.job import Job, placed_job, together
from trainer.launching.phases import launched
from trainer.launching.ray_workers import Ledger, Told, told_of, work
from trainer.running.stopping import heard

if TYPE_CHECKING:
    from rich.console import Console

LOOK_SECONDS = 0.5
"""How often the driver shows what processes say."""
ASK_SECONDS = 5.0
SAY_SECONDS = 60.0
"""How often it looks at a cluster that is too small, and says so."""
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
    gpus = int(_has("GPU"))
    kind = asked.kind or ("gpu" if gpus else "cpu")
    cpus = float(job.threads or 1)
    each = {"CPU": cpus, "GPU": 1.0} if kind == "gpu" else {"CPU": cpus}
    misfit = partial(_misfit, each=each, wait_seconds=0 if is_own else 60 * asked.wait_minutes, console=console)
    job = dataclasses.replace(job, threads=job.threads or 1)
    once = partial(_launch_once, each=each, retries=asked.retries, console=console)
    return launched(job, once, asked.processes or gpus or 1, misfit, console)


def _own_cpus(job: Job, asked: Asked) -> int:
    """Of a Ray on this machine: processes may be more than it has cores, as under torchrun."""
    largest = max(phase.gpus or asked.processes or 1 for phase in job.plan.phases)
    return max(os.cpu_count() or 1, largest * (job.threads or 1))


def _misfit(processes: int, each: Mapping[str, float], wait_seconds: float, console: "Console") -> str | None:
    """Why a cluster has no room for so many processes, after it has had time to grow."""
    began, said = time.monotonic(), -SAY_SECONDS
    while (room := _room(each)) < processes:
        need = " and ".join(f"{count:g} {name}" for name, count in each.items())
        why = f"the Ray cluster has {' and '.join(f'{_has(name):g} {name}' for name in each)}, "
        why += f"room for {room:,} of {need} each"
        if time.monotonic() - began >= wait_seconds:
            return why
        if time.monotonic() - said >= SAY_SECONDS:
            said = time.monotonic()
            ray.autoscaler.sdk.request_resources(bundles=[dict(each)] * processes)
            line = f"waiting for resources: {processes:,} processes: {why}"
            console.print(line, markup=False, highlight=False, soft_wrap=True)
        time.sleep(ASK_SECONDS)
    return None


def _room(each: Mapping[str, float]) -> int:
    """Processes that the nodes have room for when nothing else runs there."""
    return sum(int(min(node.get(name, 0) / count for name, count in each.items())) for node in _nodes())


def _has(name: str) -> float:
    """Of a resource, in all."""
    return sum(node.get(name, 0) for node in _nodes())


def _nodes() -> list[dict[str, float]]:
    return [node["Resources"] for node in ray.nodes() if node["Alive"]]  # type: ignore[no-untyped-call]


def _launch_once(job: Job, processes: int, each: dict[str, float], retries: int, console: "Console") -> int:
    """At one size, with retries."""
    ledger: Any = ray.remote(num_cpus=0)(Ledger).remote()
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
        return _followed(trainer, ledger, console)
    finally:
        ray.kill(ledger)
        shutil.rmtree(own_files, ignore_errors=True)


def _followed(trainer: TorchTrainer, ledger: Any, console: "Console") -> int:
    """Show what processes say until they are done; the exit code. Raises RunError."""
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
