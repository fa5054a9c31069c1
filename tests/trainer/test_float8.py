"""Products in 8 bits: what a CPU can tell of them, in torchao's emulation: numbers of 8 bits, products in fp32."""

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch._dynamo.utils import counters

from datapipe.output import RunError
from tests.trainer.small_models import gradients, random_ids, small_model
from tests.trainer.small_plans import SMALL
from trainer.corpus import shape_of, sizes_of
from trainer.float8 import to_float8
from trainer.load import loads
from trainer.loss import linear_cross_entropy
from trainer.model import Linear, Norm, Transformer
from trainer.parallel import parallelize
from trainer.plan import Execution
from trainer.running.blocks import compile_blocks

ROOT = str(Path(__file__).parents[2])


def test_a_machine_without_such_products_is_told_so_in_one_line() -> None:
    if torch.cuda.is_available():
        pytest.skip("this one may have them")
    with pytest.raises(RunError, match=r"^execution\.fp8 needs a GPU of compute capability 8\.9 or above, and"):
        parallelize(small_model(), None, Execution(fp8=True))


def test_only_matrices_of_blocks_change_and_all_weights_keep_their_names_and_numbers() -> None:
    pytest.importorskip("torchao")
    plain, model = small_model(), small_model()
    to_float8(model, emulate=True)
    assert [name for name, _ in model.named_parameters()] == [name for name, _ in plain.named_parameters()]
    assert all(torch.equal(one, other) for one, other in zip(model.parameters(), plain.parameters(), strict=True))
    changed = {name for name, module in model.named_modules() if type(module).__name__ == "Float8Linear"}
    assert changed == {name for name, module in plain.blocks.named_modules(prefix="blocks") if type(module) is Linear}
    assert type(model.head) is Linear and isinstance(model.norm, Norm)


def loss_of(model: Transformer) -> float:
    ids = random_ids(4, 33)
    hidden = model(ids[:, :-1]).flatten(0, 1)
    loss = linear_cross_entropy(hidden, model.head.weight, ids[:, 1:].flatten())
    loss.backward()  # type: ignore[no-untyped-call]
    return loss.item()


def test_loss_and_gradients_are_near_those_of_bf16_and_not_the_same() -> None:
    """Three bits behind the point round a number by a sixteenth at most, and errors of a sum's terms mostly cancel."""
    pytest.importorskip("torchao")
    plain, model = (small_model(dtype=torch.bfloat16) for _ in range(2))
    to_float8(model, emulate=True)
    exact, found = loss_of(plain), loss_of(model)
    assert found != exact
    assert found == pytest.approx(exact, rel=1e-3)
    expected = gradients(plain)
    for name, gradient in gradients(model).items():
        assert (gradient - expected[name]).norm() < expected[name].norm() / 8, name


@pytest.mark.slow
def test_shared_layers_and_shards_have_the_losses_of_one_process(tmp_path: Path) -> None:
    """Tensor parallelism has other scales, of the rows that a process has; shards have other sums."""
    pytest.importorskip("torchao")
    from tests.trainer.float8_ranks import losses

    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    environment = os.environ | {"PYTHONPATH": ROOT, "OMP_NUM_THREADS": "1"}
    arguments = ["-m", "tests.trainer.float8_ranks", str(tmp_path / "losses")]
    done = subprocess.run(
        [*command, *arguments], env=environment, cwd=ROOT, timeout=120, capture_output=True, text=True
    )
    assert not done.returncode, done.stderr[-2000:]
    one, other = (json.loads((tmp_path / f"losses.{rank}").read_text()) for rank in range(2))
    assert one == other
    alone, plain = (losses(Execution(micro_batch=2), is_float8) for is_float8 in (True, False))
    assert alone == pytest.approx(plain, rel=5e-3)
    assert one["shards"] == pytest.approx(alone, rel=2e-3)
    assert one["tensor"] == pytest.approx(alone, rel=2e-3)


def test_compiled_blocks_have_the_same_bits() -> None:
    pytest.importorskip("torchao")
    found = []
    for is_compiled in (False, True):
        torch._dynamo.reset()
        counters.clear()
        model = small_model(dtype=torch.bfloat16)
        to_float8(model, emulate=True)
        if is_compiled:
            compile_blocks(model, "aot_eager")
        found.append((loss_of(model), gradients(model)))
    (plain, expected), (compiled, gradients_of_compiled) = found
    assert counters["stats"]["unique_graphs"] == 1  # both blocks share it
    assert compiled == plain
    assert all(torch.equal(gradients_of_compiled[name], gradient) for name, gradient in expected.items())


def test_a_length_that_only_the_tokens_say_is_refused_by_the_plan_too() -> None:
    text = SMALL.replace("seq_len: 10", "seq_len: 16").replace("d_model: 8,", "d_model: 32, d_ff: 64,")
    plan = loads(text, settings=["execution.fp8=true"])
    sizes = sizes_of(plan)
    plan = dataclasses.replace(plan, seq_len=None)
    assert shape_of(plan, sizes).d_model == 32
    with pytest.raises(RunError, match=r"execution\.fp8: expected multiples of 16, found seq_len = 1,000"):
        shape_of(plan, dataclasses.replace(sizes, seq_len=1000))
