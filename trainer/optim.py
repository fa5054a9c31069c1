"""AdamW with the learning rate given at every step, decay on matrices only, and gradients clipped by their norm."""

import math
from collections.abc import Iterable

import torch
import torch.distributed as dist
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
    for one in owners:
        _add_parts(one)
    gradients = [one.grad for one in owners if one.grad is not None]
    parts = [one for one in gradients if isinstance(one, DTensor)]
    norm = _norm_of_parts(parts) if parts else get_total_norm(gradients)
    found = float(norm)
    if math.isfinite(found) and found > largest:
        clip_grads_with_norm_(owners, largest, norm)
    return found


def _add_parts(weight: Tensor) -> None:
    """A norm's gain has on each process the gradient by its part of the sequence, where only layers are shared."""
    gradient = weight.grad
    if isinstance(weight, DTensor) and isinstance(gradient, DTensor) and gradient.placements != weight.placements:
        weight.grad = gradient.redistribute(placements=weight.placements)


def _norm_of_parts(gradients: list[DTensor]) -> Tensor:
    """The norm of gradients whose parts many processes have; all of a model's are on one mesh. Squares are summed in
    float64, so that meshes which divide them otherwise come to the same number."""
    mesh = gradients[0].device_mesh
    total = torch.zeros((), dtype=torch.float64, device=gradients[0].device)
    for gradient in gradients:
        holders = math.prod(mesh.size(dim) for dim, one in enumerate(gradient.placements) if one.is_replicate())
        total += torch.linalg.vector_norm(gradient.to_local(), dtype=torch.float64).square() / holders
    for dim in range(mesh.ndim):
        dist.all_reduce(total, group=mesh.get_group(dim))
    return total.sqrt().float()


def update(model: nn.Module, optimizer: torch.optim.Optimizer, rate: float, largest: float) -> float:
    """One step at `rate` with gradients clipped to `largest`; their norm before. Where it is not finite, weights and
    moments stay as they are. Gradients are cleared either way."""
    norm = clip(model.parameters(), largest)
    if math.isfinite(norm):
        set_rate(optimizer, rate)
        optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return norm
