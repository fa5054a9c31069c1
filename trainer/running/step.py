"""One optimiser step: the mean loss of all tokens of a batch, its gradient, an update.

Suffixes: N rows, S seq_len + 1 tokens of a window, B rows of a micro batch, T = seq_len.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from trainer.attention import document_numbers
from trainer.loss import linear_cross_entropy
from trainer.model import Transformer
from trainer.optim import update
from trainer.plan import Execution, Optimizer
from trainer.processes.world import ALONE, World


@dataclass(frozen=True)
class StepResult:
    """What a step came to."""

    loss: float
    """In nats: the mean over all tokens of the batch, before the update."""
    grad_norm: float
    """Of all parameters, before clipping."""

    @property
    def is_skipped(self) -> bool:
        """Whether the gradient was not finite, so that weights and moments are as they were."""
        return not math.isfinite(self.grad_norm)


def train_step(
    model: Transformer,
    optimizer: torch.optim.Optimizer,
    rows_NS: Tensor,
    rate: float,
    settings: Optimizer,
    execution: Execution,
    eos: int | None = None,
    world: World = ALONE,
) -> StepResult:
    """Update the model by the windows `rows_NS`, this process's part of the batch. Micro batches, of which the last may
    be smaller, change nothing but the order of sums: each is weighted by its tokens. `eos` ends documents, for
    `document_mask`."""
    tokens = rows_NS.shape[0] * (rows_NS.shape[1] - 1) * world.degrees.data
    loss = torch.zeros((), device=rows_NS.device)
    for rows_BS in torch.split(rows_NS, execution.micro_batch):
        part = micro_batch_loss(model, rows_BS, tokens, settings.z_loss, execution, eos)
        part.backward()  # type: ignore[no-untyped-call]
        loss += part.detach()
    world.sum(loss)
    norm = update(model, optimizer, rate, settings.clip)
    return StepResult(float(loss), norm)


def micro_batch_loss(
    model: Transformer, rows_BS: Tensor, tokens: int, z_loss: float, execution: Execution, eos: int | None
) -> Tensor:
    """What the rows add to the mean loss of `tokens` tokens."""
    ids_BT, targets_BT = rows_BS[:, :-1], rows_BS[:, 1:]
    documents_BT = document_numbers(ids_BT, eos) if execution.document_mask and eos is not None else None
    hidden_BTD = model(ids_BT, documents_BT)
    return linear_cross_entropy(
        hidden_BTD.flatten(0, 1), model.head.weight, targets_BT.flatten(), execution.loss_chunk, z_loss, tokens
    )
