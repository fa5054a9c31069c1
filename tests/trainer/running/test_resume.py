"""Stopped anywhere, a run that goes on is the run that was never stopped: bit for bit, on a CPU."""

import subprocess
import sys
from pathlib import Path

import pytest
from safetensors.torch import load_file

from tests.trainer.small_run import ENDS, STEPS, last_weights, told, train_until, trained

ROOT = Path(__file__).parents[3]
SAME = ("step", "skipped", "validation", "phase", "checkpoint", "end")
"""Kinds of lines that do not depend on where a run was stopped, but for the checkpoint of the stop itself."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def whole(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of a run that was never stopped."""
    root = tmp_path_factory.mktemp("whole")
    assert trained(data, root) == 0
    return root


def test_the_run_has_the_steps_of_its_plan(whole: Path) -> None:
    steps = told(whole, "step")
    assert [one["samples_seen"] for one in steps] == list(ENDS)
    assert [one["step"] for one in steps] == list(range(1, STEPS + 1))
    assert steps[0]["rate"] == 0.01 * 2 / 4
    assert [one["samples_seen"] for one in told(whole, "phase")] == [0, 10]


@pytest.mark.parametrize("step", range(1, STEPS))
def test_stopped_at_any_step_it_goes_on_as_if_nothing_had_been(
    step: int, data: Path, whole: Path, tmp_path: Path
) -> None:
    assert train_until(data, tmp_path, step) == 130
    assert len(told(tmp_path, "step")) == step
    assert trained(data, tmp_path) == 0
    assert last_weights(tmp_path) == last_weights(whole)
    stop = {"kind": "checkpoint", "samples_seen": ENDS[step - 1], "step": step}
    assert [one for one in told(tmp_path, *SAME) if one != stop] == [one for one in told(whole, *SAME) if one != stop]


def test_a_run_that_is_done_does_nothing_more(data: Path, whole: Path) -> None:
    before = last_weights(whole), told(whole, *SAME)
    assert trained(data, whole) == 0
    assert (last_weights(whole), told(whole, *SAME)) == before


def test_what_was_not_saved_is_trained_again_and_told_once(data: Path, whole: Path, tmp_path: Path) -> None:
    assert train_until(data, tmp_path, 7) == 130
    for name in ("000000000016", "000000000010"):
        newest = tmp_path / "run/checkpoints" / name
        for file in newest.glob("*"):
            file.unlink()
        newest.rmdir()
    assert trained(data, tmp_path) == 0
    assert told(tmp_path, *SAME) == told(whole, *SAME)
    assert last_weights(tmp_path) == last_weights(whole)


@pytest.mark.slow  # where others use the cores, threads wait for each other at every product
def test_with_two_threads_it_is_the_same_run_too(data: Path, tmp_path: Path) -> None:
    assert trained(data, tmp_path / "whole", threads=2) == 0
    assert trained(data, tmp_path / "parts", "phases.0.gpus=1", "phases.1.gpus=3", threads=2) == 3
    assert trained(data, tmp_path / "parts", threads=2) == 0
    assert last_weights(tmp_path / "parts") == last_weights(tmp_path / "whole")
    assert told(tmp_path / "parts", "step") == told(tmp_path / "whole", "step")


@pytest.mark.parametrize("setting", ["execution.recompute=true", "execution.read_threads=3", "logs.every_steps=3"])
def test_how_it_is_executed_does_not_change_what_is_learnt(
    setting: str, data: Path, whole: Path, tmp_path: Path
) -> None:
    assert trained(data, tmp_path, setting) == 0
    assert last_weights(tmp_path) == last_weights(whole)


def test_larger_micro_batches_see_the_same_samples(data: Path, tmp_path: Path) -> None:
    batches = ("phases.0.batch=4", "phases.1.batch=4")
    for name, micro_batch in (("one", 1), ("four", 4)):
        assert trained(data, tmp_path / name, *batches, f"execution.micro_batch={micro_batch}") == 0
    one, four = (told(tmp_path / name, "step") for name in ("one", "four"))
    assert [step["shares"] for step in one] == [step["shares"] for step in four]
    assert [step["loss"] for step in one] == pytest.approx([step["loss"] for step in four], rel=1e-4)


def test_in_bf16_it_learns_too_and_its_weights_are_kept_in_fp32(data: Path, tmp_path: Path) -> None:
    assert trained(data, tmp_path, "execution.precision=bf16") == 0
    steps = told(tmp_path, "step")
    assert steps[-1]["loss"] < steps[0]["loss"] - 0.2
    weights = load_file(max((tmp_path / "run/checkpoints").glob("?" * 12)) / "model.safetensors")
    assert {str(one.dtype) for one in weights.values()} == {"torch.float32"}


@pytest.mark.slow
def test_killed_again_and_again_at_any_moment_it_ends_as_the_same_run(data: Path, tmp_path: Path) -> None:
    """Checkpoints are saved after every step, so about half of all kills hit a save."""
    settings = ("checkpoints.every_tokens=1", "phases.1.tokens=320")
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert trained(data, whole, *settings) == 0
    script = [sys.executable, "-m", "tests.trainer.killed_often", str(data), str(killed), "4", *settings]
    done = subprocess.run(script, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 3  # kills
    assert last_weights(killed) == last_weights(whole)
    assert told(killed, *SAME) == told(whole, *SAME)
    assert not list((killed / "run/checkpoints").glob(".*"))
