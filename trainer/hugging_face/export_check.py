"""Whether an exported folder is our model: transformers loads it, and both compute logits. Needs transformers."""

from pathlib import Path

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from transformers import AutoModelForCausalLM

from trainer.device import DTYPES
from trainer.generating.saved_model import SavedModel, transformer

ROWS, TOKENS = 2, 64
"""Of random ids."""


@torch.inference_mode()
def largest_difference(folder: Path, saved: SavedModel, dtype: str) -> tuple[float, float]:
    """Of any logit of random ids, and the largest logit. Activations and attention are the same on both sides: fp32 on
    the CPU. Takes the memory of two models in fp32."""
    theirs = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="sdpa")
    ours = transformer(saved, "fp32", "cpu")
    for weight in ours.parameters():
        weight.data = weight.to(DTYPES[dtype]).float()  # as it was written
    shape = saved.record.terms.shape
    tokens = min(TOKENS, saved.seq_len)
    ids_BT = torch.randint(shape.vocab_size, (ROWS, tokens), generator=torch.Generator().manual_seed(0))
    with sdpa_kernel(SDPBackend.MATH):
        expected_BTV = ours.logits(ours(ids_BT))
        difference_BTV = expected_BTV - theirs(ids_BT).logits
    return float(difference_BTV.abs().max()), float(expected_BTV.abs().max())
