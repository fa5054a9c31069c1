"""The loss on what is held out, per domain and unit: the same windows every time, summed in float64.

Suffixes: W windows of a unit, B rows of a micro batch, T = seq_len.
"""

from collections.abc import Sequence

import torch

from trainer.attention import document_numbers
from trainer.corpus import Corpus
from trainer.loss import IGNORED, token_losses
from trainer.model import Transformer
from trainer.parallel import release
from trainer.plan import Execution
from trainer.processes.world import ALONE, World
from trainer.running.figures import Figures, Measured
from trainer.tokens.validation_windows import ValidationUnit, validation_windows


def validate(
    model: Transformer, corpus: Corpus, units: Sequence[ValidationUnit], execution: Execution, world: World = ALONE
) -> Measured:
    """Measure all units; processes share the windows of each. Raises RunError for files that have changed."""
    measured: dict[str, dict[str, Figures]] = {}
    for unit in units:
        measured.setdefault(unit.domain, {})[unit.unit] = validate_unit(model, corpus, unit, execution, world)
    release(model)
    return measured


@torch.no_grad()
def validate_unit(
    model: Transformer, corpus: Corpus, unit: ValidationUnit, execution: Execution, world: World = ALONE
) -> Figures:
    """Measure one."""
    windows = (torch.from_numpy(one) for one in validation_windows(corpus, unit))
    ids_WT, targets_WT = (_own(one, filler, world) for one, filler in zip(windows, (0, IGNORED), strict=True))
    nats, eos = torch.zeros((), dtype=torch.float64, device=world.device), corpus.sizes.eos
    for rows_BT, targets_BT in zip(
        torch.split(ids_WT, execution.micro_batch), torch.split(targets_WT, execution.micro_batch), strict=True
    ):
        ids_BT = rows_BT.to(model.head.weight.device)
        documents_BT = document_numbers(ids_BT, eos) if execution.document_mask and eos is not None else None
        hidden_BTD = model(ids_BT, documents_BT)
        targets_N = targets_BT.to(model.head.weight.device).flatten()
        losses_N = token_losses(hidden_BTD.flatten(0, 1), model.head.weight, targets_N, execution.loss_chunk)
        nats += losses_N.sum(dtype=torch.float64)
    return Figures(float(world.sum(nats)), unit.targets, unit.bytes)


def _own(windows_WT: torch.Tensor, filler: int, world: World) -> torch.Tensor:
    """The windows of this process, as many as every other has: the last may get some that do not count."""
    each = -(-len(windows_WT) // world.degrees.data)
    own_WT = windows_WT[world.data_rank * each :][:each]
    padding_WT = windows_WT.new_full((each - len(own_WT), windows_WT.shape[1]), filler)
    return torch.cat([own_WT, padding_WT]) if len(padding_WT) else own_WT
