"""Matrix products of the blocks in 8-bit floats, by torchao (extra `fp8`): written for Hopper, on no GPU measured.

Inputs, weights and gradients are scaled by the largest number of each row (e4m3, scales powers of 2) just before a
product and kept in bf16 otherwise; weights and moments stay fp32. Embeddings, norms and the loss are as they were.
Scales of rows need nothing of other GPUs, so any mesh may follow; the price is that FSDP gathers weights in bf16.
"""

from dataclasses import replace

import torch

from datapipe.output import RunError
from trainer.model import Transformer

ABLE = (8, 9)
"""Compute capability of the first GPUs with such products (Ada; Hopper is 9.0)."""


def to_float8(model: Transformer, emulate: bool = False) -> None:
    """Before anything else is applied to the model; parameters stay those that they are. Raises RunError on a device
    that has no such products, unless they are to be computed in fp32 from numbers that were rounded to 8 bits."""
    if not emulate:
        _check_gpu()
    from torchao.float8 import Float8LinearConfig, convert_to_float8_training

    settings = replace(Float8LinearConfig.from_recipe_name("rowwise"), emulate=emulate)
    for block in model.blocks:
        convert_to_float8_training(block, config=settings)


def _check_gpu() -> None:
    needed = ".".join(map(str, ABLE))
    if not torch.cuda.is_available():
        raise RunError(f"execution.fp8 needs a GPU of compute capability {needed} or above, and there is no GPU")
    found = torch.cuda.get_device_capability()
    if found < ABLE:
        raise RunError(
            f"execution.fp8 needs a GPU of compute capability {needed} or above: "
            f"{torch.cuda.get_device_name()} has {found[0]}.{found[1]}"
        )
