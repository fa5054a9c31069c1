"""Every switch of a plan does on any mesh what it does in one process, and no step goes on with a broken gradient."""

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tests.trainer.parallel.launch import mesh_of, together
from tests.trainer.parallel.steps import SHAPE, Case, Found, stepped
from trainer.model import Transformer
from trainer.plan import Execution

FP32 = Execution(precision="fp32", micro_batch=4, loss_chunk=24)
BF16 = replace(FP32, precision="bf16")
BF16_LOSS, BF16_GRADIENT = 2 * 2**-8, 8 * 2**-8
"""Numbers are rounded by up to 2 ** -9 of themselves. Shared layers round what each process adds to a sum, then the
sum: twice as often in each of two layers, forward for losses, and backward too for gradients."""
CASES = {
    "micro batches of unequal size": Case(replace(FP32, micro_batch=3)),
    "micro batches of one process": Case(FP32, clip=1000.0),
    "recomputed": Case(replace(FP32, recompute=True)),
    "documents apart": Case(replace(FP32, document_mask=True)),
    "z loss": Case(FP32, z_loss=0.01),
    "rms norm": Case(FP32, replace(SHAPE, norm="rms_norm")),
    "sizes that shards do not divide": Case(FP32, replace(SHAPE, d_model=40, d_ff=62, d_head=10, vocab_size=46)),
    "bf16": Case(BF16),
    "bf16, recomputed, documents apart, z loss": Case(replace(BF16, recompute=True, document_mask=True), z_loss=0.01),
}
COMPILED = Case(replace(FP32, recompute=True, document_mask=True), is_traced=True)
TWO: Mapping[str, dict[str, int]] = {"shards 2": {}, "copies 2": {"data_shards": 1}, "tensor 2": {"tensor_parallel": 2}}
FOUR: Mapping[str, dict[str, int]] = {
    "copies 2, shards 2": {"data_shards": 2},
    "shards 2, tensor 2": {"tensor_parallel": 2},
}


def on_meshes(cases: Mapping[str, Case], meshes: Mapping[str, dict[str, int]]) -> dict[tuple[str, str], Found]:
    """Every case on every mesh, in this process of a world."""
    found = {}
    for mesh, degrees in meshes.items():
        world = mesh_of(Execution(**degrees))
        for name, case in cases.items():
            found[mesh, name] = stepped(case, world)
    return found


def check(cases: Mapping[str, Case], processes: int, meshes: Mapping[str, dict[str, int]]) -> dict[str, float]:
    """All ranks tell the losses of one process. How far the first gradient is from its, by mesh and case."""
    torch.set_num_threads(1)
    one = {name: stepped(case) for name, case in cases.items()}
    ranks, first = together(processes, on_meshes, cases, meshes), {}
    for (mesh, name), found in ranks[0].items():
        where = f"{name} on {mesh}"
        is_exact = cases[name].execution.precision == "fp32"
        assert found.losses == pytest.approx(one[name].losses, rel=1e-5 if is_exact else BF16_LOSS), where
        assert found.norms == pytest.approx(one[name].norms, rel=1e-5 if is_exact else BF16_GRADIENT), where
        first[where] = apart(found.gradients[0], one[name].gradients[0])
        assert first[where] < (2e-6 if is_exact else BF16_GRADIENT), where
        for rank in ranks[1:]:
            assert rank[mesh, name].losses == found.losses, where
            assert rank[mesh, name].norms == found.norms, where
    return first


def apart(found: Mapping[str, np.ndarray], expected: Mapping[str, np.ndarray]) -> float:
    """The largest difference of whole tensors, as a share of each's largest number."""
    assert found.keys() == expected.keys()
    return max(float(np.abs(found[name] - one).max() / max(np.abs(one).max(), 1e-9)) for name, one in expected.items())


@pytest.mark.slow
def test_two_processes_do_what_one_does() -> None:
    """What two of them sum is what one sums of two micro batches, so gradients are the same to the last bit."""
    first = check(CASES, 2, TWO)
    for mesh in ("shards 2", "copies 2"):
        assert first[f"micro batches of one process on {mesh}"] == 0


@pytest.mark.slow
def test_four_processes_do_what_one_does() -> None:
    names = ("sizes that shards do not divide", "bf16, recomputed, documents apart, z loss")
    check({name: CASES[name] for name in names}, 4, FOUR)


@pytest.mark.slow
def test_blocks_are_compiled_and_then_sharded() -> None:
    check({"compiled, recomputed, documents apart": COMPILED}, 2, {"shards 2": {}})


def with_broken_gradients(meshes: Mapping[str, dict[str, int]]) -> dict[str, tuple[list[bool], bool, bool]]:
    """By mesh: whether each step was skipped where the last process alone had a gradient that is not finite in the
    second, whether all weights are finite at the end, and whether they changed."""
    found = {}
    for mesh, degrees in meshes.items():
        world = mesh_of(Execution(**degrees))
        is_last = world.rank == world.size - 1

        def break_gradient(model: Transformer, step: int, is_last: bool = is_last) -> None:
            def broken(norm: nn.Module, inputs: object, hidden: Tensor) -> None:
                hidden.register_hook(lambda gradient: gradient * math.nan)

            if is_last and step == 1:
                model.norm.register_forward_hook(broken)

        plain = stepped(Case(FP32), world)
        steps = stepped(Case(FP32), world, break_gradient)
        # The hook stays, so the third step is broken too: all that was learned is from the first.
        skipped = [not math.isfinite(norm) for norm in steps.norms]
        is_finite = all(np.isfinite(one).all() for one in steps.weights.values())
        found[mesh] = (skipped, is_finite, apart(steps.weights, plain.weights) > 0)
    return found


def test_a_gradient_that_is_broken_on_one_process_is_skipped_on_all() -> None:
    for rank in together(2, with_broken_gradients, TWO):
        assert rank == dict.fromkeys(TWO, ([False, True, True], True, True))
