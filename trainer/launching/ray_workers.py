"""What runs on a Ray cluster for a run: its processes, and a ledger by which they and the driver hear each other."""

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from io import StringIO
from typing import Any

import ray
import torch.distributed as dist
from ray.train.v2.api.callback import UserCallback
from rich.console import Console

from trainer.launching.job import Outcome, perform
from trainer.processes.judge import LostProcessError
from trainer.running.stopping import StopRequest

ASK_SECONDS = 1.0
"""How often the first process asks whether the run is to stop; it tells the others after a step."""


class Ledger:
    """An actor: what processes say for the user, how they ended, and which signal the driver has heard."""

    def __init__(self) -> None:
        """Nothing is known."""
        self._said: list[str] = []
        self._outcomes: dict[int, Outcome] = {}
        self._signal: int | None = None
        self._processes: dict[int, str] = {}
        self._missed: str | None = None

    def began(self, rank: int, process: str) -> None:
        """Which one is of this rank now."""
        self._processes[rank] = process

    def processes(self) -> dict[int, str]:
        """All of them, by rank."""
        return self._processes

    def misses(self, line: str) -> None:
        """A process has ended because of another: this line names it."""
        self._missed = line

    def missed(self) -> str | None:
        """The last such line, once."""
        missed, self._missed = self._missed, None
        return missed

    def say(self, text: str) -> None:
        """Have it shown."""
        self._said.append(text)

    def heard(self) -> str:
        """What was said since the last call."""
        said, self._said = "".join(self._said), []
        return said

    def lost(self, line: str) -> None:
        """Processes were lost: what others ended with because of that is no news."""
        self._outcomes.clear()
        self.say(f"{line}\n")

    def ended(self, rank: int, outcome: Outcome) -> None:
        """How a process has ended by itself."""
        self._outcomes[rank] = outcome

    def outcomes(self) -> dict[int, Outcome]:
        """Of all that have."""
        return self._outcomes

    def stop(self, number: int) -> None:
        """The driver has heard this signal."""
        self._signal = number

    def signal(self) -> int | None:
        """Which one, if any."""
        return self._signal


def work(told: dict[str, Any]) -> None:
    """Be one process of the run: `told` has the `job` and the `ledger`."""
    ledger, rank = told["ledger"], int(os.environ["RANK"])
    ray.get(ledger.began.remote(rank, f"pid {os.getpid()} on {socket.gethostname()}"))
    if dist.get_world_size() == 1:  # Ray makes a group of one: a run of one process knows none
        dist.destroy_process_group()
    stop = StopRequest()
    with _asking(ledger, stop) if rank == 0 else contextlib.nullcontext():
        try:
            outcome = perform(told["job"], Console(file=_Said(ledger), width=200), stop)
        except LostProcessError as error:
            ray.get(ledger.misses.remote(str(error)))
            raise
    ray.get(ledger.ended.remote(rank, outcome))


@contextlib.contextmanager
def _asking(ledger: Any, stop: StopRequest) -> Iterator[None]:
    """A thread asks the ledger for signals: those of the driver's terminal do not reach other machines."""
    over = threading.Event()

    def ask() -> None:
        with contextlib.suppress(ray.exceptions.RayError):  # without a driver nobody can ask for anything
            while not over.wait(ASK_SECONDS):
                stop.signal = stop.signal or ray.get(ledger.signal.remote())

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


class _Said(StringIO):
    """A file whose lines are shown where the command was typed."""

    def __init__(self, ledger: Any) -> None:
        super().__init__()
        self._ledger = ledger

    def write(self, text: str) -> int:
        self._ledger.say.remote(text)
        return len(text)


class Told(UserCallback):
    """Tells of processes that are lost, and how often the run may still go on."""

    def __init__(self, ledger: Any, retries: int) -> None:
        """`retries` in all."""
        self._ledger, self._left = ledger, retries

    def after_exception(self, run_context: object, worker_exceptions: dict[int, Exception]) -> None:
        """Called where Ray's controller runs."""
        line = told_of(worker_exceptions, self._ledger)
        if self._left:
            line += f": going on from the last checkpoint ({self._left} retries left)"
        self._left -= 1
        ray.get(self._ledger.lost.remote(line))


def told_of(failures: dict[int, Exception], ledger: Any) -> str:
    """Who was lost, and how: a process that died, rather than those that only missed it."""
    if missed := ray.get(ledger.missed.remote()):
        return str(missed)
    processes = ray.get(ledger.processes.remote())
    causes = {rank: getattr(error, "health_check_failure", error) for rank, error in failures.items()}
    died = [rank for rank, cause in causes.items() if isinstance(cause, ray.exceptions.RayActorError)]
    rank = min(died or causes)
    who = f"rank {rank} ({processes.get(rank, 'not started yet')})"
    if died:
        return f"{who} has died, or its node has"
    return f"{who} failed:\n{str(causes[rank]).strip()}"
