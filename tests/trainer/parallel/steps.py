"""A few steps on random rows, with any switch of the plan on, and all that can be compared of them."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from tests.trainer.small_models import random_ids
from trainer.device import DTYPES
from trainer.model import Transformer
from trainer.optim import build_optimizer
from trainer.parallel import initialize_weights, parallelize, shard_weights, share_layers, whole
from trainer.plan import Execution, Optimizer
from trainer.processes.world import ALONE, World
from trainer.running.blocks import compile_blocks, recompute_blocks
from trainer.running.step import train_step
from trainer.shapes import Shape

SHAPE = Shape(n_layer=2, n_head=4, n_kv_head=2, d_model=32, d_ff=64, d_head=8, vocab_size=50, init_std=0.1)
ROWS, TOKENS, EOS, RATE, STEPS = 8, 16, 7, 1e-3, 3


@dataclass(frozen=True)
class Case:
    """What is switched on."""

    execution: Execution
    shape: Shape = SHAPE
    z_loss: float = 0.0
    clip: float = 1.0
    is_traced: bool = False
    """Blocks are compiled: as `execution.compile` does, but for the backend, which takes a minute."""


@dataclass
class Found:
    """What steps came to."""

    losses: list[float] = field(default_factory=list)
    norms: list[float] = field(default_factory=list)
    gradients: list[dict[str, np.ndarray]] = field(default_factory=list)
    """Whole."""
    weights: dict[str, np.ndarray] = field(default_factory=dict)
    """After the last step, whole."""


def built(case: Case, world: World) -> tuple[Transformer, torch.optim.AdamW]:
    """A model as a run has it."""
    with torch.device("meta"):
        model = Transformer(case.shape, DTYPES[case.execution.precision])
    if case.is_traced:
        apply_traced(model, case.execution, world)
    else:
        parallelize(model, world.mesh, case.execution)
    model.to_empty(device="cpu")
    initialize_weights(model, 3)
    return model, build_optimizer(model, Optimizer())


def apply_traced(model: Transformer, execution: Execution, world: World) -> None:
    """In the order of `parallelize`."""
    if world.degrees.tensor > 1 and world.mesh is not None:
        share_layers(model, world.mesh["tensor"])
    if execution.recompute:
        recompute_blocks(model)
    compile_blocks(model, "aot_eager")
    if world.degrees.data > 1 and world.mesh is not None:
        shard_weights(model, world.mesh)


def stepped(case: Case, world: World = ALONE, before: Callable[[Transformer, int], None] | None = None) -> Found:
    """Take the steps; `before` each it may do something to the model."""
    model, optimizer = built(case, world)
    found, settings = Found(), Optimizer(z_loss=case.z_loss, clip=case.clip)

    def updated(*unused: object) -> None:
        found.gradients.append(
            {name: numbers(one.grad) for name, one in model.named_parameters() if one.grad is not None}
        )

    optimizer.register_step_pre_hook(updated)
    each = ROWS // world.degrees.data
    for step in range(STEPS):
        rows_NS = random_ids(ROWS, TOKENS + 1, case.shape.vocab_size, seed=step)[world.data_rank * each :][:each]
        if before is not None:
            before(model, step)
        result = train_step(model, optimizer, rows_NS, RATE, settings, case.execution, EOS, world)
        found.losses.append(result.loss)
        found.norms.append(result.grad_norm)
    found.weights = {name: numbers(one) for name, one in model.named_parameters()}
    return found


def numbers(tensor: Tensor) -> np.ndarray:
    """All of them, copied."""
    return whole(tensor.detach()).float().numpy().copy()
