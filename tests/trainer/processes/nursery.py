"""Ranks of real runs, forked from one process that has imported torch: a launch takes a second instead of five.

    python -m tests.trainer.processes.nursery

Each line that comes in is a launch as JSON, each line that goes out what became of its ranks. On SIGUSR2 the thread of
a rank that trains stands still; its other threads go on. With SLOW_SECONDS every product takes so much longer.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
LONGEST_SECONDS = 80.0


@dataclass(frozen=True)
class Rank:
    """A process to be."""

    arguments: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0


@dataclass(frozen=True)
class Accident:
    """What happens to one of them."""

    rank: int
    what: str
    log: str
    lines: int


@dataclass(frozen=True)
class Ended:
    """What became of one."""

    pid: int
    code: int
    said: str
    seconds: float
    """After the accident, or after the start where there is none."""


class Nursery:
    """The other end."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.trainer.processes.nursery"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def launch(self, ranks: list[Rank], accident: Accident | None = None, size: int | None = None) -> list[Ended]:
        """Start ranks of a run of `size`, and wait for the end of all."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        launch = {
            "ranks": [asdict(one) for one in ranks],
            "size": size or len(ranks),
            "accident": None if accident is None else asdict(accident),
        }
        self._process.stdin.write(f"{json.dumps(launch)}\n")
        self._process.stdin.flush()
        return [Ended(**one) for one in json.loads(self._process.stdout.readline())]

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        assert self._process.wait(30) == 0


def rank(data: Path, root: Path, *settings: str, environment: dict[str, str] | None = None, delay: float = 0) -> Rank:
    """One that runs the plan of `data` in `root`."""
    given = [word for setting in settings for word in ("--set", setting)]
    arguments = ["run", str(data / "plan.yaml"), "--root", str(root), "--threads", "1", *given]
    return Rank(arguments, environment or {}, delay)


def errors(ended: Ended) -> list[str]:
    """Lines that say why a process has ended."""
    return [line.removeprefix("error: ") for line in ended.said.splitlines() if line.startswith("error: ")]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def born(rank: int, size: int, port: int, one: dict[str, Any], said: Path) -> int:
    """The process id of a new rank."""
    child = os.fork()
    if child:
        return child
    descriptor = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(descriptor, stream)
    address = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    os.environ.update({"RANK": str(rank), "WORLD_SIZE": str(size), **address, **one["environment"]})
    signal.signal(signal.SIGUSR2, lambda number, frame: time.sleep(600))  # training stands, other threads go on
    if slow := float(os.environ.get("SLOW_SECONDS", "0")):
        register_module_forward_pre_hook(
            lambda module, inputs: time.sleep(slow) if isinstance(module, Linear) else None
        )
    time.sleep(one["delay"])
    sys.argv = ["trainer", *one["arguments"]]
    code = 0
    try:
        main()
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def happen(accident: dict[str, Any], pids: list[int]) -> None:
    """As soon as the run is so far."""
    end, log = time.monotonic() + LONGEST_SECONDS, Path(accident["log"])
    while time.monotonic() < end and not is_so_far(log, accident["lines"]):
        time.sleep(0.01)
    signals = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP, "freeze": signal.SIGUSR2}
    os.kill(pids[accident["rank"]], signals[accident["what"]])


def is_so_far(log: Path, lines: int) -> bool:
    """Whether the log has so many lines, or has no more to come."""
    has_ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    return has_ended or (log.exists() and log.read_text().count("\n") >= lines)


def launched(launch: dict[str, Any], folder: Path) -> list[Ended]:
    port, ranks = free_port(), launch["ranks"]
    files = [folder / f"{rank}.txt" for rank in range(len(ranks))]
    pids = [born(rank, launch["size"], port, one, files[rank]) for rank, one in enumerate(ranks)]
    if launch["accident"] is not None:
        happen(launch["accident"], pids)
    return awaited(pids, files, launch["accident"])


def awaited(pids: list[int], files: list[Path], accident: dict[str, Any] | None) -> list[Ended]:
    """The end of all; one that was stopped does not end by itself, and none may take so long."""
    stopped = {accident["rank"]} if accident is not None and accident["what"] == "stop" else set()
    start, codes, seconds = time.monotonic(), dict[int, int](), dict[int, float]()
    while len(codes) < len(pids):
        for rank in set(range(len(pids))) - set(codes):
            pid, status = os.waitpid(pids[rank], os.WNOHANG)
            if pid:
                codes[rank], seconds[rank] = os.waitstatus_to_exitcode(status), time.monotonic() - start
        left = set(range(len(pids))) - set(codes)
        if left <= stopped or time.monotonic() - start > LONGEST_SECONDS:
            for rank in left:
                os.kill(pids[rank], signal.SIGKILL)
        time.sleep(0.01)
    return [Ended(pid, codes[rank], files[rank].read_text(), seconds[rank]) for rank, pid in enumerate(pids)]


if __name__ == "__main__":
    import tempfile

    from torch.nn import Linear
    from torch.nn.modules.module import register_module_forward_pre_hook

    import trainer.checkpointing.writing
    import trainer.parallel
    import trainer.train  # noqa: F401 - ranks have it from here
    from trainer.cli import main

    with tempfile.TemporaryDirectory() as scratch:
        for line in sys.stdin:
            print(json.dumps([asdict(one) for one in launched(json.loads(line), Path(scratch))]), flush=True)
