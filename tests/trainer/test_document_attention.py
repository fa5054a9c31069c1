"""Masked documents are separate documents, and the cheap way to mask them is the plain one."""

import pytest
import torch
from torch import Tensor

from tests.trainer.small_models import gradients, random_ids, random_model
from trainer.attention import causal, document_numbers, flex_documents, separate_documents
from trainer.model import Transformer

EOS = 3


def row_of(*lengths: int) -> list[int]:
    """Documents of these lengths, each ended by EOS and without it before."""
    ids = iter((random_ids(1, sum(lengths), 90)[0] + 4).tolist())
    return [token for length in lengths for token in [*(next(ids) for _ in range(length - 1)), EOS]]


ROWS = torch.tensor([row_of(5, 1, 10, 8), row_of(24), row_of(1, 1, 22), row_of(12, 12)])
CUTS = [[5, 1, 10, 8], [24], [1, 1, 22], [12, 12]]


def documents() -> list[Tensor]:
    """Each by itself, as a row."""
    return [part[None] for row, cuts in zip(ROWS, CUTS, strict=True) for part in torch.split(row, cuts)]


def test_eos_belongs_to_the_document_that_it_ends() -> None:
    ids = torch.tensor([[7, 8, EOS, 9, EOS, EOS, 1], [EOS, 1, 1, 1, 1, 1, EOS]])
    assert document_numbers(ids, EOS).tolist() == [[0, 0, 0, 1, 1, 2, 3], [0, 1, 1, 1, 1, 1, 1]]


def test_masked_documents_have_the_hidden_states_of_separate_ones() -> None:
    model = random_model()
    with torch.no_grad():
        masked = model(ROWS, document_numbers(ROWS, EOS)).flatten(0, 1)
        separate = torch.cat([model(document)[0] for document in documents()])
        unmasked = model(ROWS).flatten(0, 1)
    torch.testing.assert_close(masked, separate, atol=1e-5, rtol=1e-5)
    assert not torch.allclose(unmasked, separate, atol=0.1)


def test_masked_documents_have_the_gradients_of_separate_ones() -> None:
    masked, separate = random_model(std=0.05), random_model(std=0.05)
    masked.logits(masked(ROWS, document_numbers(ROWS, EOS))).square().sum().backward()
    for document in documents():
        separate.logits(separate(document)).square().sum().backward()
    expected = gradients(separate)
    for name, gradient in gradients(masked).items():
        torch.testing.assert_close(gradient, expected[name], rtol=1e-4, atol=1e-5 * expected[name].abs().max().item())


@pytest.mark.filterwarnings("ignore:flex_attention called without torch.compile")
def test_flex_attention_finds_what_separate_documents_do() -> None:
    """Its forward pass: it has no backward one on CPUs."""
    generator = torch.Generator().manual_seed(2)
    query, key, value = (torch.randn(4, heads, 24, 16, generator=generator) for heads in (4, 2, 2))
    numbers = document_numbers(ROWS, EOS)
    found = flex_documents(numbers)(query, key, value)
    torch.testing.assert_close(found, separate_documents(numbers)(query, key, value), atol=1e-5, rtol=1e-5)


@pytest.mark.filterwarnings("ignore:flex_attention called without torch.compile")
def test_a_number_that_comes_again_is_another_document() -> None:
    generator = torch.Generator().manual_seed(2)
    states = [torch.randn(1, 2, 6, 8, generator=generator) for _ in range(3)]
    again, other = torch.tensor([[0, 0, 1, 1, 0, 0]]), torch.tensor([[0, 0, 1, 1, 2, 2]])
    for attend in (separate_documents, flex_documents):
        assert torch.equal(attend(again)(*states), attend(other)(*states))


def test_one_document_is_causal_attention() -> None:
    generator = torch.Generator().manual_seed(2)
    query, key, value = (torch.randn(2, heads, 24, 16, generator=generator) for heads in (4, 2, 2))
    numbers = torch.zeros(2, 24, dtype=torch.int32)
    assert torch.equal(separate_documents(numbers)(query, key, value), causal(query, key, value))


def test_documents_and_a_cache_exclude_each_other() -> None:
    from trainer.attention import Cache

    model: Transformer = random_model()
    with pytest.raises(ValueError, match="not both"):
        model(ROWS, document_numbers(ROWS, EOS), Cache(model.shape, 4, 24, torch.float32))
