"""The loss on what is held out, per domain and unit: the same windows every time, summed in float64.

Suffixes: W windows of a unit, B rows of a micro batch, T = seq_len.
"""

from collections.abc import Sequence

import torch

from trainer.attention import document_numbers
from trainer.corpus import Corpus
from trainer.loss import token_losses
from trainer.model import Transformer
from trainer.plan import Execution
from trainer.running.figures import Figures, Measured
from trainer.tokens.validation_windows import ValidationUnit, validation_windows


def validate(model: Transformer, corpus: Corpus, units: Sequence[ValidationUnit], execution: Execution) -> Measured:
    """Measure all units. Raises RunError for files that have changed."""
    measured: dict[str, dict[str, Figures]] = {}
    for unit in units:
        measured.setdefault(unit.domain, {})[unit.unit] = validate_unit(model, corpus, unit, execution)
    return measured


@torch.no_grad()
def validate_unit(model: Transformer, corpus: Corpus, unit: ValidationUnit, execution: Execution) -> Figures:
    """Measure one."""
    ids_WT, targets_WT = (torch.from_numpy(one) for one in validation_windows(corpus, unit))
    nats, eos = 0.0, corpus.sizes.eos
    for rows_BT, targets_BT in zip(
        torch.split(ids_WT, execution.micro_batch), torch.split(targets_WT, execution.micro_batch), strict=True
    ):
        ids_BT = rows_BT.to(model.head.weight.device)
        documents_BT = document_numbers(ids_BT, eos) if execution.document_mask and eos is not None else None
        hidden_BTD = model(ids_BT, documents_BT)
        targets_N = targets_BT.to(model.head.weight.device).flatten()
        losses_N = token_losses(hidden_BTD.flatten(0, 1), model.head.weight, targets_N, execution.loss_chunk)
        nats += float(losses_N.sum(dtype=torch.float64))
    return Figures(nats, unit.targets, unit.bytes)
