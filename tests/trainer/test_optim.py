"""What a step does to weights."""

import math

import pytest
import torch

from tests.trainer.small_models import small_model
from trainer.optim import build_optimizer, clip, set_rate, update
from trainer.plan import Optimizer


class TwoWeights(torch.nn.Module):
    """A matrix and a vector."""

    def __init__(self) -> None:
        super().__init__()
        self.matrix = torch.nn.Parameter(torch.full((1, 1), 2.0))
        self.vector = torch.nn.Parameter(torch.full((1,), 2.0))

    def give(self, matrix: float, vector: float) -> None:
        self.matrix.grad = torch.full((1, 1), matrix)
        self.vector.grad = torch.full((1,), vector)


def test_matrices_decay_and_vectors_do_not() -> None:
    """The first step of Adam moves by the rate, whatever the gradient; decay takes rate x 0.1 x weight off before."""
    model = TwoWeights()
    model.give(0.3, 0.3)
    update(model, build_optimizer(model, Optimizer(weight_decay=0.1)), rate=0.5, largest=1.0)
    assert model.matrix.item() == pytest.approx(2 - 0.5 * 0.1 * 2 - 0.5, rel=1e-6)
    assert model.vector.item() == pytest.approx(2 - 0.5, rel=1e-6)


def test_only_norms_are_vectors_of_a_model() -> None:
    model = small_model()
    optimizer = build_optimizer(model, Optimizer())
    name_of = {weight: name for name, weight in model.named_parameters()}
    decayed, others = ({name_of[weight] for weight in group["params"]} for group in optimizer.param_groups)
    assert {"embedding.weight", "head.weight", "blocks.0.mlp.up.weight"} <= decayed
    assert all("norm" in name for name in others)
    assert len(decayed | others) == len(name_of)


def test_settings_of_the_plan_reach_adamw() -> None:
    settings = Optimizer(betas=(0.8, 0.9), eps=1e-5, weight_decay=0.2)
    groups = build_optimizer(TwoWeights(), settings).param_groups
    assert [(group["betas"], group["eps"], group["weight_decay"]) for group in groups] == [
        ((0.8, 0.9), 1e-5, 0.2), ((0.8, 0.9), 1e-5, 0.0),
    ]  # fmt: skip
    assert all(group["fused"] for group in groups)


def test_two_steps_are_those_of_the_paper() -> None:
    """Adam by hand (arXiv 1412.6980, algorithm 1), with gradients 1 and then -0.5."""
    model = TwoWeights()
    optimizer = build_optimizer(model, Optimizer(betas=(0.9, 0.95), eps=1e-8, weight_decay=0.0))
    expected, m, v = 2.0, 0.0, 0.0
    for step, gradient in enumerate((1.0, -0.5), 1):
        m, v = 0.9 * m + 0.1 * gradient, 0.95 * v + 0.05 * gradient**2
        expected -= 0.01 * (m / (1 - 0.9**step)) / (math.sqrt(v / (1 - 0.95**step)) + 1e-8)
        model.give(gradient, 0.0)
        update(model, optimizer, rate=0.01, largest=10.0)
    assert model.matrix.item() == pytest.approx(expected, rel=1e-6)


def test_the_rate_of_a_step_is_the_one_given() -> None:
    """Also where a checkpoint's groups had another."""
    model = TwoWeights()
    optimizer = build_optimizer(model, Optimizer())
    set_rate(optimizer, 7.0)
    model.give(1.0, 1.0)
    update(model, optimizer, rate=0.25, largest=10.0)
    assert model.vector.item() == pytest.approx(2 - 0.25, rel=1e-6)


@pytest.mark.parametrize(
    ("largest", "scaled"), [(10.0, (3.0, 4.0)), (5.0, (3.0, 4.0)), (4.0, (2.4, 3.2)), (1.0, (0.6, 0.8))]
)
def test_gradients_are_scaled_to_the_largest_norm(largest: float, scaled: tuple[float, float]) -> None:
    model = TwoWeights()
    model.give(3.0, 4.0)
    assert clip(model.parameters(), largest) == 5.0
    assert model.matrix.grad is not None
    assert model.vector.grad is not None
    assert (model.matrix.grad.item(), model.vector.grad.item()) == pytest.approx(scaled, rel=1e-5)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_gradient_that_is_not_finite_changes_nothing(bad: float) -> None:
    model = TwoWeights()
    optimizer = build_optimizer(model, Optimizer())
    model.give(1.0, 1.0)
    update(model, optimizer, 0.1, 1.0)
    before = [tensor.clone() for tensor in (*model.parameters(), *optimizer.state[model.matrix].values())]
    model.give(1.0, bad)
    assert not math.isfinite(update(model, optimizer, 0.1, 1.0))
    after = [*model.parameters(), *optimizer.state[model.matrix].values()]
    assert all(torch.equal(one, other) for one, other in zip(before, after, strict=True))
    assert model.matrix.grad is None  # the next batch starts from nothing
