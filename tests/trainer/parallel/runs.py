"""A run of the trainer on any mesh, and what can be compared of it: losses, norms, gradients, rows, validation."""

import io
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from torch import Tensor, nn

from tests.trainer.parallel.launch import mesh_of
from tests.trainer.token_files import write_shard
from trainer.load import loads
from trainer.parallel import whole
from trainer.plan import Plan
from trainer.processes.world import World
from trainer.running.assembly import assembled
from trainer.running.log import read_log
from trainer.running.stopping import StopRequest
from trainer.train import train

VOCABULARY = 48
PLAN = """
name: parallel
output: run
seq_len: 16
megatron:
  vocab_size: 48
  eos: 7
  units: {prose: {books: [books], web: [web]}, code: {C: [C]}}
  validation: {prose: {web: [held_web]}, code: {C: [held_C]}}
model: {n_layer: 2, n_head: 4, n_kv_head: 2, d_model: 32, d_ff: 64}
blends:
  first: {prose: {weight: 0.7}, code: {weight: 0.3}}
  second: {prose: {weight: 0.4}, code: {weight: 0.6}}
phases:
  - name: small                      # 20 steps
    tokens: 1280
    batch: 4
    blend: first
    learning_rate: [{shape: linear, tokens: 640, start: 0, end: 0.003}, {shape: cosine, end: 0.0003}]
  - {name: ramp, tokens: 1920, batch: 8, blend: first}       # 15 steps
  - {name: other, tokens: 1920, batch: 8, blend: second}     # 15 steps
execution: {precision: fp32, micro_batch: 1, loss_chunk: 32}
checkpoints: {every_minutes: null}
validation: {at_start: true, max_tokens: 200}
"""
STEPS = 50
SHORT = (
    "phases.0.tokens=128",
    "phases.1.tokens=256",
    "phases.2.tokens=256",
    "phases.0.learning_rate=[{shape: constant, start: 0.01}]",
)
"""The same edges in two steps of each phase: six."""


def token_files(folder: Path) -> None:
    """Ids that mostly follow the one before; every window differs from every other."""
    random = np.random.default_rng(5)
    for name, tokens in {"books": 3000, "web": 2000, "C": 2500, "held_web": 90, "held_C": 70}.items():
        ids = (np.cumsum(random.integers(0, 3, tokens)) % VOCABULARY).tolist()
        write_shard(folder / name, [ids[: tokens // 2], ids[tokens // 2 :]], "<u2")


def plan_of(folder: Path, *settings: str) -> Plan:
    """The plan, whose tokens are in `folder`."""
    return loads(PLAN, str(folder / "plan.yaml"), settings)


@dataclass
class Trace:
    """What one process saw of a run."""

    losses: list[float] = field(default_factory=list)
    norms: list[float] = field(default_factory=list)
    gradients: list[dict[str, np.ndarray]] = field(default_factory=list)
    """Whole ones, of every step, as the optimizer got them; of the first process."""
    rows: list[np.ndarray] = field(default_factory=list)
    """Of this process, of every step."""
    validations: list[object] = field(default_factory=list)
    """Of the first process."""


def traced(folder: Path, root: Path, settings: Sequence[str], world: World | None = None) -> Trace:
    """Run the plan, in this process or in all of a world."""
    plan, found = plan_of(folder, *settings), Trace()
    if world is None:
        world = mesh_of(plan.execution)
    root.mkdir(parents=True, exist_ok=True)
    seen: list[Tensor] = []
    console = Console(file=io.StringIO())
    with closing(assembled(plan, root / "run", str(root), False, console, world)) as run:

        def read(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            if torch.is_grad_enabled():
                seen.append(inputs[0].clone())

        def updated(*unused: object) -> None:
            found.rows.append(torch.cat(seen).numpy())
            seen.clear()
            of_all = {name: whole(one.grad) for name, one in run.model.named_parameters() if one.grad is not None}
            if world.is_first:
                found.gradients.append({name: one.numpy().copy() for name, one in of_all.items()})

        run.model.register_forward_pre_hook(read)
        run.optimizer.register_step_pre_hook(updated)
        assert train(run, StopRequest()) == 0
    if world.is_first:
        log = read_log(str(root / "run"))
        found.losses, found.norms = (
            [one[key] for one in log if one["kind"] == "step"] for key in ("loss", "grad_norm")
        )
        found.validations = [one["domains"] for one in log if one["kind"] == "validation"]
    return found
