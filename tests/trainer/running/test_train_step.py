import copy
import math

import pytest
import torch

from trainer.model import Transformer
from trainer.optim import build_optimizer
from trainer.plan import Execution, Optimizer
from trainer.running.step import StepResult, train_step
from trainer.shapes import Shape

SHAPE = Shape(n_layer=2, n_head=2, n_kv_head=1, d_model=16, d_ff=64, d_head=8, vocab_size=32)
SETTINGS = Optimizer()


def model() -> Transformer:
    torch.set_num_threads(1)
    found = Transformer(SHAPE)
    found.init_weights(seed=3)
    return found


def rows(count: int) -> torch.Tensor:
    return torch.randint(0, 32, (count, 13), generator=torch.Generator().manual_seed(1))


def step(of: Transformer, batch: torch.Tensor, execution: Execution, steps: int = 1) -> list[StepResult]:
    optimizer = build_optimizer(of, SETTINGS)
    return [train_step(of, optimizer, batch, 0.01, SETTINGS, execution, eos=5) for _ in range(steps)]


def test_the_loss_is_the_mean_over_the_tokens_of_the_batch_before_the_update() -> None:
    of, batch = model(), rows(3)
    logits = of.logits(of(batch[:, :-1])).flatten(0, 1)
    expected = torch.nn.functional.cross_entropy(logits, batch[:, 1:].flatten())
    (result,) = step(of, batch, Execution(precision="fp32"))
    assert result.loss == pytest.approx(expected.item(), rel=1e-6)
    assert not result.is_skipped


@pytest.mark.parametrize("micro_batch", [1, 2, 4, 5, 7])
def test_micro_batches_change_nothing_but_the_order_of_sums(micro_batch: int) -> None:
    """5 rows in micro batches of 2 and 4 leave a last one of 1: every token has the same weight all the same."""
    whole, parts = model(), model()
    (expected,) = step(whole, rows(5), Execution(precision="fp32", micro_batch=5))
    (found,) = step(parts, rows(5), Execution(precision="fp32", micro_batch=micro_batch))
    assert found.loss == pytest.approx(expected.loss, rel=1e-6)
    assert found.grad_norm == pytest.approx(expected.grad_norm, rel=1e-5)


def test_a_batch_is_learnt_by_heart() -> None:
    results = step(model(), rows(4), Execution(precision="fp32", micro_batch=2), steps=100)
    assert results[0].loss == pytest.approx(math.log(32), abs=0.1)
    assert results[-1].loss < 0.1


def test_a_gradient_that_is_not_finite_changes_nothing() -> None:
    of = model()
    optimizer = build_optimizer(of, SETTINGS)
    execution = Execution(precision="fp32")
    train_step(of, optimizer, rows(2), 0.01, SETTINGS, execution)
    of.blocks[1].mlp.up.weight.data[0, 0] = math.inf
    before = copy.deepcopy((of.state_dict(), optimizer.state_dict()))

    result = train_step(of, optimizer, rows(2), 0.01, SETTINGS, execution)

    assert result.is_skipped
    assert all(torch.equal(weight, before[0][name]) for name, weight in of.state_dict().items())
    moments, moments_before = optimizer.state_dict()["state"], before[1]["state"]
    assert all(torch.equal(moments[i][key], moments_before[i][key]) for i in moments for key in moments[i])
    assert all(weight.grad is None for weight in of.parameters())


def test_with_a_document_mask_a_document_is_trained_as_if_it_stood_alone() -> None:
    """Two documents of six tokens in one row, of which the first ends with eos, 5."""
    batch = rows(1)
    batch[0, 5] = 5
    batch[0, :5] = torch.tensor([1, 2, 3, 4, 6])
    changed = batch.clone()
    changed[0, 0] = 30
    masked, seen = Execution(precision="fp32", document_mask=True), Execution(precision="fp32")

    def later_losses(execution: Execution, ids: torch.Tensor) -> torch.Tensor:
        from trainer.attention import document_numbers

        documents = document_numbers(ids[:, :-1], 5) if execution.document_mask else None
        return model()(ids[:, :-1], documents)[0, 6:]

    assert torch.equal(later_losses(masked, batch), later_losses(masked, changed))
    assert not torch.equal(later_losses(seen, batch), later_losses(seen, changed))
    assert step(model(), batch, masked)[0].loss != step(model(), batch, seen)[0].loss
