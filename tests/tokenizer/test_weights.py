"""`tokenizer weights` on a small run: what it tries, keeps, tells and does not do twice."""

import json
import os
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from datapipe.observing.status import read_status
from datapipe.output import RunError
from tests.tokenizer.encoded_run import EncodedRun
from tokenizer.counts import count
from tokenizer.sweep.result import Result
from tokenizer.weights import sweep

SETTINGS = (
    "sweep.vocab_size=320",
    "sweep.temperatures=[1, 5]",
    "sweep.unimax_epochs=[1]",
    "sweep.up_sampling=[1, 8]",
    "evaluate.parallel=[parallel.jsonl]",
)
PARALLEL = (
    {"language": "en", "key": "1", "text": "the small house and the river"},
    {"language": "tale", "key": "1", "text": "das kleine Haus und der Fluss"},
    {"language": "xx", "key": "1", "text": "a language that the data does not have"},
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> EncodedRun:
    """A run with counts; the unit `tale` of the domain `others` stands for a language."""
    made = EncodedRun.at(tmp_path_factory.mktemp("weights"))
    (made.folder / "parallel.jsonl").write_text("\n".join(map(json.dumps, PARALLEL)))
    count(made.recipe(), root=str(made.folder), console=quiet())
    return made


@pytest.fixture(scope="module")
def result(run: EncodedRun) -> Result:
    return swept(run)


def swept(run: EncodedRun, *settings: str) -> Result:
    return sweep(run.recipe(*SETTINGS, *settings), root=str(run.folder), console=quiet())


def quiet() -> Console:
    return Console(file=StringIO())


def folder_of(run: EncodedRun) -> Path:
    return run.folder / "tokenizer" / "weights"


def test_the_ways_of_the_recipe_are_tried_those_that_are_the_same_once(result: Result) -> None:
    names = [one.candidate.name for one in result.trained]
    assert names == ["temperature 1 = unimax 1", "temperature 5", "up_sampling 1", "up_sampling 8"]
    assert result.failed == {}


def test_only_languages_that_the_data_has_are_compared(result: Result) -> None:
    assert {tuple(one.measured.parities) for one in result.trained} == {("tale",)}


def test_the_file_holds_shares_of_all_units_that_sum_to_1(run: EncodedRun, result: Result) -> None:
    found = json.loads((folder_of(run) / "weights.json").read_text())
    assert found["weights"] == result.chosen.candidate.name
    assert sum(found["shares"].values()) == pytest.approx(1)
    assert {"english/left", "others/tale"} <= found["shares"].keys()
    assert (folder_of(run) / "weights.html").read_text().startswith("<!doctype html>")


def test_nodes_read_parallel_text_in_the_output_folder(run: EncodedRun, result: Result) -> None:
    """A job's own copy of the recipe's folder is there for its driver only."""
    (copy,) = (folder_of(run) / "parallel").iterdir()
    assert copy.name == "0-parallel.jsonl"
    assert copy.read_text() == (run.folder / "parallel.jsonl").read_text()


def test_what_is_finished_is_not_trained_again_and_what_is_lost_comes_out_the_same(
    run: EncodedRun, result: Result
) -> None:
    before = {path: path.read_bytes() for path in folder_of(run).rglob("*") if path.is_file()}
    kept = folder_of(run) / "candidates" / "temperature-1.json"
    os.utime(kept, (1, 1))
    (folder_of(run) / "candidates" / "up_sampling-8.json").unlink()
    swept(run)
    assert kept.stat().st_mtime == 1
    assert {path: path.read_bytes() for path in folder_of(run).rglob("*") if path.is_file()} == before
    status = read_status(str(run.folder / "tokenizer"))
    assert (status.state, status.passes[0].name, status.passes[0].tasks_done) == ("finished", "weights", 4)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("sweep.up_sampled=[othres]", r"sweep.up_sampled: no domain 'othres' was counted; did you mean 'others'"),
        ("sweep.up_sampled=[english]", r"nothing to compare with English: .* is a unit of english"),
        ("sweep.vocab_size=270", r"no weights give a vocabulary: sweep.vocab_size: 270 pieces have no room"),
        ("symbols.split_digits=none", r"cut at other symbols than the recipe's"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(run: EncodedRun, setting: str, message: str) -> None:
    with pytest.raises(RunError, match=message) as error:
        swept(run, setting)
    assert "\n" not in str(error.value)
