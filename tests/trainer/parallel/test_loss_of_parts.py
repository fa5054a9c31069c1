"""The loss whose vocabulary several processes share is that of one who has it all, in value and both gradients."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.distributed.tensor import DTensor, Shard, distribute_tensor

from tests.trainer.parallel.launch import together
from tests.trainer.test_loss import plain
from trainer.loss import IGNORED, linear_cross_entropy, token_losses
from trainer.processes.degrees import Degrees
from trainer.processes.world import World, join, settled

WIDTH = 6


@st.composite
def targets_of(draw: st.DrawFn, pieces: int) -> list[int]:
    """Up to 20, of which many are ignored or the first or last of somebody's part."""
    borders = [0, pieces - 1, *(border + by for border in range(0, pieces, max(1, pieces // 4)) for by in (-1, 0))]
    borders = [IGNORED, *(one for one in borders if 0 <= one < pieces)]
    return draw(st.lists(st.sampled_from(borders) | st.integers(0, pieces - 1), max_size=20))


def check_examples(examples: int) -> int:
    """All processes draw the same examples, and agree on each that it is right: the number of those they have seen."""
    world, seen = join(60), 0
    world = settled(world, Degrees(tensor=world.size))

    @given(data=st.data(), each=st.integers(1, 9), size=st.sampled_from([1.0, 1e4]), seed=st.integers(0, 2**32))
    @settings(max_examples=examples, derandomize=True, database=None, deadline=None)
    def every_example(data: st.DataObject, each: int, size: float, seed: int) -> None:
        nonlocal seen
        targets = torch.tensor(data.draw(targets_of(each * world.size)), dtype=torch.int64)
        chunk, z_loss = data.draw(st.integers(1, 25)), data.draw(st.sampled_from([0.0, 1e-2]))
        dtype = data.draw(st.sampled_from([torch.float32, torch.bfloat16]))
        wrong = differences(world, each * world.size, size, seed, targets, chunk, z_loss, dtype)
        assert not world.largest(len(wrong)), wrong
        seen += 1

    every_example()
    return seen


def differences(
    world: World, pieces: int, size: float, seed: int, targets: Tensor, chunk: int, z_loss: float, dtype: torch.dtype
) -> list[str]:
    """What of an example is not as it is for one process."""
    generator = torch.Generator().manual_seed(seed)
    hidden = (size * torch.randn(len(targets), WIDTH, generator=generator)).to(dtype).requires_grad_()
    weight = torch.randn(pieces, WIDTH, generator=generator).requires_grad_()
    count = max(1, int((targets != IGNORED).sum()))
    if dtype == torch.float32:  # torch's own
        expected = plain(hidden, weight, targets, z_loss, count)
    else:  # whose products would be rounded otherwise
        expected = linear_cross_entropy(hidden, weight, targets, chunk, z_loss, count)
    wanted = torch.autograd.grad(3 * expected, (hidden, weight))
    assert world.mesh is not None
    part = distribute_tensor(weight.detach(), world.mesh["tensor"], [Shard(0)], src_data_rank=None).requires_grad_()
    own = hidden.detach().clone().requires_grad_()
    found = linear_cross_entropy(own, part, targets, chunk, z_loss, count)
    (3 * found).backward()  # type: ignore[no-untyped-call]
    assert own.grad is not None
    assert isinstance(part.grad, DTensor)
    own_gradient = own.grad.float()
    torch.distributed.all_reduce(own_gradient)
    # Each process rounds its part of the gradient of hidden states before they are added.
    rounding = 1e-5 if dtype == torch.float32 else 4 * torch.finfo(dtype).eps
    compared = {
        "loss": (found, expected, 1e-5),
        "losses": (token_losses(own, part, targets, chunk), token_losses(hidden, weight, targets, chunk), 1e-5),
        "hidden": (own_gradient, wanted[0].float(), rounding),
        "weight": (part.grad.full_tensor(), wanted[1], rounding),
    }
    return [name for name, (ours, theirs, within) in compared.items() if not is_near(ours, theirs, within)]


def is_near(found: Tensor, wanted: Tensor, within: float) -> bool:
    """As a share of the largest number, where that is above 1."""
    if not wanted.numel():
        return found.shape == wanted.shape
    return bool((found - wanted).abs().max() <= within * max(1.0, float(wanted.abs().max())))


def test_two_processes_share_a_vocabulary() -> None:
    assert min(together(2, check_examples, 30)) >= 30


@pytest.mark.slow
def test_four_processes_share_a_vocabulary() -> None:
    assert min(together(4, check_examples, 150)) >= 150
