"""AdamW with the learning rate given at every step, decay on matrices only, and gradients clipped by their norm."""

import math
from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.distributed.tensor import DTensor
from torch.nn.utils import clip_grads_with_norm_, get_total_norm

from trainer.plan import Optimizer


def build_optimizer(model: nn.Module, settings: Optimizer) -> torch.optim.AdamW:
    """AdamW on all parameters. Matrices decay, embeddings among them; vectors, which are those of norms, do not. Its
    rate is 0 until `update` sets it: what a checkpoint stores has none."""
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    groups = [
        {"params": [one for one in parameters if one.ndim >= 2], "weight_decay": settings.weight_decay},
        {"params": [one for one in parameters if one.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=0.0, betas=settings.betas, eps=settings.eps, fused=True)


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Let the next step have this learning rate."""
    for group in optimizer.param_groups:
        group["lr"] = rate


def clip(parameters: Iterable[Tensor], largest: float) -> float:
    """Scale gradients down to a common norm of at most `largest`; the norm before. They stay as they are where it is
    not finite."""
    owners = [one for one in parameters if one.grad is not None]
    norm = get_total_norm([one.grad for one in owners if one.grad is not None])
    if isinstance(norm, DTensor):  # its parts are those of one process's gradients
        norm = norm.full_tensor()
    found = float(norm)
    if math.isfinite(found) and found > largest:
        clip_grads_with_norm_(owners, largest, norm)
    return found


def update(model: nn.Module, optimizer: torch.optim.Optimizer, rate: float, largest: float) -> float:
    """One step at `rate` with gradients clipped to `largest`; their norm before. Where it is not finite, weights and
    moments stay as they are. Gradients are cleared either way."""
    norm = clip(model.parameters(), largest)
    if math.isfinite(norm):
        set_rate(optimizer, rate)
        optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return norm
