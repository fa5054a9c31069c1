"""Ways to run a model's blocks, applied from outside: parameters keep their names, and results stay the same."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch.utils.checkpoint import checkpoint

from trainer.model import Transformer


def recompute_blocks(model: Transformer) -> None:
    """Keep only the input of each block for the backward pass, which computes the rest again. After `compile_blocks`,
    where both are: the compiler leaves alone what begins in checkpointing."""
    for block in model.blocks:
        # Blocks draw no random numbers: their state need not be kept.
        block.forward = partial(checkpoint, block.forward, use_reentrant=False, preserve_rng_state=False)


def compile_blocks(model: Transformer, backend: str | Callable[..., Any] = "inductor") -> None:
    """Compile each block by itself: equal blocks share what was compiled."""
    for block in model.blocks:
        block.forward = torch.compile(block.forward, backend=backend)
