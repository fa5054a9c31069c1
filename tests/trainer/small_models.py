"""Models small enough for tests, and what they are compared by."""

import dataclasses

import torch
from torch import Tensor

from trainer.model import Transformer
from trainer.shapes import Shape

torch.set_num_threads(1)

SMALL = Shape(n_layer=2, n_head=4, n_kv_head=2, d_model=64, d_ff=256, d_head=16, vocab_size=97)
"""Grouped queries, half of each head rotated, biased norms, as the large model has them."""
RMS = dataclasses.replace(SMALL, norm="rms_norm")


def small_model(shape: Shape = SMALL, dtype: torch.dtype = torch.float32, seed: int = 1) -> Transformer:
    """With weights as training starts with them."""
    model = Transformer(shape, dtype)
    model.init_weights(seed)
    return model


def random_model(shape: Shape = SMALL, dtype: torch.dtype = torch.float32, std: float = 0.2) -> Transformer:
    """With every weight drawn, norms too: nothing is hidden by a zero, and what tokens see changes what they are."""
    model = small_model(shape, dtype)
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for weight in model.parameters():
            weight.normal_(0, std, generator=generator)
    return model


def random_ids(rows: int, tokens: int, vocab_size: int = SMALL.vocab_size, seed: int = 9) -> Tensor:
    """Ids drawn evenly, int64 (rows, tokens)."""
    return torch.randint(vocab_size, (rows, tokens), generator=torch.Generator().manual_seed(seed))


def gradients(model: Transformer) -> dict[str, Tensor]:
    """Of every parameter; what has none fails."""
    found = {name: weight.grad for name, weight in model.named_parameters()}
    assert [name for name, gradient in found.items() if gradient is None] == []
    return {name: gradient.clone() for name, gradient in found.items() if gradient is not None}
