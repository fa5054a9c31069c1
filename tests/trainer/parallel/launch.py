"""Several processes that make a world, for one function that checks many things: starting them costs seconds."""

import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TypeVar

import torch
import torch.distributed as dist

from trainer.plan import Execution
from trainer.processes.degrees import degrees_of
from trainer.processes.world import World, join, settled

Value = TypeVar("Value")
LIMIT_SECONDS = 120.0
"""A deadlock is a failure, not a wait."""

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    ["torch._inductor", "torch.distributed.fsdp", "torch.distributed.tensor.parallel", "numba.np.arraymath"]
)
# One process imports them, for all launches of a test run; those that compute are copies of it.


def together(processes: int, function: Callable[..., Value], *arguments: object) -> list[Value]:
    """What `function(*arguments)` returns on each of so many processes, by rank; they are told of each other as
    torchrun tells them, and compute on one thread. One that fails fails the test, with its last words."""
    store = dist.TCPStore("localhost", 0, is_master=True, wait_for_workers=False)
    with tempfile.TemporaryDirectory() as folder:
        words = [Path(folder) / f"{rank}.txt" for rank in range(processes)]
        pipes = [FORKS.Pipe(duplex=False) for _ in words]
        started = [
            FORKS.Process(
                target=_rank, args=(rank, processes, store.port, words[rank], pipe[1], function, arguments), daemon=True
            )
            for rank, pipe in enumerate(pipes)
        ]
        try:
            for process, (_, answers) in zip(started, pipes, strict=True):
                process.start()
                answers.close()
            return _answers([pipe[0] for pipe in pipes], words)
        finally:
            for process in started:
                if process.pid is not None:
                    process.kill()
                    process.join()


def mesh_of(execution: Execution) -> World:
    """What a plan makes of the processes, of which this is one."""
    world = join(timeout_seconds=60)
    return settled(world, degrees_of(execution, world.size))


def _rank(
    rank: int,
    processes: int,
    port: int,
    words: Path,
    answers: Connection,
    function: Callable[..., Value],
    arguments: tuple[object, ...],
) -> None:
    os.dup2(os.open(words, os.O_WRONLY | os.O_CREAT), 2)
    told = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": processes, "MASTER_ADDR": "localhost", "MASTER_PORT": port}
    os.environ.update({name: str(value) for name, value in told.items()}, TORCHELASTIC_USE_AGENT_STORE="True")
    torch.set_num_threads(1)
    answers.send(function(*arguments))


def _answers(pipes: "list[Connection[object, Value]]", words: list[Path]) -> list[Value]:
    """Of all, by rank; as soon as one has none to give, that is the failure."""
    end, found = time.monotonic() + LIMIT_SECONDS, dict[int, Value]()
    while len(found) < len(pipes):
        missing = [pipe for rank, pipe in enumerate(pipes) if rank not in found]
        ready = wait(missing, max(0.0, end - time.monotonic()))
        late = [rank for rank in range(len(pipes)) if rank not in found]
        assert ready, f"ranks {late} had not answered after {LIMIT_SECONDS:.0f} s: {words[late[0]].read_text()[-2000:]}"
        for rank in late:
            if pipes[rank] in ready:
                try:
                    found[rank] = pipes[rank].recv()
                except EOFError:
                    raise AssertionError(f"rank {rank} ended: {words[rank].read_text()[-4000:]}") from None
    return [found[rank] for rank in range(len(pipes))]
