"""Blocks that are computed again or compiled give what blocks give."""

from collections.abc import Callable

import pytest
import torch
from torch._dynamo.utils import counters

from tests.trainer.small_models import gradients, random_ids, random_model
from trainer.attention import Attend, document_numbers, flex_documents, separate_documents
from trainer.loss import linear_cross_entropy
from trainer.model import Transformer
from trainer.running.blocks import compile_blocks, recompute_blocks


def loss_and_gradients(
    change: Callable[[Transformer], None] | None, dtype: torch.dtype, masked: bool = False
) -> dict[str, torch.Tensor]:
    model, ids = random_model(dtype=dtype, std=0.1), random_ids(2, 33)
    if change is not None:
        change(model)
    hidden = model(ids[:, :-1], document_numbers(ids[:, :-1], 3) if masked else None)
    loss = linear_cross_entropy(hidden.flatten(0, 1), model.head.weight, ids[:, 1:].flatten())
    loss.backward()
    return {"loss": loss.detach(), **gradients(model)}


@pytest.mark.parametrize("masked", [False, True], ids=["whole rows", "documents"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_recomputed_blocks_have_the_same_gradients_to_the_bit(dtype: torch.dtype, masked: bool) -> None:
    expected = loss_and_gradients(None, dtype, masked)
    found = loss_and_gradients(recompute_blocks, dtype, masked)
    assert found.keys() == expected.keys()  # weights keep their names
    assert all(torch.equal(found[name], expected[name]) for name in expected)


def test_recomputed_blocks_are_computed_twice() -> None:
    counts = []
    for change in (None, recompute_blocks):
        model, calls = random_model(), []
        model.blocks[0].mlp.up.register_forward_hook(lambda *_, calls=calls: calls.append(1))
        if change is not None:
            change(model)
        model(random_ids(1, 4)).sum().backward()
        counts.append(len(calls))
    assert counts == [1, 2]


@pytest.mark.slow
@pytest.mark.parametrize("recompute", [False, True], ids=["kept", "recomputed"])
@pytest.mark.parametrize("masked", [False, True], ids=["whole rows", "documents"])
def test_compiled_blocks_give_the_same_within_rounding(recompute: bool, masked: bool) -> None:
    def change(model: Transformer) -> None:
        compile_blocks(model, backend="aot_eager")
        if recompute:
            recompute_blocks(model)

    torch._dynamo.reset()
    counters.clear()
    expected = loss_and_gradients(None, torch.float32, masked)
    for name, tensor in loss_and_gradients(change, torch.float32, masked).items():
        torch.testing.assert_close(tensor, expected[name], rtol=1e-4, atol=1e-5 * expected[name].abs().max().item())
    assert counters["stats"]["unique_graphs"] > 0


@pytest.mark.slow
def test_equal_blocks_are_compiled_once() -> None:
    """A large model does not wait for the compiler once per layer."""
    torch._dynamo.reset()
    compiled = []

    def backend(graph: torch.fx.GraphModule, _: list[torch.Tensor]) -> Callable[..., object]:
        compiled.append(graph)
        return graph.forward

    model = random_model()
    compile_blocks(model, backend)
    with torch.no_grad():
        model(random_ids(2, 16))
    assert len(compiled) == 1


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:flex_attention called without torch.compile")
@pytest.mark.parametrize("attention", [separate_documents, flex_documents])
def test_other_documents_are_no_reason_to_compile_again(
    attention: Callable[[torch.Tensor], Attend], monkeypatch: pytest.MonkeyPatch
) -> None:
    torch._dynamo.reset()
    compiled, model = [], random_model()

    def backend(graph: torch.fx.GraphModule, _: list[torch.Tensor]) -> Callable[..., object]:
        compiled.append(graph)
        return graph.forward

    monkeypatch.setattr("trainer.model.within_documents", lambda documents, _: attention(documents))
    compile_blocks(model, backend)
    counts = []
    with torch.no_grad():
        for seed in range(4):
            ids = random_ids(2, 64, seed=seed)
            model(ids, document_numbers(ids, 3))
            counts.append(len(compiled))
    assert set(counts) == {counts[0]}
