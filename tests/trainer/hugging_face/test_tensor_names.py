"""The names of tensors here and at Hugging Face stand for the same ones."""

import torch

from trainer.hugging_face.tensor_names import names, sizes
from trainer.shapes import NEMOTRON4_15B, Shape

SMALL = Shape(n_layer=2, n_head=4, n_kv_head=2, d_model=32, d_ff=48, d_head=12, vocab_size=64)


def test_ours_are_those_of_the_model() -> None:
    from trainer.model import Transformer

    with torch.device("meta"):
        model = Transformer(SMALL)
    assert sizes(SMALL) == {name: tuple(weight.shape) for name, weight in model.named_parameters()}


def test_theirs_are_those_of_transformers_with_the_same_sizes() -> None:
    from transformers import NemotronConfig, NemotronForCausalLM

    from trainer.hugging_face.config import config

    with torch.device("meta"):
        theirs = NemotronForCausalLM(NemotronConfig(**config(SMALL, 128, "fp32", None, 3, None)))
    expected = {name: tuple(weight.shape) for name, weight in theirs.named_parameters()}
    assert {names(SMALL)[name]: size for name, size in sizes(SMALL).items()} == expected


def test_the_sizes_of_the_15b_add_up_to_its_parameters() -> None:
    counted = sum(size[0] * (size[1] if len(size) > 1 else 1) for size in sizes(NEMOTRON4_15B).values())
    assert counted == NEMOTRON4_15B.parameters == 15_628_775_424
