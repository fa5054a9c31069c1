"""A training run of twelve steps in a fraction of a second: two domains, three units, a batch that grows, a blend that
changes, a checkpoint after every fourth step."""

import io
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console

from tests.trainer.token_files import write_shard
from trainer.load import loads
from trainer.plan import Plan
from trainer.running.assembly import assembled
from trainer.running.log import read_log
from trainer.running.stopping import StopRequest
from trainer.running.training import Training
from trainer.train import run, train

SEQ_LEN, VOCABULARY = 16, 48
PLAN = """
name: small
output: run
seq_len: 16
megatron:
  vocab_size: 48
  units: {prose: {books: [books], web: [web]}, code: {C: [C]}}
  validation: {prose: {web: [held_web]}, code: {C: [held_C]}}
model: {n_layer: 2, n_head: 2, n_kv_head: 1, d_model: 16}
blends:
  first: {prose: {weight: 0.7}, code: {weight: 0.3}}
  second: {prose: {weight: 0.4}, code: {weight: 0.6}}
phases:
  - name: ramp
    tokens: 160                      # 10 samples: 5 steps
    batch: 2
    blend: first
    learning_rate: [{shape: linear, tokens: 64, start: 0, end: 0.01}, {shape: cosine, end: 0.001}]
  - {name: main, tokens: 320, batch: 3, blend: second}        # 20 samples: 7 steps, one sample beyond its tokens
execution: {precision: fp32, micro_batch: 1, loss_chunk: 32}
checkpoints: {every_tokens: 128, every_minutes: null}
validation: {every_tokens: 256}
"""
STEPS = 12
ENDS = (2, 4, 6, 8, 10, 13, 16, 19, 22, 25, 28, 31)
"""Samples seen after each step."""


def token_files(folder: Path) -> None:
    """Text of a kind: ids that mostly follow the one before."""
    random = np.random.default_rng(5)
    for name, tokens in {"books": 300, "web": 200, "C": 250, "held_web": 40, "held_C": 70}.items():
        ids = (np.cumsum(random.integers(0, 3, tokens)) % VOCABULARY).tolist()
        write_shard(folder / name, [ids[: tokens // 2], ids[tokens // 2 :]], "<u2")


def small_plan(folder: Path, *settings: str) -> Plan:
    """The plan, whose tokens are in `folder`."""
    if not (folder / "books.bin").exists():
        token_files(folder)
    return loads(PLAN, str(folder / "plan.yaml"), settings)


@dataclass
class StopAfter(StopRequest):
    """A Ctrl-C that comes during a step."""

    run: Training | None = None
    step: int = STEPS

    @property
    def exit_code(self) -> int | None:
        assert self.run is not None
        return 130 if self.run.step >= self.step else None


def trained(folder: Path, root: Path, *settings: str, threads: int = 1) -> int:
    """Run the plan to its end, in this process; the exit code."""
    return run(small_plan(folder, *settings), root=str(root), threads=threads, console=quiet())


def train_until(folder: Path, root: Path, step: int, *settings: str) -> int:
    """Run the plan, and stop it during a step."""
    with closing(opened(folder, root, *settings)) as training, training.progress:
        return train(training, StopAfter(run=training, step=step))


def opened(folder: Path, root: Path, *settings: str) -> Training:
    """A run before its first step, or where its last checkpoint is."""
    torch.set_num_threads(1)
    output = root / "run"
    output.mkdir(parents=True, exist_ok=True)
    return assembled(small_plan(folder, *settings), output, str(root), False, quiet())


def quiet() -> Console:
    return Console(file=io.StringIO())


def told(root: Path, *kinds: str) -> list[dict[str, Any]]:
    """Lines of the log of these kinds, without what no two runs have in common."""
    times = {"time", "tokens_per_s", "step_seconds", "data_wait_seconds", "slowest"}
    found = [one for one in read_log(str(root / "run")) if one["kind"] in kinds]
    return [{key: value for key, value in one.items() if key not in times} for one in found]


def last_weights(root: Path) -> bytes:
    """The file of the last checkpoint's weights, and that of the moments."""
    folder = max((root / "run/checkpoints").glob("?" * 12))
    return (folder / "model.safetensors").read_bytes() + (folder / "optimizer.safetensors").read_bytes()
