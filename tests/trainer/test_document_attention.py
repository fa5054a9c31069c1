"""Masked documents are separate documents, and the cheap way to mask them is the plain one."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from datapipe.output import RunError
from tests.trainer.small_models import gradients, random_ids, random_model
from trainer.attention import (
    causal,
    check_document_kernel,
    document_numbers,
    document_starts,
    flex_documents,
    packed_documents,
    separate_documents,
    varlen_kernel,
)
from trainer.model import Transformer
from trainer.parallel import parallelize
from trainer.plan import Execution

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


def sequences_alone(
    query: Tensor, key: Tensor, value: Tensor, starts: Tensor, key_starts: Tensor, longest: int, longest_key: int,
    *, window_size: tuple[int, int], enable_gqa: bool,
) -> Tensor:  # fmt: skip
    """What `varlen_attn` promises, which has no kernel for CPUs: each sequence by itself."""
    assert (starts.dtype, starts[0], starts[-1]) == (torch.int32, 0, len(query))
    assert torch.equal(starts, key_starts) and starts.diff().max() <= longest == longest_key
    assert (window_size, enable_gqa) == ((-1, 0), True)
    found = []
    for first, end in starts.unfold(0, 2, 1).tolist():
        states = (one[first:end].transpose(0, 1)[None] for one in (query, key, value))
        found.append(causal(*states)[0].transpose(0, 1))
    return torch.cat(found)


def test_documents_begin_with_each_row_and_where_the_number_changes() -> None:
    assert document_starts(document_numbers(ROWS, EOS)).tolist() == [0, 5, 6, 16, 24, 48, 49, 50, 72, 84, 96]
    assert document_starts(torch.tensor([[0, 0], [0, 0], [0, 1]])).tolist() == [0, 2, 4, 5, 6]


@given(st.lists(st.lists(st.integers(0, 2), min_size=7, max_size=7), min_size=1, max_size=4))
def test_packed_documents_have_results_and_gradients_of_separate_ones(numbers: list[list[int]]) -> None:
    documents = torch.tensor(numbers)
    generator = torch.Generator().manual_seed(2)
    states = [torch.randn(len(numbers), heads, 7, 4, generator=generator) for heads in (4, 2, 2)]
    found = []
    for attend in (packed_documents(documents, sequences_alone), separate_documents(documents)):
        own = [one.clone().requires_grad_() for one in states]
        result = attend(*own)
        result.square().sum().backward()
        found.append([result.detach(), *(one.grad for one in own)])
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other)


def test_torch_s_own_kernel_takes_what_it_is_given() -> None:
    """By its shapes alone: it computes on GPUs only."""
    documents = document_numbers(ROWS, EOS)
    query, key, value = (torch.empty(4, heads, 24, 16, dtype=torch.bfloat16, device="meta") for heads in (4, 2, 2))
    found = packed_documents(documents, varlen_kernel())(query, key, value)
    assert (found.shape, found.dtype, found.device.type) == (query.shape, torch.bfloat16, "meta")


@pytest.mark.parametrize("kernel", ["flex", "varlen"])
def test_a_kernel_that_the_device_does_not_have_is_refused_in_one_line(kernel: str) -> None:
    if torch.cuda.is_available():
        pytest.skip("this one has it")
    execution = Execution(document_mask=True, document_kernel=kernel)  # type: ignore[arg-type]
    with pytest.raises(RunError, match=rf"^execution\.document_kernel: {kernel} .*; expected separate or auto$"):
        parallelize(random_model(), None, execution)
    parallelize(random_model(), None, Execution(document_kernel=kernel))  # type: ignore[arg-type]  # masks nothing


def test_the_kernel_of_the_plan_is_that_of_the_model() -> None:
    model = random_model()
    parallelize(model, None, Execution(document_mask=True, document_kernel="separate"))
    assert model.document_kernel == "separate"
    check_document_kernel("auto", torch.device("cpu"))
