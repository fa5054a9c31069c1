"""`trainer mix plan`: what mixtures come to that need no training. A million tokens of three components is all."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from datapipe.loading.located_yaml import RecipeError
from tests.trainer.small_plans import SMALL
from trainer.cli import app

EXPERIMENT = """\
name: small
output: out/small
sizes: {english: 600_000, multilingual: 300_000, code: 100_000}
phases: [{name: stable, tokens: 750_000}, {name: anneal, tokens: 250_000}]
current:
  stable: {english: 0.8, multilingual: 0.2}
  anneal: {english: 0.2, code: 0.8}
caps: {min_weight: 0, max_epochs: 4}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mixture.yaml"
    path.write_text(EXPERIMENT)
    return path


def plan(file: Path, *options: str) -> Result:
    return CliRunner(env={"COLUMNS": "120"}).invoke(app, ["mix", "plan", str(file), *options])


def read(file: Path, *options: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(plan(file, "--json", *options).stdout)
    return found


def mixture(name: str, file: Path, *options: str) -> dict[str, Any]:
    return {one["name"]: one for one in read(file, *options)["mixtures"]}[name]


def test_it_says_of_every_phase_what_is_read_of_a_component_and_how_often(file: Path) -> None:
    code = mixture("current", file)["components"]["code"]
    assert code["weights"] == [0, 0.8]
    assert code["tokens"] == [0, 200_000]
    assert code["phase_epochs"] == [0, 2]
    assert (code["epochs"], code["max_epochs"]) == (2, 4)


def test_it_says_what_repeated_tokens_are_worth(file: Path) -> None:
    """English: 600,000 + 50,000 of 600,000; code twice: 100,000 (1 + 15.39 (1 - exp(-1 / 15.39))) = 196,822."""
    current = mixture("current", file)
    worth = {name: one["effective_tokens"] for name, one in current["components"].items()}
    assert worth == {"english": 649_865, "multilingual": 150_000, "code": 196_820}
    assert current["effective_tokens"] == 649_865 + 150_000 + 196_820
    assert mixture("proportional", file)["effective_tokens"] == 1_000_000


def test_it_names_what_breaks_a_cap_and_what_is_near_it(file: Path) -> None:
    assert mixture("uniform", file)["warnings"] == ["code is read 3.33 times"]
    broken = mixture("uniform", file, "--set", "caps.max_epochs=3")
    assert (broken["broken"], broken["warnings"]) == (["code epochs: 3.333, at most 3"], [])


def test_the_exit_code_tells_whether_today_s_mixture_breaks_a_cap(file: Path) -> None:
    assert plan(file).exit_code == 0
    result = plan(file, "--set", "caps.max_epochs=1.9")
    assert result.exit_code == 1
    assert (
        "current: worth 996.7 k fresh tokens, 99.7 % of those read; breaks code epochs: 2, at most 1.9" in result.stdout
    )


def test_all_static_mixtures_stand_side_by_side_with_marks(file: Path) -> None:
    lines = plan(file, "--set", "caps.max_epochs=3").stdout.splitlines()
    assert [line.split() for line in lines if line.startswith(" uniform ")] == [
        ["uniform", "33.33", "33.33", "33.33"],
        ["uniform", "33.33", "33.33", "33.33"],  # a table for each phase, for today's differ
        ["uniform", "0.56", "1.11", "3.33", "!"],
    ]
    assert "current 1.08 0.50 2.00" in [" ".join(line.split()) for line in lines]


def test_many_components_stand_in_lines_and_mixtures_in_columns(file: Path) -> None:
    sizes = ", ".join(f"c{place}: 100_000" for place in range(9))
    file.write_text(f"name: wide\noutput: out\nsizes: {{{sizes}}}\nphases: [{{name: all, tokens: 900_000}}]\n")
    lines = [line.split() for line in plan(file).stdout.splitlines()]
    assert ["c8", *["11.11"] * 8] in lines and ["c8", *["1.00"] * 8] in lines


def test_a_mixture_at_its_cap_breaks_nothing(file: Path) -> None:
    """UniMax with four epochs gives a component of 70,000 all of them: 0.28 of a million, to the last digit or so."""
    file.write_text(EXPERIMENT.replace("code: 100_000", "code: 70_000"))
    at_cap = mixture("unimax_4", file)
    assert at_cap["components"]["code"]["epochs"] == pytest.approx(4)
    assert (at_cap["broken"], at_cap["warnings"]) == ([], ["code is read 4 times"])


def test_epochs_of_a_plan_that_goes_on_from_another_are_said_to_be_its_own(tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text(SMALL + "start: {checkpoint: out/earlier}\n")
    (tmp_path / "mixture.yaml").write_text("name: small\noutput: mixture\nplan: plan.yaml\n")
    assert "\nepochs are counted from this plan's start, " in plan(tmp_path / "mixture.yaml").stdout


def test_caps_that_cannot_be_met_are_one_line(file: Path) -> None:
    result = plan(file, "--set", "caps.max_epochs=0.9")
    assert isinstance(result.exception, RecipeError)
    assert "no mixture meets all of this, with weights that sum to 1: english epochs <= 0.9" in str(result.exception)


def test_mixtures_that_repeat_nothing_share_a_line(file: Path) -> None:
    file.write_text(EXPERIMENT.replace("00_000", "00_000_000"))
    lines = plan(file).stdout.splitlines()
    assert [line for line in lines if "fresh tokens" in line] == []
    (line,) = (line for line in lines if line.endswith(": no text is read twice, nothing is lost"))
    assert line.startswith("proportional, uniform, ") and "current" in line
