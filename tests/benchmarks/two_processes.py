"""Training by two processes that share out a model (FSDP2), beside one: tokens per second, and memory of each.

The same batch of the same model of 59M parameters, in fp32, on one thread per process. Its micro batches are long
enough that products, not what processes tell each other, take the time. One process and two take turns; seconds are by
the clock, the median of a turn's steps after the first, and the ratio is the median of the turns. Memory is what is
resident at the peak of the steps above what was before the model was there, of the process that has most, where freed
memory is given back at once (as `memory` measures it); `kept_mb` is the same where the C library keeps it for later.

Bars: two processes at least 1.6 times the tokens per second, each with at most 0.6 of the memory.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import torch
import torch.distributed as dist

from datapipe.observing.peak_memory import begin_anew, peak_bytes
from tests.benchmarks.memory import GIVEN_BACK
from trainer.model import Transformer
from trainer.optim import build_optimizer
from trainer.parallel import initialize_weights, parallelize
from trainer.plan import Execution, Optimizer
from trainer.processes.degrees import degrees_of
from trainer.processes.world import World, join, leave, settled
from trainer.running.step import train_step
from trainer.shapes import PRESETS, Shape

SHAPE = replace(PRESETS["100m"], n_layer=16, n_head=8, n_kv_head=8, d_model=512, d_ff=2048, d_head=64, vocab_size=8192)
EXECUTION = Execution(precision="fp32", micro_batch=4, loss_chunk=256, recompute=True)
ROWS, TOKENS, STEPS, TURNS = 8, 512, 2, 3
SPEED, MEMORY = 1.6, 0.6


def measure() -> dict[str, float]:
    """Seconds of a step and megabytes, in a world of as many processes as the environment says."""
    torch.set_num_threads(1)
    world = join(timeout_seconds=600)
    world = settled(world, degrees_of(EXECUTION, world.size))
    take_steps(replace(SHAPE, n_layer=1, d_model=64, d_ff=64, vocab_size=64), world)  # libraries loaded
    begin_anew()
    before = peak_bytes()
    seconds, loss = take_steps(SHAPE, world)
    figures = {"s": max(world.gathered(statistics.median(seconds[1:])))}
    figures |= {"mb": max(world.gathered((peak_bytes() - before) / 1e6)), "loss": loss}
    leave()
    return figures


def take_steps(shape: Shape, world: World) -> tuple[list[float], float]:
    """Seconds of each, and the last loss."""
    with torch.device("meta"):
        model = Transformer(shape)
    parallelize(model, world.mesh, EXECUTION)
    model.to_empty(device="cpu")
    initialize_weights(model, 1)
    optimizer, seconds = build_optimizer(model, Optimizer()), []
    each = ROWS // world.degrees.data
    rows_NS = torch.randint(shape.vocab_size, (ROWS, TOKENS + 1), generator=torch.Generator().manual_seed(1))
    rows_NS = rows_NS[world.data_rank * each :][:each]
    for _ in range(STEPS + 1):
        if world.mesh is not None:
            dist.barrier()
        start = time.perf_counter()
        loss = train_step(model, optimizer, rows_NS, 1e-4, Optimizer(), EXECUTION, world=world).loss
        seconds.append(time.perf_counter() - start)
    return seconds, loss


def by(processes: int, more: Mapping[str, str]) -> dict[str, float]:
    """The same in processes of their own, with `more` in their environment."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    started = []
    for rank in range(processes):
        told = {"RANK": rank, "WORLD_SIZE": processes, "MASTER_ADDR": "localhost", "MASTER_PORT": port}
        environment = {**os.environ, **more, **{name: str(value) for name, value in told.items()}}
        command = [sys.executable, "-m", "tests.benchmarks.two_processes", "measure"]
        folder = Path(__file__).parents[2]
        started.append(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, cwd=folder))
    answers = [process.communicate()[0] for process in started]
    assert not any(process.returncode for process in started)
    return dict(json.loads(answers[0].splitlines()[-1]))


def main() -> None:
    """Print the figures as one JSON line."""
    turns = [{processes: by(processes, {}) for processes in (1, 2)} for _ in range(TURNS)]
    given_back = {processes: by(processes, GIVEN_BACK)["mb"] for processes in (1, 2)}
    assert all(abs(turn[1]["loss"] - turn[2]["loss"]) < 1e-4 for turn in turns), turns
    speed = statistics.median(turn[1]["s"] / turn[2]["s"] for turn in turns)
    memory = given_back[2] / given_back[1]
    result = {
        "name": "two_processes",
        "parameters": SHAPE.parameters,
        "tokens_per_s": {
            str(processes): round(ROWS * TOKENS / min(turn[processes]["s"] for turn in turns), 1)
            for processes in (1, 2)
        },
        "mb": {str(processes): round(mb, 1) for processes, mb in given_back.items()},
        "kept_mb": {str(processes): round(turns[-1][processes]["mb"], 1) for processes in (1, 2)},
        "turns": [round(turn[1]["s"] / turn[2]["s"], 3) for turn in turns],
        "ratio": {"one_process": round(speed, 3)},
        "memory_share": {"one_process": round(memory, 3)},
        "bar": {"one_process": SPEED, "memory_share": MEMORY},
        "passed": speed >= SPEED and memory <= MEMORY,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    if sys.argv[1:] == ["measure"]:
        print(json.dumps(measure()))
    else:
        main()
