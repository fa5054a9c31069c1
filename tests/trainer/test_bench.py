"""`trainer bench` takes real training steps and says what they took."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from rich.console import Console
from saved_runs import PLAN, saved_run

from datapipe.output import RunError
from trainer.bench import bench, plan_of, print_figures

torch.set_num_threads(1)
ROOT = str(Path(__file__).parents[2])
TINY = (
    "model.n_layer=2",
    "model.d_model=32",
    "model.n_head=2",
    "model.n_kv_head=1",
    "model.d_head=16",
    "model.d_ff=64",
    "model.vocab_size=512",
    "seq_len=16",
    "execution.precision=fp32",
)


def test_figures_follow_from_each_other() -> None:
    found = bench(plan_of("nemotron4_15b", TINY), steps=2, batch=4, micro_batch=2)

    # Matrices of two layers and the output embedding, then attention's two products of 32 wide heads over 16 tokens.
    matrices = 2 * (32 * 16 * (2 * 2 + 2 * 1) + 2 * 32 * 64) + 512 * 32
    flops = 6 * matrices + 12 * 2 * 32 * 16
    assert found.tokens_per_s == pytest.approx(4 * 16 / found.step_seconds)
    assert found.tflops == pytest.approx(flops * found.tokens_per_s / 1e12)
    assert (found.device, found.mfu, found.steps, found.threads) == ("cpu", None, 2, 1)
    assert abs(found.loss - math.log(512)) < 0.2


def test_the_peak_holds_weights_gradients_and_moments() -> None:
    """In a process of its own: one that has freed memory takes that first."""
    settings = [part for one in (*TINY, "model.vocab_size=100_000") for part in ("--set", one)]
    command = [sys.executable, "-m", "trainer.cli", "bench", "nemotron4_15b", "--steps", "2", *settings]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ | {"PYTHONPATH": ROOT})
    found = json.loads(done.stdout)
    assert found["peak_bytes"] > 0.8 * 16 * 2 * 100_000 * 32  # both embeddings, four numbers of 4 bytes each


def test_documents_are_kept_apart_where_the_plan_says_so() -> None:
    """Of the same tokens: some 4 documents end in those of a step."""
    plans = [
        plan_of("nemotron4_15b", (*TINY, "seq_len=1024", f"execution.document_mask={mask}"))
        for mask in ("false", "true")
    ]
    seen, apart = (bench(plan, steps=1, batch=4, micro_batch=4) for plan in plans)
    assert (seen.document_mask, apart.document_mask) == (False, True)
    assert seen.loss != apart.loss


def test_it_prints_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    found = bench(plan_of("nemotron4_15b", TINY), steps=1)
    print_figures(found, Console(stderr=True))
    out, err = capsys.readouterr()
    page = json.loads(out)
    assert (page["name"], page["parameters"], page["mfu"]) == ("bench", found.parameters, None)
    assert page["settings"] == list(TINY)
    assert "peak of this device is not known" in err


def test_a_plan_is_measured_with_the_vocabulary_and_windows_of_its_tokens(tmp_path: Path) -> None:
    _, model = saved_run(tmp_path)
    (tmp_path / "plan.yaml").write_text(PLAN)
    plan = plan_of(str(tmp_path / "plan.yaml"), ("execution.recompute=true",))
    found = bench(plan, steps=1, root=str(tmp_path))
    assert (found.seq_len, found.model, found.recompute) == (64, "small", True)
    assert found.parameters == 2 * model.shape.vocab_size * 32 + 2 * (32 * 16 * 12 + 2 * 32 * 128) + 5 * 64


def test_a_model_that_cannot_fit_is_refused_before_it_is_made() -> None:
    with pytest.raises(RunError, match=r"weights, gradients and moments take .* GiB, .* are free"):
        bench(plan_of("nemotron4_15b", ("model.n_layer=4000",)), steps=1)


def test_a_preset_whose_vocabulary_is_the_tokenizer_s_asks_for_one() -> None:
    with pytest.raises(RunError, match=r"preset 1m: the vocabulary is the tokenizer's: say how large"):
        bench(plan_of("1m"), steps=1)


def test_what_is_neither_plan_nor_preset_is_said_to_be_neither() -> None:
    with pytest.raises(RunError, match="nemotron4: no such plan, and no such preset; did you mean 'nemotron4_15b'"):
        plan_of("nemotron4")


def test_many_processes_are_measured_together_and_the_first_one_tells() -> None:
    """Two that share layers, under torchrun: the loss is that of one process on the same tokens."""
    settings = [part for one in (*TINY, "execution.tensor_parallel=2", "model.n_kv_head=2") for part in ("--set", one)]
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m"]
    asked = ["trainer", "bench", "nemotron4_15b", "--steps", "2", "--batch", "4", "--micro-batch", "2", *settings]
    environment = os.environ | {"PYTHONPATH": ROOT, "OMP_NUM_THREADS": "1"}
    done = subprocess.run([*command, *asked], capture_output=True, text=True, check=True, env=environment, timeout=120)
    found = json.loads(done.stdout)
    alone = bench(plan_of("nemotron4_15b", (*TINY, "model.n_kv_head=2")), steps=2, batch=4, micro_batch=2)
    assert alone is not None
    assert found["loss"] == pytest.approx(alone.loss, rel=1e-5)
    assert (found["processes"], found["degrees"]) == (2, {"copies": 1, "shards": 1, "tensor": 2})
    assert found["tokens_per_s"] == pytest.approx(4 * 16 / found["step_seconds"])
    assert len(found["peak_bytes_by_rank"]) == 2
    assert max(found["peak_bytes_by_rank"]) == found["peak_bytes"] > 0
    assert "processes" in done.stderr


@pytest.mark.slow
def test_a_batch_that_copies_of_the_model_cannot_share_is_refused() -> None:
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "trainer"]
    settings = [part for one in TINY for part in ("--set", one)]
    done = subprocess.run(
        [*command, "bench", "nemotron4_15b", "--batch", "3", *settings],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": ROOT, "OMP_NUM_THREADS": "1"},
        timeout=120,
    )
    assert done.returncode
    assert "--batch: expected a multiple of 2, copies of the model, found 3" in done.stderr
