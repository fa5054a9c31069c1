"""What a plan can switch on reaches the steps of a run, and does there what it says."""

import math
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from tests.trainer.small_run import ENDS, VOCABULARY, last_weights, opened, told, train_until, trained
from trainer.running.stopping import StopRequest
from trainer.train import train


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def any_kernel() -> Iterator[None]:
    """Other tests take whatever kernel there is."""
    yield
    torch.use_deterministic_algorithms(False)


def test_z_loss_adds_the_squared_log_normaliser_which_is_at_first_that_of_even_odds(data: Path, tmp_path: Path) -> None:
    losses = []
    for name, weight in (("without", 0.0), ("with", 0.01)):
        assert train_until(data, tmp_path / name, 1, f"optimizer.z_loss={weight}") == 130
        losses.append(told(tmp_path / name, "step")[0]["loss"])
    assert losses[1] - losses[0] == pytest.approx(0.01 * math.log(VOCABULARY) ** 2, rel=0.01)


def test_the_document_mask_is_there_in_training_and_in_validation(data: Path, tmp_path: Path) -> None:
    for name, mask in (("without", "false"), ("with", "true")):
        assert trained(data, tmp_path / name, "megatron.eos=7", f"execution.document_mask={mask}") == 0
    seen, masked = (told(tmp_path / name, "validation")[0]["domains"] for name in ("without", "with"))
    assert seen != masked  # by the same weights: there was no step yet
    assert last_weights(tmp_path / "without") != last_weights(tmp_path / "with")


def test_recomputed_blocks_run_again_for_their_gradients(data: Path, tmp_path: Path) -> None:
    counts = []
    for switch in ("false", "true"):
        calls: list[int] = []
        with closing(opened(data, tmp_path / switch, f"execution.recompute={switch}", "validation={}")) as training:
            training.model.blocks[0].mlp.up.register_forward_hook(lambda *_, calls=calls: calls.append(1))
            train(training, StopRequest())
        counts.append(len(calls))
    samples_of_one_row_each = ENDS[-1]
    assert counts[1] - counts[0] == samples_of_one_row_each


class LogitsAtOnce(TorchDispatchMode):
    """Notes how many rows tensors as wide as the vocabulary have."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: set[int] = set()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        made = function(*args, **(kwargs or {}))
        shapes = [one.shape for one in tree_leaves(made) if isinstance(one, Tensor)]
        self.rows |= {shape[0] for shape in shapes if len(shape) == 2 and shape[1] == VOCABULARY}
        return made


def test_so_many_tokens_have_logits_at_once_as_the_plan_says(data: Path, tmp_path: Path) -> None:
    with closing(opened(data, tmp_path, "execution.loss_chunk=5")) as training, LogitsAtOnce() as logits:
        train(training, StopRequest())
    assert logits.rows - {16} == {5, 1}  # of 16 tokens; the weight itself, turned, has 16 rows


def test_gradients_are_clipped_as_the_plan_says(data: Path, tmp_path: Path) -> None:
    """The first moment after a step is a tenth of the gradient."""
    assert train_until(data, tmp_path, 1, "optimizer.clip=0.001") == 130
    (checkpoint,) = (tmp_path / "run/checkpoints").iterdir()
    moments = load_file(checkpoint / "optimizer.safetensors")
    squares = [float(one.square().sum()) for name, one in moments.items() if name.startswith("exp_avg.")]
    assert told(tmp_path, "step")[0]["grad_norm"] > 0.01
    assert math.sqrt(sum(squares)) == pytest.approx(0.1 * 0.001, rel=1e-3)


def test_another_seed_draws_other_weights(data: Path, tmp_path: Path) -> None:
    for seed in ("1", "2"):
        assert train_until(data, tmp_path / seed, 1, f"seed={seed}") == 130
    one, other = (told(tmp_path / seed, "validation")[0]["domains"] for seed in ("1", "2"))
    assert one != other  # of the same windows, before any step


def test_validation_takes_so_many_tokens_of_a_unit_as_the_plan_says(data: Path, tmp_path: Path) -> None:
    """What is held out of prose are two documents of 20 tokens, of code two of 35."""
    assert train_until(data, tmp_path, 1, "validation.max_tokens=25") == 130
    domains = told(tmp_path, "validation")[0]["domains"]
    assert {domain: found["tokens"] for domain, found in domains.items()} == {"prose": 19}


def test_nothing_is_measured_before_the_first_step_where_the_plan_says_so(data: Path, tmp_path: Path) -> None:
    found = {}
    for at_start in ("true", "false"):
        assert trained(data, tmp_path / at_start, f"validation.at_start={at_start}") == 0
        found[at_start] = [one["samples_seen"] for one in told(tmp_path / at_start, "validation")]
    assert found["true"] == [0, *found["false"]]
    assert found["false"][-1] == ENDS[-1]


def test_checkpoints_come_by_the_clock(data: Path, tmp_path: Path) -> None:
    assert trained(data, tmp_path, "checkpoints={every_minutes: 1e-9}") == 0
    assert [one["samples_seen"] for one in told(tmp_path, "checkpoint")] == list(ENDS)


@pytest.mark.usefixtures("any_kernel")
def test_deterministic_kernels_are_asked_for(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", "")
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG")
    found = []
    for switch in ("true", "false"):
        opened(data, tmp_path / switch, f"execution.deterministic={switch}").close()
        found.append(torch.are_deterministic_algorithms_enabled())
    assert found == [True, False]
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"  # one of two values that torch takes on GPUs


@pytest.mark.slow
def test_a_compiled_run_learns_the_same_and_goes_on_from_its_checkpoints(data: Path, tmp_path: Path) -> None:
    settings = ("megatron.validation={}", "phases.1.tokens=64")
    torch._dynamo.reset()
    torch._dynamo.utils.counters.clear()
    assert train_until(data, tmp_path / "compiled", 4, *settings, "execution.compile=true") == 130
    assert torch._dynamo.utils.counters["stats"]["unique_graphs"] > 0
    assert trained(data, tmp_path / "compiled", *settings, "execution.compile=true") == 0
    assert trained(data, tmp_path / "plain", *settings) == 0
    compiled, plain = ([one["loss"] for one in told(tmp_path / name, "step")] for name in ("compiled", "plain"))
    assert compiled == pytest.approx(plain, rel=1e-3)
