"""`datapipe duplicates` says what is wrong in one line."""

import json
from pathlib import Path

import pytest

from datapipe.cli import main
from tests.terminal import Terminal

RECIPE = """\
name: none
output: out
sources: [{name: web, reader: jsonl, paths: ["*.jsonl"]}]
passes: [{name: extract, steps: []}]
domains: [{name: all, weight: 1}]
holdout: {fraction: 0}
"""


@pytest.fixture
def datapipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal("datapipe", main, tmp_path, monkeypatch, capsys)


def test_a_folder_without_a_run_is_named(datapipe: Terminal) -> None:
    for options in ([], ["--id", "web/x/1"], ["--like", "some.txt"]):
        said = datapipe("duplicates", "nowhere", *options)
        assert (said.code, said.error) == (1, "error: nowhere: no plan.json: not the output folder of a run\n")


def test_one_question_at_a_time(datapipe: Terminal) -> None:
    said = datapipe("duplicates", "nowhere", "--id", "web/x/1", "--like", "some.txt")
    assert said.code == 2 and "give --id or --like, not both" in said.error


def test_a_run_that_compares_nothing_is_named(datapipe: Terminal, tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": "alone"}) + "\n")
    assert datapipe("run", "recipe.yaml", "--root", ".", "--executor", "inline").code == 0
    said = datapipe("duplicates", "out")
    assert (said.code, said.error) == (1, "error: out: its recipe has no pass that drops duplicates\n")
