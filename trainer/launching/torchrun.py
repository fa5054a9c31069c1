"""`trainer run --launcher torchrun`: the processes of this machine, started and watched by torch's elastic agent.

With several nodes each runs this same command, and the agents meet at one address. Unlike the command `torchrun` it
hands on how processes have ended, starts them anew at the size of the next phase, and tells them of a signal once.
"""

import dataclasses
import logging
import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, Any

import psutil
import torch
import torch.distributed as dist
from torch.distributed.elastic.agent.server.api import RunResult, WorkerGroup, WorkerSpec
from torch.distributed.elastic.agent.server.local_elastic_agent import LocalElasticAgent
from torch.distributed.elastic.multiprocessing import DefaultLogsSpecs, SignalException
from torch.distributed.elastic.multiprocessing.errors import ProcessFailure
from torch.distributed.elastic.rendezvous import (
    RendezvousClosedError,
    RendezvousConnectionError,
    RendezvousError,
    RendezvousParameters,
    RendezvousTimeoutError,
)
from torch.distributed.elastic.rendezvous import registry as rendezvous

from datapipe.isolation.watching import die_with
from datapipe.output import RunError
from trainer.launching.environment import environment
from trainer.launching.job import Job, Outcome, perform, placed_job, together
from trainer.launching.phases import launched
from trainer.processes.judge import LostProcessError
from trainer.running.stopping import EXIT_OF_SIGNAL, StopRequest

if TYPE_CHECKING:
    from rich.console import Console

MEET_SECONDS = 900
"""How long agents wait for those of other nodes, as torchrun's do."""
PARTED: dict[type[Exception], str] = {
    RendezvousClosedError: "one of them has ended the run",
    RendezvousConnectionError: "the one where they meet does not answer",
    RendezvousTimeoutError: f"not all have come in {MEET_SECONDS // 60} minutes",
}
"""What errors of torch's mean, which say less, or nothing."""
LOGGERS = ("torch.distributed.elastic", "torch.multiprocessing")
SIGNALS = (signal.SIGINT, signal.SIGTERM)
SETTINGS = {"TORCHELASTIC_SIGNALS_TO_HANDLE": "SIGQUIT"}
"""For torch's agent: those above are ours, it would end processes by them."""
SETTINGS_OF_NODES = {"TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1"}
"""The processes meet elsewhere after every restart: where the agent meets its like, it goes on to send them to what was
set up for nodes that are lost, and one that has come in their place waits for ever."""


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
    elsewhere = "the same command on all nodes goes on" if nodes.count > 1 else None
    return launched(placed_job(job), once, size, partial(_misfit, nodes=nodes), console, elsewhere)


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
    settings = SETTINGS | (SETTINGS_OF_NODES if nodes.count > 1 else {})
    with (
        tempfile.TemporaryDirectory(prefix="trainer-") as folder,
        environment(**settings),
        passed_on() as stop,
        _quiet(),
    ):
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
            raise RunError(f"--rendezvous {nodes.rendezvous}: {_first_line(error)}") from None
        where = f"the {nodes.count} nodes at {nodes.rendezvous}"
        agent = _Agent(spec, DefaultLogsSpecs(folder), stop, console, where if nodes.count > 1 else None)
        try:
            result: RunResult | None = agent.run()
        except SignalException:  # before there was a process to pass it on to
            return stop.exit_code or 0
        except (RendezvousError, dist.DistError) as error:
            why = PARTED.get(type(error)) or _first_line(error)
            raise RunError(f"{where}: {why}; the same command goes on from the last checkpoint") from None
        finally:
            spec.rdzv_handler.shutdown()
        if result is None:
            raise RunError(f"{where}: they are complete, and have ended the run without this one")
        return _ending(result, stop, retries)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _process(job: Job, agent: int) -> Outcome:
    """Be one process of the run. It is lost with its agent, as a node is: torch would have it hear Ctrl-C then, so that
    others take the run for stopped, and wait for an agent that never comes to take how it has ended."""
    die_with(agent)
    return perform(job)


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

    def __init__(
        self, spec: WorkerSpec, logs: DefaultLogsSpecs, stop: StopRequest, console: "Console", where: str | None
    ) -> None:
        """`where` names the nodes, if there are others."""
        super().__init__(spec, logs)
        self._stop, self._console, self._where = stop, console, where

    def _rendezvous(self, worker_group: WorkerGroup) -> None:
        """Others may be long in coming: a signal ends that at once."""
        if self._where is not None:
            self._say(f"{self._where} meet, within {MEET_SECONDS // 60} minutes")
        with _ended_by_signals(self._stop):
            super()._rendezvous(worker_group)

    def _start_workers(self, worker_group: WorkerGroup) -> dict[int, Any]:
        """They hear of Ctrl-C once they train: until then the terminal's would show what each was loading."""
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            return dict(super()._start_workers(worker_group))
        finally:
            signal.signal(signal.SIGINT, before)
            if self._stop.signal is not None:  # heard while some of them were not there yet
                _terminate_children()

    def _monitor_workers(self, worker_group: WorkerGroup) -> RunResult:
        result: RunResult = super()._monitor_workers(worker_group)
        if result.is_failed():
            if self._stop.exit_code is not None:
                self._remaining_restarts = 0
            elif self._remaining_restarts:
                left = f"{self._remaining_restarts} of {worker_group.spec.max_restarts} retries left"
                self._say(f"{_told(result.failures)}: going on from the last checkpoint ({left})")
        return result

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


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

    def pass_on(number: int, frame: FrameType | None) -> None:
        request.signal = request.signal or number
        _terminate_children()

    with _handled_by(pass_on):
        yield request


def _terminate_children() -> None:
    """Those that are processes of the run."""
    for child in psutil.Process().children():
        with suppress(psutil.Error):  # it has ended
            if "resource_tracker" not in " ".join(child.cmdline()):
                child.terminate()


@contextmanager
def _ended_by_signals(request: StopRequest) -> Iterator[None]:
    """A signal in the block, or before it, raises SignalException."""

    def end(number: int, frame: FrameType | None) -> None:
        request.signal = request.signal or number
        raise SignalException("while nodes meet", signal.Signals(number))

    with _handled_by(end):
        if request.signal is not None:
            end(request.signal, None)
        yield


@contextmanager
def _handled_by(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in SIGNALS}
    try:
        yield
    finally:
        for number, other in before.items():
            signal.signal(number, other)


@contextmanager
def _quiet() -> Iterator[None]:
    """What the agent would log of failures stands in our own lines."""
    names = [name for name in logging.root.manager.loggerDict if name.startswith(LOGGERS)]
    loggers = [logging.getLogger(name) for name in names]  # one by one: torch gives each a level of its own
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
