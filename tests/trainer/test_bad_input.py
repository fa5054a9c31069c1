"""Whatever is wrong with a plan or its tokens, `trainer run` ends with one line and leaves what it had as it was."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.terminal import Terminal
from tests.trainer.small_run import PLAN, small_plan
from tests.trainer.token_files import write_shard
from trainer.cli import main


@pytest.fixture
def trainer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """A shell in a folder with a small plan and its tokens."""
    small_plan(tmp_path)
    (tmp_path / "plan.yaml").write_text(PLAN)
    return Terminal("trainer", main, tmp_path, monkeypatch, capsys)


def missing(folder: Path) -> None:
    (folder / "web.bin").unlink()


def without_index(folder: Path) -> None:
    (folder / "web.idx").unlink()


def truncated(folder: Path) -> None:
    path = folder / "web.bin"
    path.write_bytes(path.read_bytes()[:-10])


def foreign_ids(folder: Path) -> None:
    write_shard(folder / "web", [[1, 2, 60_000] * 50], "<u2")


def other_type(folder: Path) -> None:
    write_shard(folder / "web", [[1, 2, 3] * 50], "<i4")


def too_small(folder: Path) -> None:
    write_shard(folder / "C", [[1, 2, 3]], "<u2")


def no_index_at_all(folder: Path) -> None:
    (folder / "web.idx").write_bytes(b"PK")


DAMAGE: list[tuple[Callable[[Path], None], str]] = [
    (missing, r"web\.bin: "),
    (without_index, r"megatron\.units\.prose\.web: web\.idx: no such file"),
    (truncated, r"web\.bin: 390 bytes; its index has 200 tokens of 2 bytes"),
    (foreign_ids, r"web\.bin.*60,?000"),
    (other_type, r"web\.bin has tokens of int32, .* of uint16"),
    (too_small, r"plan\.yaml:\d+: blends\.first: domain code .* 3 tokens in 1 units make no window"),
    (no_index_at_all, r"web\.idx: no index of Megatron's form"),
]
"""What is done to the tokens, and what is said of it."""


@pytest.mark.parametrize(("damage", "message"), DAMAGE, ids=[damage.__name__ for damage, _ in DAMAGE])
def test_tokens_that_are_not_what_they_should_be_end_the_run(
    damage: Callable[[Path], None], message: str, trainer: Terminal
) -> None:
    damage(trainer.folder)
    said = trainer("run", "plan.yaml", "--threads", "1")
    assert (said.code, said.out) == (1, "")
    lines = [line for line in said.error.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1
    assert re.search(message, lines[0].replace(f"{trainer.folder}/", "")), lines[0]
    assert "Traceback" not in said.error


SETTINGS: list[tuple[str, str]] = [
    ("blends.first.code.weight=0.4", r"plan\.yaml:\d+: blends\.first: weights must sum to 1, found 0\.7 \+ 0\.4"),
    ("phases.ramp.batch=40", r"plan\.yaml:\d+: phases\.1\.tokens: the phase would end at sample 30, .* at 40"),
    ("phases.ramp.max_epochs={code: 0.01}", r"plan\.yaml:\d+: phases\.0\.max_epochs.*code"),
    ("blends.second.code.sampling={weights: {C: 0.5, D: 0.5}}", r"no such unit; .*there are: C"),
    ("megatron.vocab_size=2", r"id"),
    ("megatron.units.code.C=[nothing*]", r"megatron\.units\.code\.C: nothing\*\.idx: no such file"),
    ("megatron.validation={code: {C: [C]}}", r"megatron\.validation\.code\.C: .*C is given twice"),
    ("start={checkpoint: nowhere}", r"nowhere"),
    ("output=plan.yaml", r"plan\.yaml"),
]
"""A change of the plan, and what is said of it."""


@pytest.mark.parametrize(("setting", "message"), SETTINGS, ids=[setting.partition("=")[0] for setting, _ in SETTINGS])
def test_a_plan_that_cannot_be_met_is_refused_before_the_first_step(
    setting: str, message: str, trainer: Terminal
) -> None:
    said = trainer("run", "plan.yaml", "--threads", "1", "--set", setting)
    assert said.code == 1
    lines = said.error.replace(f"{trainer.folder}/", "").splitlines()
    assert [bool(re.search(message, line)) for line in lines if line.startswith("error: ")] == [True], lines
    assert not list(trainer.folder.glob("run/checkpoints/*"))


def test_a_phase_whose_edge_is_no_multiple_of_the_batch_finishes_it_and_the_next_is_shorter(trainer: Terminal) -> None:
    assert trainer("run", "plan.yaml", "--threads", "1", "--set", "phases.ramp.batch=4").code == 0
    course = json.loads((trainer.folder / "run/course.json").read_text())
    assert [(one["first"], one["end"], one["batch"]) for one in course["stretches"]] == [(0, 12, 4), (12, 30, 3)]


def test_a_damaged_checkpoint_is_told_and_the_one_before_is_used(trainer: Terminal) -> None:
    assert trainer("run", "plan.yaml", "--threads", "1").code == 0
    last = max((trainer.folder / "run/checkpoints").iterdir())
    weights = last / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    said = trainer("run", "plan.yaml", "--threads", "1")
    assert said.code == 0
    assert "warning: " in said.error and "model.safetensors" in said.error
    assert "12 steps" in said.error


def test_a_folder_of_another_plan_is_refused_with_the_differences(trainer: Terminal) -> None:
    assert trainer("run", "plan.yaml", "--threads", "1").code == 0
    said = trainer("run", "plan.yaml", "--threads", "1", "--set", "optimizer.weight_decay=0.2")
    assert said.code == 1
    assert "0.1" in said.error and "0.2" in said.error and "--changed-plan" in said.error
