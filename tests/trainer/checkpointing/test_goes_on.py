"""Runs that go on: past a damaged checkpoint, under a changed plan, in the steps of another run."""

import io
import json
import shutil
from pathlib import Path

import pytest
import safetensors.torch
import torch
from rich.console import Console

from datapipe.output import RunError
from tests.trainer.small_run import last_weights, quiet, small_plan, told, train_until, trained
from trainer.checkpoint import load
from trainer.train import run

EDGE, END = "run/checkpoints/000000000010", "run/checkpoints/000000000031"
"""Of the phases."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def whole(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of a finished run."""
    root = tmp_path_factory.mktemp("whole")
    assert trained(data, root) == 0
    return root


def said_by(data: Path, root: Path, *settings: str, changed_plan: bool = False) -> str:
    """What a run says; it must end well."""
    stream = io.StringIO()
    plan, console = small_plan(data, *settings), Console(file=stream, width=200)
    assert run(plan, str(root), changed_plan=changed_plan, threads=1, console=console) == 0
    return stream.getvalue()


def test_a_damaged_checkpoint_is_told_and_what_it_held_is_trained_again(
    data: Path, whole: Path, tmp_path: Path
) -> None:
    assert train_until(data, tmp_path, 7) == 130
    newest = tmp_path / "run/checkpoints/000000000016/optimizer.safetensors"
    newest.write_bytes(newest.read_bytes()[:-4] + b"four")

    said = said_by(data, tmp_path)

    assert said.startswith(f"warning: damaged checkpoint passed over: {newest}: its sum is ")
    assert last_weights(tmp_path) == last_weights(whole)
    assert told(tmp_path, "step") == told(whole, "step")


def test_a_log_that_was_lost_is_told_and_training_goes_on(data: Path, whole: Path, tmp_path: Path) -> None:
    assert train_until(data, tmp_path, 7) == 130
    log = tmp_path / "run/log.jsonl"
    log.unlink()

    said = said_by(data, tmp_path)

    assert said.startswith(f"warning: {log}: lacks lines of before sample ")
    assert last_weights(tmp_path) == last_weights(whole)


def test_edges_and_the_end_stay_with_the_last_two_between(whole: Path) -> None:
    """Every 128 tokens are 8 samples: 8, 16, 25; of those 8 goes."""
    kept = sorted(one.name for one in (whole / "run/checkpoints").iterdir())
    assert kept == ["000000000010", "000000000016", "000000000025", "000000000031"]


def test_another_plan_is_refused_and_nothing_changes(data: Path, tmp_path: Path) -> None:
    assert train_until(data, tmp_path, 7) == 130
    before = {file: file.read_bytes() for file in (tmp_path / "run").rglob("*") if file.is_file()}
    with pytest.raises(RunError, match=r"\n  phases.1.batch: 3 in the checkpoint, 4 in the plan\n"):
        trained(data, tmp_path, "phases.1.batch=4")
    assert all(file.read_bytes() == bytes_ for file, bytes_ in before.items())


def test_a_changed_plan_goes_on_from_there(data: Path, whole: Path, tmp_path: Path) -> None:
    """7 steps as they were, to sample 16; the 14 samples that are left in batches of 5."""
    assert train_until(data, tmp_path, 7) == 130

    said = said_by(data, tmp_path, "phases.1.batch=5", changed_plan=True)

    assert "changed: phases.1.batch: 3 in the checkpoint, 5 in the plan" in said
    assert [one["samples_seen"] for one in told(tmp_path, "step")] == [2, 4, 6, 8, 10, 13, 16, 21, 26, 31]
    assert told(tmp_path, "step")[:7] == told(whole, "step")[:7]
    lines = [line for one in told(tmp_path, "start") for line in one["changes"]]
    assert "phases.1.batch: 3 in the checkpoint, 5 in the plan" in lines
    course = json.loads((tmp_path / "run/course.json").read_text())
    assert [(one["first"], one["end"], one["batch"]) for one in course["stretches"]] == [
        (0, 10, 2),
        (10, 16, 3),
        (16, 31, 5),
    ]
    assert "phases.1.batch=5" in (tmp_path / "run/plan.yaml").read_text()


def test_a_changed_plan_is_stopped_and_goes_on_bit_for_bit(data: Path, tmp_path: Path) -> None:
    one, other, changed = tmp_path / "one", tmp_path / "other", "phases.1.blend=first"
    for root in (one, other):
        assert train_until(data, root, 6) == 130
    said_by(data, one, changed, changed_plan=True)
    assert run(small_plan(data, changed), str(other), changed_plan=True, threads=1, console=quiet()) == 0
    shutil.rmtree(other / END)

    assert trained(data, other, changed) == 0

    assert last_weights(other) == last_weights(one)
    assert told(other, "step") == told(one, "step")


def next_plan(whole: Path, *settings: str) -> tuple[str, ...]:
    """Settings of a plan that starts from the finished run, one phase of 5 steps at a steady rate."""
    phase = '[{"name": "more", "tokens": 160, "batch": 2, "blend": "second", "learning_rate": [%s]}]'
    rate = '{"shape": "constant", "start": 0.001}'
    start = f'start={{"checkpoint": "{whole}/run"}}'
    return (start, "output=next", f"phases={phase % rate}", *settings)


def test_a_run_starts_from_another(data: Path, whole: Path, tmp_path: Path) -> None:
    """Its first step is the 13th of AdamW, from the weights that the other ended with, and units go on."""
    settings = next_plan(whole, "checkpoints.every_tokens=32")
    assert trained(data, tmp_path, *settings) == 0

    found = [load(folder).record for folder in sorted((tmp_path / "next/checkpoints").iterdir())]
    assert found[-1].samples_seen == 10
    assert set(found[-1].optimizer_steps.values()) == {12 + 5}
    assert found[-1].origin is not None
    assert found[-1].origin.path == str(whole / END)
    ended, began = (found[-1].course.stretches[0].cursors, load(whole / END).record.course)
    assert sum(count for units in ended.values() for count in units.values()) == 31 == began.stretches[-1].end


def test_a_run_that_started_from_another_goes_on_without_it(data: Path, whole: Path, tmp_path: Path) -> None:
    earlier, straight, stopped = tmp_path / "earlier", tmp_path / "straight", tmp_path / "stopped"
    shutil.copytree(whole, earlier)
    settings = next_plan(earlier, "checkpoints.every_tokens=32", "checkpoints.keep_last=9")
    for root in (straight, stopped):
        assert trained(data, root, *settings) == 0
    shutil.rmtree(earlier)
    for name in ("000000000010", "000000000008", "000000000006"):
        shutil.rmtree(stopped / "next/checkpoints" / name)

    assert trained(data, stopped, *settings) == 0

    for name in ("model.safetensors", "optimizer.safetensors"):
        ends = [root / "next/checkpoints/000000000010" / name for root in (straight, stopped)]
        assert ends[0].read_bytes() == ends[1].read_bytes()


def test_moments_begin_anew_where_the_plan_says_so(data: Path, whole: Path, tmp_path: Path) -> None:
    assert trained(data, tmp_path, *next_plan(whole, "start.optimizer=fresh", "start.cursors=fresh")) == 0
    record = load(tmp_path / "next/checkpoints/000000000010").record
    assert set(record.optimizer_steps.values()) == {5}
    assert {count for units in record.course.stretches[0].cursors.values() for count in units.values()} == {0}


def test_a_rate_of_nothing_leaves_the_weights_of_the_start(data: Path, whole: Path, tmp_path: Path) -> None:
    """What is saved at the end is what the other run ended with: its weights, not its rate, are taken over."""
    still = "phases.0.learning_rate.0.start=0.0"
    assert trained(data, tmp_path, *next_plan(whole, still, "optimizer.weight_decay=0.0")) == 0
    ends = (tmp_path / "next/checkpoints/000000000010", whole / END)
    before, after = (safetensors.torch.load_file(end / "model.safetensors") for end in ends)
    assert all(torch.equal(before[name], after[name]) for name in before)
