"""The Nemotron-4 15B recipe keeps to the paper: its shares, and as many languages as it counts."""

from pathlib import Path

import pytest
import yaml

from datapipe.readers.programming_languages import table

FOLDER = Path(__file__).parents[2] / "recipes" / "nemotron4_15b"
RECIPE = yaml.safe_load((FOLDER / "recipe.yaml").read_text("utf-8"))
DOMAINS = {domain["name"]: domain for domain in RECIPE["domains"]}


def test_it_plans_eight_trillion_tokens_in_the_shares_of_the_paper() -> None:
    assert RECIPE["budget_tokens"] == 8 * 10**12
    weights = {name: domain["weight"] for name, domain in DOMAINS.items()}
    assert weights == {"english": 0.70, "multilingual": 0.15, "code": 0.15}


def test_it_has_as_many_languages_as_the_paper() -> None:
    natural = DOMAINS["multilingual"]["where"]["language"]
    programming = DOMAINS["code"]["where"]["programming_language"]
    assert (len(set(natural)), len(set(programming))) == (53, 43)
    assert "en" not in natural
    assert "no" in natural  # unquoted, YAML reads it as false


def test_the_reader_knows_every_programming_language_by_the_name_in_the_recipe() -> None:
    known = {row["language"] for row in table("programming_languages.csv")}
    assert set(DOMAINS["code"]["where"]["programming_language"]) <= known


@pytest.mark.parametrize("mark", ["paper", "inferred", "ours"])
def test_the_readme_marks_where_its_values_come_from(mark: str) -> None:
    rows = [line for line in (FOLDER / "README.md").read_text("utf-8").splitlines() if line.startswith("|")]
    assert any(line.rstrip("| ").endswith(mark) for line in rows)
