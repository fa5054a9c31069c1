"""Our model and transformers' NemotronForCausalLM compute the same."""

import dataclasses

import pytest
import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel
from transformers import NemotronConfig, NemotronForCausalLM

from tests.trainer.small_models import SMALL, random_ids, random_model
from trainer.hugging_face.config import config
from trainer.hugging_face.tensor_names import names
from trainer.model import Transformer
from trainer.shapes import Shape


def their_model(model: Transformer, attention: str = "sdpa") -> NemotronForCausalLM:
    """transformers' model with the weights of ours."""
    said = NemotronConfig(**config(model.shape, 512, "fp32", None, None, None))
    theirs = NemotronForCausalLM._from_config(said, attn_implementation=attention)
    name_there = names(model.shape)
    theirs.load_state_dict({name_there[name]: weight for name, weight in model.state_dict().items()}, strict=True)
    return theirs


def largest_difference(one: Tensor, other: Tensor) -> float:
    return (one - other).abs().max().item()


def root_mean_square(difference: Tensor) -> float:
    return difference.square().mean().sqrt().item()


SHAPES = {
    "grouped queries": SMALL,
    "a key head per query head": dataclasses.replace(SMALL, n_kv_head=4),
    "one key head": dataclasses.replace(SMALL, n_kv_head=1),
    "a quarter rotated": dataclasses.replace(SMALL, rope_fraction=0.25),
    "whole heads rotated, another base": dataclasses.replace(SMALL, rope_fraction=1.0, rope_base=500.0),
    "heads wider than the stream": dataclasses.replace(SMALL, d_head=32, norm_eps=1e-3),
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
@pytest.mark.parametrize("kernel", [SDPBackend.MATH, SDPBackend.FLASH_ATTENTION], ids=["math", "flash"])
def test_logits_are_theirs_to_the_bit_on_the_same_attention_path(shape: Shape, kernel: SDPBackend) -> None:
    model, ids = random_model(shape), random_ids(2, 48)
    theirs = their_model(model)
    with torch.no_grad(), sdpa_kernel(kernel):
        logits = model.logits(model(ids))
        assert largest_difference(logits, theirs(ids).logits) == 0.0
    assert logits.std() > 0.5  # of weights that matter


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_logits_are_theirs_within_rounding_on_another_path(shape: Shape) -> None:
    model, ids = random_model(shape, std=0.05), random_ids(2, 48)
    with torch.no_grad():
        assert largest_difference(model.logits(model(ids)), their_model(model, "eager")(ids).logits) <= 1e-5


def test_gradients_are_theirs() -> None:
    model, ids = random_model(std=0.05), random_ids(2, 48)
    theirs = their_model(model)
    model.logits(model(ids)).square().mean().backward()
    theirs(ids).logits.square().mean().backward()
    found, name_there = dict(theirs.named_parameters()), names(SMALL)
    for name, weight in model.named_parameters():
        torch.testing.assert_close(weight.grad, found[name_there[name]].grad, atol=1e-7, rtol=1e-4)


def test_in_bf16_it_is_as_near_to_fp32_as_theirs() -> None:
    model, half, ids = random_model(), random_model(dtype=torch.bfloat16), random_ids(4, 48)
    theirs = their_model(model).bfloat16()
    with torch.no_grad():
        exact, ours, other = model.logits(model(ids)), half.logits(half(ids)), theirs(ids).logits
    assert 0 < root_mean_square(ours - exact) <= root_mean_square(other - exact) < 0.1 * exact.std().item()
