"""The loss by chunks is cross-entropy, in value and gradient, whatever the chunk."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from trainer.loss import IGNORED, linear_cross_entropy, token_losses

torch.set_num_threads(1)


def inputs(tokens: int, width: int, pieces: int, ignored: float, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """Hidden states, weights and targets, a share of them ignored."""
    generator = torch.Generator().manual_seed(seed)
    hidden = torch.randn(tokens, width, generator=generator).requires_grad_()
    weight = torch.randn(pieces, width, generator=generator).requires_grad_()
    targets = torch.randint(pieces, (tokens,), generator=generator)
    return hidden, weight, targets.where(torch.rand(tokens, generator=generator) >= ignored, IGNORED)


def plain(hidden: Tensor, weight: Tensor, targets: Tensor, z_loss: float, count: int) -> Tensor:
    """The same by torch and its autograd."""
    logits = hidden @ weight.T
    counted = targets != IGNORED
    z = torch.logsumexp(logits, 1).square().where(counted, 0.0).sum()
    return (F.cross_entropy(logits, targets, reduction="sum") + z_loss * z) / count


@given(
    tokens=st.integers(0, 40),
    width=st.integers(1, 9),
    pieces=st.integers(1, 50),
    chunk=st.integers(1, 50),
    ignored=st.sampled_from([0.0, 0.3, 1.0]),
    z_loss=st.sampled_from([0.0, 1e-2]),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=150)
def test_it_is_cross_entropy_in_value_and_both_gradients(
    tokens: int, width: int, pieces: int, chunk: int, ignored: float, z_loss: float, seed: int
) -> None:
    hidden, weight, targets = inputs(tokens, width, pieces, ignored, seed)
    count = max(1, int((targets != IGNORED).sum()))
    expected = plain(hidden, weight, targets, z_loss, count)
    loss = linear_cross_entropy(hidden, weight, targets, chunk, z_loss)
    torch.testing.assert_close(loss, expected, atol=1e-5, rtol=1e-5)
    expected_gradients = torch.autograd.grad(3 * expected, (hidden, weight))
    for found, wanted in zip(torch.autograd.grad(3 * loss, (hidden, weight)), expected_gradients, strict=True):
        torch.testing.assert_close(found, wanted, atol=1e-5, rtol=1e-5)


def test_it_is_zero_where_all_targets_are_ignored() -> None:
    hidden, weight, targets = inputs(5, 4, 7, ignored=1.0, seed=1)
    loss = linear_cross_entropy(hidden, weight, targets, chunk=2)
    loss.backward()
    assert loss.item() == 0
    assert hidden.grad is not None
    assert weight.grad is not None
    assert not hidden.grad.any()
    assert not weight.grad.any()


def test_micro_batches_with_the_count_of_the_whole_add_up_to_it() -> None:
    """Unequal parts, one of them all ignored: the mean is over tokens, never a mean of means."""
    hidden, weight, targets = inputs(30, 8, 40, ignored=0.3, seed=2)
    targets[10:15] = IGNORED
    count = (targets != IGNORED).sum()
    whole = linear_cross_entropy(hidden, weight, targets, chunk=16)
    expected = torch.autograd.grad(whole, (hidden, weight))
    parts = [
        linear_cross_entropy(hidden[rows], weight, targets[rows], chunk=4, count=count)
        for rows in (slice(0, 10), slice(10, 15), slice(15, 30))
    ]
    torch.testing.assert_close(sum(parts), whole)
    for part in parts:
        part.backward()
    torch.testing.assert_close((hidden.grad, weight.grad), expected)


def test_only_what_asks_for_a_gradient_gets_one() -> None:
    hidden, weight, targets = inputs(6, 4, 7, 0.0, 3)
    linear_cross_entropy(hidden.detach(), weight, targets).backward()
    assert weight.grad is not None
    linear_cross_entropy(hidden, weight.detach(), targets).backward()
    assert hidden.grad is not None


def test_without_gradients_the_value_is_the_same() -> None:
    hidden, weight, targets = inputs(20, 8, 40, 0.3, 4)
    with torch.no_grad():
        found = linear_cross_entropy(hidden, weight, targets, 7, z_loss=0.01)
    assert not found.requires_grad
    torch.testing.assert_close(found, linear_cross_entropy(hidden, weight, targets, 7, z_loss=0.01).detach())


def test_losses_of_tokens_are_those_of_cross_entropy() -> None:
    hidden, weight, targets = inputs(20, 8, 40, 0.3, 5)
    found = token_losses(hidden, weight, targets, chunk=7)
    assert not found.requires_grad
    torch.testing.assert_close(found, F.cross_entropy(hidden @ weight.T, targets, reduction="none").detach())


class LargestTensor(TorchDispatchMode):
    """Notes the numbers in the largest tensor that any operation makes."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        made = function(*args, **(kwargs or {}))
        sizes = [one.numel() for one in tree_leaves(made) if isinstance(one, Tensor)]
        self.numbers = max(self.numbers, *sizes, 0)
        return made


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_no_more_logits_exist_than_those_of_a_chunk(dtype: torch.dtype) -> None:
    """Of 64 tokens and 1,000 pieces; the weight itself and its gradient have 4,000 numbers."""
    hidden, weight, targets = inputs(64, 4, 1000, 0.0, 10)
    with LargestTensor() as largest:
        linear_cross_entropy(hidden.to(dtype), weight, targets, chunk=8).backward()
    assert largest.numbers == 8 * 1000
    with LargestTensor() as largest:
        F.cross_entropy(hidden @ weight.T, targets)
    assert largest.numbers == 64 * 1000


def test_int32_targets_do() -> None:
    hidden, weight, targets = inputs(6, 4, 7, 0.0, 6)
    assert torch.equal(token_losses(hidden, weight, targets.int()), token_losses(hidden, weight, targets))


def test_logits_of_any_size_stay_finite() -> None:
    hidden, weight, targets = inputs(6, 4, 7, 0.0, 7)
    loss = linear_cross_entropy(1e4 * hidden, weight, targets)
    torch.testing.assert_close(loss, F.cross_entropy(1e4 * hidden @ weight.T, targets))
    assert loss > 1e3


def test_a_second_backward_pass_is_refused() -> None:
    hidden, weight, targets = inputs(6, 4, 7, 0.0, 8)
    loss = linear_cross_entropy(hidden, weight, targets)
    loss.backward(retain_graph=True)
    with pytest.raises(AttributeError):
        loss.backward()


def test_bf16_multiplies_in_bf16_and_adds_in_fp32() -> None:
    """An fp32 weight gets an fp32 gradient, near that of fp32 products; small gradients of many chunks are not lost."""
    hidden, weight, targets = inputs(512, 16, 64, 0.2, 9)
    half = hidden.detach().bfloat16().requires_grad_()
    loss = linear_cross_entropy(half, weight, targets, chunk=8)
    expected = linear_cross_entropy(half.detach().float().requires_grad_(), weight, targets)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-2)
    assert torch.autograd.grad(loss, half, retain_graph=False)[0].dtype == torch.bfloat16
    found = torch.autograd.grad(linear_cross_entropy(half, weight, targets, chunk=8), weight)[0]
    wanted = torch.autograd.grad(expected, weight)[0]
    assert found.dtype == torch.float32
    assert (found - wanted).norm() < 0.01 * wanted.norm()
