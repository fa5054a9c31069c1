"""Stopped anywhere, a run that goes on is the run that was never stopped: bit for bit, on a CPU."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.trainer.small_run import ENDS, STEPS, last_weights, told, train_until, trained

ROOT = Path(__file__).parents[2]
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
