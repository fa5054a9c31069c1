"""Cross-entropy against a large vocabulary without its logits: a few tokens' at a time, gradients at once.

The weight may be one process's part of the vocabulary (a DTensor sharded over its rows): every process of the group has
the same hidden states, and gets the whole loss, the gradient of its part of the weight, and of the hidden states that
part of the gradient that its pieces make. Two small sums per chunk are all that is exchanged.

Suffixes: N tokens, C tokens of a chunk, D width of the residual stream, V pieces: those here.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed.tensor import DTensor

IGNORED = -100
"""Targets that count for nothing."""
WIDENED = 8192
"""Rows of the weight's gradient that exist in the dtype of products too."""


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
    part, weight_VD = _part(weight_VD)
    if count is None:
        count = (targets_N != IGNORED).sum().clamp(min=1)
    if not torch.is_grad_enabled():
        return _losses(hidden_ND, weight_VD, targets_N, chunk, z_loss, part).sum() / count
    scale = torch.as_tensor(1.0 / count, dtype=torch.float32, device=hidden_ND.device)
    loss: Tensor = _ChunkedLoss.apply(hidden_ND, weight_VD, targets_N, chunk, z_loss, scale, part)  # type: ignore[no-untyped-call]
    return loss


@torch.no_grad()
def token_losses(hidden_ND: Tensor, weight_VD: Tensor, targets_N: Tensor, chunk: int = 1024) -> Tensor:
    """The loss in nats of every token, fp32 (N); 0 where the target is ignored."""
    part, weight_VD = _part(weight_VD)
    return _losses(hidden_ND, weight_VD, targets_N, chunk, 0.0, part)


@dataclass(frozen=True)
class _Part:
    """Which rows of the vocabulary's matrix this process has."""

    first: int
    """The id of its first piece."""
    group: dist.ProcessGroup
    """Those who have the others."""


def _part(weight_VD: Tensor) -> tuple[_Part | None, Tensor]:
    """What of the vocabulary is here: None where all of it is."""
    if not isinstance(weight_VD, DTensor):
        return None, weight_VD
    mesh = weight_VD.device_mesh
    rows = weight_VD.shape[0] // mesh.size()
    return _Part(mesh.get_local_rank() * rows, mesh.get_group()), weight_VD.to_local()


def _losses(
    hidden_ND: Tensor, weight_VD: Tensor, targets_N: Tensor, chunk: int, z_loss: float, part: _Part | None
) -> Tensor:
    chunks = _Chunks(hidden_ND, weight_VD, chunk, part)
    losses = [chunks.log_softmax(rows, targets_N[rows], z_loss)[1] for rows in chunks.slices]
    return torch.cat(losses)


class _ChunkedLoss(torch.autograd.Function):
    """The forward pass computes the gradients too, while a chunk's logits are there; the backward pass scales them."""

    @staticmethod
    def forward(
        ctx: Any,
        hidden_ND: Tensor,
        weight_VD: Tensor,
        targets_N: Tensor,
        chunk: int,
        z_loss: float,
        scale: Tensor,
        part: _Part | None,
    ) -> Tensor:
        wants_hidden, wants_weight = ctx.needs_input_grad[:2]
        chunks = _Chunks(hidden_ND, weight_VD, chunk, part)
        hidden_gradient_ND = torch.empty_like(hidden_ND) if wants_hidden else None
        weight_gradient_VD = torch.empty_like(weight_VD) if wants_weight else None
        total = torch.zeros((), dtype=torch.float32, device=hidden_ND.device)
        for rows in chunks.slices:
            log_CV, losses_C, normalisers_C = chunks.log_softmax(rows, targets_N[rows], z_loss)
            total += losses_C.sum()
            gradient_CV = chunks.logit_gradient(log_CV, targets_N[rows], 1 + 2 * z_loss * normalisers_C, scale)
            if hidden_gradient_ND is not None:
                torch.mm(gradient_CV, chunks.weight_VD, out=hidden_gradient_ND[rows])
            if weight_gradient_VD is not None:
                _add_product(weight_gradient_VD, gradient_CV.T, hidden_ND[rows], first=rows.start == 0)
        ctx.gradients = (hidden_gradient_ND, weight_gradient_VD)
        return total * scale

    @staticmethod
    def backward(ctx: Any, *above: Tensor) -> tuple[Tensor | None, ...]:
        hidden_gradient_ND, weight_gradient_VD = ctx.gradients
        del ctx.gradients  # a second backward pass would scale them twice: it raises AttributeError instead
        return (
            None if hidden_gradient_ND is None else hidden_gradient_ND.mul_(above[0]),
            None if weight_gradient_VD is None else weight_gradient_VD.mul_(above[0]),
            *(None,) * 5,
        )


class _Chunks:
    """Room for the logits of one chunk, used for all of them, in the dtype of products and in fp32."""

    def __init__(self, hidden_ND: Tensor, weight_VD: Tensor, chunk: int, part: _Part | None):
        self.part = part
        self.hidden_ND, self.weight_VD = hidden_ND, weight_VD.to(hidden_ND.dtype)
        tokens = len(hidden_ND)
        self.slices = [slice(start, min(start + chunk, tokens)) for start in range(0, max(tokens, 1), chunk)]
        sizes = (min(chunk, tokens), len(weight_VD))
        self.product_CV = hidden_ND.new_empty(sizes)
        exact = hidden_ND.dtype == torch.float32
        self.logits_CV = self.product_CV if exact else hidden_ND.new_empty(sizes, dtype=torch.float32)

    def log_softmax(self, rows: slice, targets_C: Tensor, z_loss: float) -> tuple[Tensor, Tensor, Tensor]:
        """Log-probabilities (C, V), losses (C) and log-normalisers (C) of a chunk, fp32."""
        product_CV, logits_CV = self.product_CV[: len(targets_C)], self.logits_CV[: len(targets_C)]
        torch.mm(self.hidden_ND[rows], self.weight_VD.T, out=product_CV)
        if product_CV.dtype != torch.float32:
            logits_CV.copy_(product_CV)
        normalise = _log_softmax if self.part is None else partial(_log_softmax_of_parts, self.part)
        log_targets_C, normalisers_C = normalise(logits_CV, targets_C)
        losses_C = z_loss * normalisers_C.square() - log_targets_C
        return logits_CV, losses_C.where(targets_C != IGNORED, 0.0), normalisers_C

    def logit_gradient(self, log_CV: Tensor, targets_C: Tensor, weights_C: Tensor, scale: Tensor) -> Tensor:
        """scale x (weight x probability - 1 at the target), in place of the log-probabilities and then of products."""
        here_C, places_C1 = _places(targets_C, self.part, log_CV.shape[1])
        scales_C = torch.where(targets_C != IGNORED, scale, 0.0)
        gradient_CV = log_CV.exp_().mul_((scales_C * weights_C)[:, None])
        # Not scatter_add_, for which GPUs have no deterministic kernel.
        ones_C1 = torch.where(here_C, scales_C, 0.0)[:, None]
        gradient_CV.scatter_(1, places_C1, gradient_CV.gather(1, places_C1) - ones_C1)
        if self.product_CV.dtype == torch.float32:
            return gradient_CV
        return self.product_CV[: len(targets_C)].copy_(gradient_CV)


def _log_softmax(logits_CV: Tensor, targets_C: Tensor) -> tuple[Tensor, Tensor]:
    """Log-probabilities in place of logits; those of the targets and the log-normalisers, C."""
    _, places_C1 = _places(targets_C)
    target_logits_C1 = logits_CV.gather(1, places_C1)
    torch.log_softmax(logits_CV, 1, out=logits_CV)
    log_targets_C1 = logits_CV.gather(1, places_C1)
    return log_targets_C1[:, 0], (target_logits_C1 - log_targets_C1)[:, 0]


def _log_softmax_of_parts(part: _Part, logits_CV: Tensor, targets_C: Tensor) -> tuple[Tensor, Tensor]:
    """The same where other processes have the other pieces."""
    here_C, places_C1 = _places(targets_C, part, logits_CV.shape[1])
    largest_C = logits_CV.amax(1)
    dist.all_reduce(largest_C, dist.ReduceOp.MAX, part.group)
    logits_CV.sub_(largest_C[:, None])
    sums_2C = torch.stack([logits_CV.exp().sum(1), logits_CV.gather(1, places_C1)[:, 0].where(here_C, 0.0)])
    dist.all_reduce(sums_2C, group=part.group)
    log_sums_C = sums_2C[0].log()
    logits_CV.sub_(log_sums_C[:, None])
    return sums_2C[1] - log_sums_C, largest_C + log_sums_C


def _places(targets_C: Tensor, part: _Part | None = None, pieces: int = 0) -> tuple[Tensor, Tensor]:
    """Which targets count and are among the `pieces` here; their columns, int64 (C, 1), 0 for the others."""
    here_C = targets_C != IGNORED
    if part is not None:
        here_C = here_C & (targets_C >= part.first) & (targets_C < part.first + pieces)
        targets_C = targets_C - part.first
    return here_C, targets_C.where(here_C, 0).long()[:, None]


def _add_product(total_VD: Tensor, left_VC: Tensor, right_CD: Tensor, first: bool) -> None:
    """Add a product to an fp32 total, a few rows at a time where it has to be widened; the `first` takes the place of
    what stands there."""
    if left_VC.dtype == total_VD.dtype:
        total_VD.addmm_(left_VC, right_CD, beta=0 if first else 1)
        return
    for rows_PD, left_PC in zip(torch.split(total_VD, WIDENED), torch.split(left_VC, WIDENED), strict=True):
        product_PD = left_PC @ right_CD
        if first:
            rows_PD.copy_(product_PD)
        else:
            rows_PD += product_PD
