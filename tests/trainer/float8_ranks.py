"""What each of two processes does in `test_float8.py`: steps of a small model on two meshes, products in 8 bits."""

import dataclasses
import json
from pathlib import Path

import torch

from tests.trainer.parallel.launch import mesh_of
from tests.trainer.small_models import SMALL, random_ids
from trainer.float8 import to_float8
from trainer.model import Transformer
from trainer.optim import build_optimizer
from trainer.parallel import initialize_weights, parallelize
from trainer.plan import Execution, Optimizer
from trainer.processes.world import leave
from trainer.running.step import train_step

SHAPE = dataclasses.replace(SMALL, vocab_size=96)
STEPS = 6


def losses(execution: Execution, is_float8: bool) -> list[float]:
    """Of some steps on the mesh that the plan makes of all processes."""
    world = mesh_of(execution)
    with torch.device("meta"):
        model = Transformer(SHAPE, torch.bfloat16)
    if is_float8:
        to_float8(model, emulate=True)
    parallelize(model, world.mesh, execution)
    model.to_empty(device="cpu")
    initialize_weights(model, 1)
    optimizer = build_optimizer(model, Optimizer())
    rows = random_ids(4, 33, SHAPE.vocab_size).chunk(world.degrees.data)[world.data_rank]
    steps = [train_step(model, optimizer, rows, 1e-3, Optimizer(), execution, None, world) for _ in range(STEPS)]
    return [step.loss for step in steps]


if __name__ == "__main__":
    import sys

    found = {
        "shards": losses(Execution(micro_batch=2, recompute=True), True),
        "tensor": losses(Execution(micro_batch=2, tensor_parallel=2), True),
    }
    Path(sys.argv[1]).with_suffix(f".{torch.distributed.get_rank()}").write_text(json.dumps(found))
    leave()
