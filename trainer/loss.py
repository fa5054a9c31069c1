"""Cross-entropy against a large vocabulary without its logits: a few tokens' at a time, gradients at once.

Suffixes: N tokens, C tokens of a chunk, D width of the residual stream, V pieces.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

IGNORED = -100
"""Targets that count for nothing."""


def linear_cross_entropy(
    hidden_ND: Tensor,
    weight_VD: Tensor,
    targets_N: Tensor,
    chunk: int = 1024,
    z_loss: float = 0.0,
    count: Tensor | int | None = None,
) -> Tensor:
    """The mean loss in nats, fp32, of predicting `targets_N` by softmax(hidden · weight), differentiable once.

    The sum over the targets is divided by `count`: those not ignored where nothing is said (0 targets have loss 0);
    that of the whole batch where it is computed in micro batches, whose losses then add up. `z_loss` adds so many times
    the squared log-normaliser. Products are in the dtype of `hidden_ND`, all else in fp32.
    """
    if count is None:
        count = (targets_N != IGNORED).sum().clamp(min=1)
    if not torch.is_grad_enabled():
        return _token_losses(hidden_ND, weight_VD, targets_N, chunk, z_loss).sum() / count
    scale = torch.as_tensor(1.0 / count, dtype=torch.float32, device=hidden_ND.device)
    loss: Tensor = _ChunkedLoss.apply(hidden_ND, weight_VD, targets_N, chunk, z_loss, scale)  # type: ignore[no-untyped-call]
    return loss


@torch.no_grad()
def token_losses(hidden_ND: Tensor, weight_VD: Tensor, targets_N: Tensor, chunk: int = 1024) -> Tensor:
    """The loss in nats of every token, fp32 (N); 0 where the target is ignored."""
    return _token_losses(hidden_ND, weight_VD, targets_N, chunk, 0.0)


def _token_losses(hidden_ND: Tensor, weight_VD: Tensor, targets_N: Tensor, chunk: int, z_loss: float) -> Tensor:
    weight_VD = weight_VD.to(hidden_ND.dtype)
    parts = zip(torch.split(hidden_ND, chunk), torch.split(targets_N, chunk), strict=True)
    return torch.cat([_log_softmax(part, weight_VD, targets, z_loss)[1] for part, targets in parts])


def _log_softmax(
    hidden_CD: Tensor, weight_VD: Tensor, targets_C: Tensor, z_loss: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Log-probabilities (C, V), losses (C) and log-normalisers (C) of a chunk, fp32."""
    logits_CV = F.linear(hidden_CD, weight_VD).float()
    counted_C = targets_C != IGNORED
    places_C1 = targets_C.where(counted_C, 0).long()[:, None]
    target_logits_C1 = logits_CV.gather(1, places_C1)
    torch.log_softmax(logits_CV, 1, out=logits_CV)
    log_targets_C1 = logits_CV.gather(1, places_C1)
    normalisers_C = (target_logits_C1 - log_targets_C1)[:, 0]
    losses_C = z_loss * normalisers_C.square() - log_targets_C1[:, 0]
    return logits_CV, losses_C.where(counted_C, 0.0), normalisers_C


class _ChunkedLoss(torch.autograd.Function):
    """The forward pass computes the gradients too, while a chunk's logits are there; the backward pass scales them."""

    @staticmethod
    def forward(
        ctx: Any, hidden_ND: Tensor, weight_VD: Tensor, targets_N: Tensor, chunk: int, z_loss: float, scale: Tensor
    ) -> Tensor:
        wants_hidden, wants_weight = ctx.needs_input_grad[:2]
        product_VD = weight_VD.to(hidden_ND.dtype)
        hidden_gradient_ND = torch.empty_like(hidden_ND) if wants_hidden else None
        weight_gradient_VD = torch.zeros_like(weight_VD) if wants_weight else None
        total = torch.zeros((), dtype=torch.float32, device=hidden_ND.device)
        for start in range(0, len(hidden_ND), chunk):
            rows = slice(start, start + chunk)
            logits_CV, losses_C, normalisers_C = _log_softmax(hidden_ND[rows], product_VD, targets_N[rows], z_loss)
            total += losses_C.sum()
            gradient_CV = _logit_gradient(logits_CV, targets_N[rows], normalisers_C, z_loss, scale)
            gradient_CV = gradient_CV.to(hidden_ND.dtype)
            if hidden_gradient_ND is not None:
                torch.mm(gradient_CV, product_VD, out=hidden_gradient_ND[rows])
            if weight_gradient_VD is not None:
                _add_product(weight_gradient_VD, gradient_CV.T, hidden_ND[rows])
        ctx.gradients = (hidden_gradient_ND, weight_gradient_VD)
        return total * scale

    @staticmethod
    def backward(ctx: Any, *above: Tensor) -> tuple[Tensor | None, ...]:
        hidden_gradient_ND, weight_gradient_VD = ctx.gradients
        del ctx.gradients  # a second backward pass would scale them twice: it raises AttributeError instead
        return (
            None if hidden_gradient_ND is None else hidden_gradient_ND.mul_(above[0]),
            None if weight_gradient_VD is None else weight_gradient_VD.mul_(above[0]),
            *(None,) * 4,
        )


def _logit_gradient(log_CV: Tensor, targets_C: Tensor, normalisers_C: Tensor, z_loss: float, scale: Tensor) -> Tensor:
    """The gradient of logits, in place of their log-probabilities."""
    counted_C = targets_C != IGNORED
    scales_C = torch.where(counted_C, scale, 0.0)
    gradient_CV = log_CV.exp_().mul_((scales_C * (1 + 2 * z_loss * normalisers_C))[:, None])
    return gradient_CV.scatter_add_(1, targets_C.where(counted_C, 0).long()[:, None], -scales_C[:, None])


def _add_product(total_VD: Tensor, left_VC: Tensor, right_CD: Tensor) -> None:
    """Add a product to an fp32 total: in one go where its factors are fp32 too."""
    if left_VC.dtype == total_VD.dtype:
        total_VD.addmm_(left_VC, right_CD)
    else:
        total_VD += left_VC @ right_CD
