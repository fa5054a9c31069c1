"""`trainer run --launcher torchrun`: the processes of this machine, started and watched by torch's elastic agent.

With several nodes each runs this same command, and the agents meet at one address. Unlike the command `torchrun` it
hands on how processes have ended, starts them anew at the size of the next phase, and tells them of a signal once.
"""

import dataclasses
import logging
import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, Any

import psutil
import torch
from torch.distributed.elastic.agent.server.api import RunResult, WorkerGroup, WorkerSpec
from torch.distributed.elastic.agent.server.local_elastic_agent import LocalElasticAgent
from torch.distributed.elastic.multiprocessing import DefaultLogsSpecs
from torch.distributed.elastic.multiprocessing.errors import ProcessFailure
from torch.distributed.elastic.rendezvous import RendezvousError, RendezvousParameters
from torch.distributed.elastic.rendezvous import registry as rendezvous

from datapipe.isolation.watching import die_with
from datapipe.output import RunError
from trainer.launching.job import Job, Outcome, perform, placed_job, together
from trainer.launching.phases import launched
from trainer.processes.judge import LostProcessError
from trainer.running.stopping import EXIT_OF_SIGNAL, StopRequest

if TYPE_CHECKING:
    from rich.console import Console

MEET_SECONDS = 900
"""How long agents wait for those of other nodes, as torchrun's do."""
SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclasses.dataclass(frozen=True)
class Nodes:
    """The machines of a run."""

    count: int = 1
    rendezvous: str | None = None
    """HOST:PORT, the same on all of them; HOST is one of them. Not needed for one."""


def launch(job: Job, processes: int | None, nodes: Nodes, retries: int, console: "Console") -> int:
    """Train by processes of this machine, and of others that run the same command; the exit code of the run.

    `processes` are those of each node, for phases that say no `gpus`. Raises RunError.
    """
    if "RANK" in os.environ:
        raise RunError("a launcher has started this process already (RANK is set): leave --launcher out")
    if nodes.count > 1 and nodes.rendezvous is None:
        raise RunError(f"{nodes.count} nodes meet at one address: give --rendezvous HOST:PORT, HOST one of them")
    size = (processes or torch.cuda.device_count() or 1) * nodes.count
    once = partial(_launch_once, nodes=nodes, retries=retries, console=console)
    return launched(placed_job(job), once, size, partial(_misfit, nodes=nodes), console)


def _misfit(processes: int, nodes: Nodes) -> str | None:
    """Why so many processes cannot be started on these nodes, if they cannot."""
    if processes % nodes.count:
        return f"they cannot be shared out to {nodes.count} nodes; give --nodes that divide it"
    here, gpus = processes // nodes.count, torch.cuda.device_count()
    if gpus and here > gpus:
        return f"this node would have {here:,}, and has {gpus:,} GPUs; run the same command on more nodes"
    return None


def _launch_once(job: Job, processes: int, nodes: Nodes, retries: int, console: "Console") -> int:
    """At one size, with retries."""
    here = processes // nodes.count
    job = dataclasses.replace(job, threads=job.threads or max(1, (os.cpu_count() or 1) // here))
    parameters = RendezvousParameters(
        backend="c10d",
        endpoint=nodes.rendezvous or "localhost:0",
        run_id=job.plan.name,
        min_nodes=nodes.count,
        max_nodes=nodes.count,
        local_addr="127.0.0.1" if nodes.count == 1 else None,
        timeout=MEET_SECONDS,
    )
    with tempfile.TemporaryDirectory(prefix="trainer-") as folder, passed_on() as stop, _quiet():
        try:
            spec = WorkerSpec(
                role="trainer",
                local_world_size=here,
                rdzv_handler=rendezvous.get_rendezvous_handler(parameters),
                entrypoint=_process,
                args=(job, os.getpid()),
                max_restarts=retries,
                local_addr="127.0.0.1" if nodes.count == 1 else None,
            )
        except (RendezvousError, RuntimeError, ValueError, OSError) as error:
            raise RunError(f"--rendezvous {nodes.rendezvous}: {str(error).splitlines()[0]}") from None
        agent = _Agent(spec, DefaultLogsSpecs(folder), stop, console)
        try:
            result = agent.run()
        except RendezvousError as error:
            where = f"the agents of {nodes.count} nodes at {nodes.rendezvous}"
            raise RunError(f"{where} did not meet, or have parted: {str(error).splitlines()[0]}") from None
        finally:
            spec.rdzv_handler.shutdown()
        return _ending(result, stop, retries)


def _process(job: Job, agent: int) -> Outcome:
    """Be one process of the run."""
    if os.getppid() != agent:  # it was killed while this one loaded its libraries
        os._exit(1)
    outcome = perform(job)
    die_with(agent)  # torch waits until the agent has taken the outcome, also where it was killed and never will
    return outcome


def _ending(result: RunResult, stop: StopRequest, retries: int) -> int:
    """The exit code. Raises RunError where processes were lost once too often."""
    if not result.is_failed():
        code = together(result.return_values)
        return stop.exit_code if stop.exit_code is not None and code > EXIT_OF_SIGNAL else code
    if stop.exit_code is not None:
        return stop.exit_code
    tries = f"; tried {retries + 1} times" if retries else ""
    raise RunError(f"{_told(result.failures)}{tries}; the same command goes on from the last checkpoint")


class _Agent(LocalElasticAgent):
    """torch's, which tells what it does, and starts nothing anew once somebody wants the run to stop."""

    def __init__(self, spec: WorkerSpec, logs: DefaultLogsSpecs, stop: StopRequest, console: "Console") -> None:
        super().__init__(spec, logs)
        self._stop, self._console = stop, console

    def _start_workers(self, worker_group: WorkerGroup) -> dict[int, Any]:
        """They hear of Ctrl-C once they train: until then the terminal's would show what each was loading."""
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            return dict(super()._start_workers(worker_group))
        finally:
            signal.signal(signal.SIGINT, before)

    def _monitor_workers(self, worker_group: WorkerGroup) -> RunResult:
        result: RunResult = super()._monitor_workers(worker_group)
        if result.is_failed():
            if self._stop.exit_code is not None:
                self._remaining_restarts = 0
            elif self._remaining_restarts:
                left = f"{self._remaining_restarts} of {worker_group.spec.max_restarts} retries left"
                line = f"{_told(result.failures)}: going on from the last checkpoint ({left})"
                self._console.print(line, markup=False, highlight=False, soft_wrap=True)
        return result


def _told(failures: dict[int, ProcessFailure]) -> str:
    """Who ended first, and how; what an unforeseen exception said is shown whole."""
    rank, failure = min(failures.items(), key=lambda one: (one[1].timestamp, one[1].exitcode, one[0]))
    who = f"rank {rank} (pid {failure.pid})"
    if failure.exitcode < 0:
        return f"{who} was ended by {failure.signal_name()}"
    message: object = failure.message  # torch says str, and means what a file of JSON has
    if isinstance(message, dict):
        kind, _, line = message["message"].partition(": ")
        if kind == LostProcessError.__name__:  # it names the culprit
            return str(line)
        return f"{who} failed:\n{message['extraInfo']['py_callstack']}"
    return f"{who} ended with exit code {failure.exitcode}"


@contextmanager
def passed_on() -> Iterator[StopRequest]:
    """A signal in the block reaches every process of the run, as SIGTERM, which ends also those that have not come to
    hear; the request is the first one's."""
    request = StopRequest()
    own = psutil.Process()

    def pass_on(number: int, frame: FrameType | None) -> None:
        request.signal = request.signal or number
        for child in own.children():
            with suppress(psutil.Error):  # it has ended
                if "resource_tracker" not in " ".join(child.cmdline()):
                    child.terminate()

    before = {number: signal.signal(number, pass_on) for number in SIGNALS}
    asked = os.environ.get("TORCHELASTIC_SIGNALS_TO_HANDLE")
    os.environ["TORCHELASTIC_SIGNALS_TO_HANDLE"] = "SIGQUIT"  # those above are ours: it would end processes by them
    try:
        yield request
    finally:
        os.environ.pop("TORCHELASTIC_SIGNALS_TO_HANDLE")
        if asked is not None:
            os.environ["TORCHELASTIC_SIGNALS_TO_HANDLE"] = asked
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _quiet() -> Iterator[None]:
    """What the agent would log of failures stands in our own lines."""
    loggers = [logging.getLogger(name) for name in ("torch.distributed.elastic", "torch.multiprocessing")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
