"""The memory of training: what `trainer plan` reckons, beside the measured peak of a process.

Each configuration takes some real steps in processes of its own, on one thread: measured is what is resident at the
peak above what was before there was a model, after a step of a tiny one (so that the code of kernels is there); of two
processes the one with more counts. Freed memory is given back at once (MALLOC_MMAP_THRESHOLD_), as the reckoning has
it; `kept` is the same without, where the C library keeps much of what was freed for later.

Bar: the reckoning is within a tenth of the measured peak, for each configuration.
"""

import gc
import json
import os
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from datapipe.observing.peak_memory import begin_anew, peak_bytes
from trainer.device import DTYPES
from trainer.model import Transformer
from trainer.optim import build_optimizer
from trainer.parallel import initialize_weights, parallelize
from trainer.plan import Execution, Optimizer
from trainer.processes.degrees import degrees_of
from trainer.processes.world import World, join, leave, settled
from trainer.reckoning.memory import memory_per_gpu
from trainer.running.step import train_step
from trainer.shapes import Shape

BAR = 0.1
STEPS = 3
GIVEN_BACK = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "0"}
TINY = Shape(n_layer=1, n_head=2, n_kv_head=2, d_model=64, d_head=32, d_ff=128, vocab_size=64)


@dataclass(frozen=True)
class Configuration:
    """What is trained, and how."""

    shape: Shape
    execution: Execution
    seq_len: int
    rows: int
    """Sequences of a step, for each process that sees others."""
    processes: int = 1


MIDDLE = Shape(n_layer=6, n_head=8, n_kv_head=2, d_model=512, d_head=64, d_ff=2048, vocab_size=16_384)
LARGER = replace(MIDDLE, n_layer=4, n_head=12, n_kv_head=4, d_model=768, d_ff=3072)
WORDY = replace(MIDDLE, n_layer=8, n_head=6, d_model=384, d_ff=1536, vocab_size=65_536)
CONFIGURATIONS = {
    "fp32": Configuration(MIDDLE, Execution(micro_batch=4, precision="fp32", loss_chunk=256), seq_len=512, rows=4),
    "bf16, accumulated, recomputed": Configuration(
        WORDY, Execution(micro_batch=2, recompute=True, loss_chunk=256), seq_len=512, rows=4
    ),
    "bf16, FSDP x 2": Configuration(LARGER, Execution(micro_batch=2, loss_chunk=256), seq_len=512, rows=2, processes=2),
    "bf16, FSDP x 2, accumulated, recomputed": Configuration(
        MIDDLE, Execution(micro_batch=2, recompute=True, loss_chunk=256), seq_len=512, rows=4, processes=2
    ),
    "fp32, tensor x 2": Configuration(
        MIDDLE,
        Execution(micro_batch=2, precision="fp32", loss_chunk=256, tensor_parallel=2),
        seq_len=512,
        rows=2,
        processes=2,
    ),
}


def measure(name: str) -> None:
    """Print the peaks of the processes, of which this is one."""
    torch.set_num_threads(1)
    found = CONFIGURATIONS[name]
    world = join(timeout_seconds=100)
    world = settled(world, degrees_of(found.execution, world.size))
    _steps(world, replace(found, shape=TINY, seq_len=16), 1)
    gc.collect()
    begin_anew()
    before = peak_bytes()
    _steps(world, found, STEPS)
    peaks = world.gathered(peak_bytes() - before)
    leave()
    if world.is_first:
        print(json.dumps(peaks))


def _steps(world: World, of: Configuration, count: int) -> None:
    """Train on random tokens, as a run does."""
    execution, settings = of.execution, Optimizer()
    with torch.device("meta"):
        model = Transformer(of.shape, DTYPES[execution.precision])
    parallelize(model, world.mesh, execution)
    model.to_empty(device=world.device)
    initialize_weights(model, seed=1)
    optimizer = build_optimizer(model, settings)
    generator = torch.Generator().manual_seed(world.data_rank)
    for _ in range(count):
        rows_NS = torch.randint(of.shape.vocab_size, (of.rows, of.seq_len + 1), generator=generator)
        train_step(model, optimizer, rows_NS, 1e-5, settings, execution, None, world)


def peak_of(name: str, given_back: bool) -> int:
    """Bytes, in processes of their own."""
    processes = CONFIGURATIONS[name].processes
    launcher = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"] * (processes > 1)
    answer = subprocess.run(
        [sys.executable, *launcher, "-m", "tests.benchmarks.memory", name],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env=os.environ | {"OMP_NUM_THREADS": "1"} | (GIVEN_BACK if given_back else {}),
        timeout=300,
    )
    return max(json.loads(answer.stdout.splitlines()[-1]))


def figures_of(name: str) -> dict[str, str | float]:
    """Of one configuration, in megabytes."""
    of = CONFIGURATIONS[name]
    reckoned = memory_per_gpu(of.shape, of.seq_len, of.execution, of.processes, of.rows)
    measured, kept = peak_of(name, given_back=True), peak_of(name, given_back=False)
    return {
        "states": round(reckoned.states / 1e6, 1),
        "reckoned": round(reckoned.total / 1e6, 1),
        "moment": reckoned.moment,
        "measured": round(measured / 1e6, 1),
        "ratio": round(reckoned.total / measured, 3),
        "kept": round(kept / 1e6, 1),
    }


def main() -> None:
    """Print the figures as one JSON line."""
    figures = {name: figures_of(name) for name in CONFIGURATIONS}
    off = [abs(float(one["ratio"]) - 1) for one in figures.values()]
    print(json.dumps({"name": "memory", "figures": figures, "bar": {"off": BAR}, "passed": max(off) <= BAR}))


if __name__ == "__main__":
    if sys.argv[1:]:
        measure(sys.argv[1])
    else:
        main()
