"""What we say a token costs is what torch counts."""

import dataclasses

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from tests.trainer.small_models import RMS, SMALL
from trainer.model import Transformer
from trainer.shapes import NEMOTRON4_15B, Shape

SHAPES = [SMALL, RMS, dataclasses.replace(SMALL, n_layer=1, n_kv_head=4, d_head=32, d_ff=100)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seq_len", [16, 48])
def test_torch_counts_the_same_flops(shape: Shape, seq_len: int) -> None:
    """By plain attention: torch's counter does not see into the others on CPUs. On the meta device: nothing runs."""
    with torch.device("meta"):
        model, ids = Transformer(shape), torch.zeros(3, seq_len, dtype=torch.int64)
    counter = FlopCounterMode(display=False)
    with sdpa_kernel(SDPBackend.MATH), counter:
        model.logits(model(ids)).sum().backward()
    assert counter.get_total_flops() == 3 * seq_len * shape.flops_per_token(seq_len)


def test_torch_counts_the_same_flops_of_nemotron4() -> None:
    with torch.device("meta"):
        model, ids = Transformer(NEMOTRON4_15B), torch.zeros(1, 4096, dtype=torch.int64)
    counter = FlopCounterMode(display=False)
    with sdpa_kernel(SDPBackend.MATH), counter:
        model.logits(model(ids)).sum().backward()
    assert counter.get_total_flops() == 4096 * 93_994_352_640
