"""The tokenizer recipes that ship fit the data recipes beside them, and keep to the paper where they say so."""

import re
from pathlib import Path

import pytest

from datapipe import load as load_data
from tokenizer.load import load
from tokenizer.symbols import fixed_pieces

RECIPES = Path(__file__).parents[2] / "recipes"
NAMES = [path.parent.name for path in sorted(RECIPES.glob("*/tokenizer.yaml"))]


def test_every_data_recipe_has_a_tokenizer() -> None:
    assert sorted(path.parent.name for path in RECIPES.glob("*/recipe.yaml")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_tokenizer_reads_what_the_recipe_beside_it_writes_and_names_its_domains(name: str) -> None:
    data, tokenizer = load_data(RECIPES / name / "recipe.yaml"), load(RECIPES / name / "tokenizer.yaml")
    assert (tokenizer.name, tokenizer.data, tokenizer.output) == (data.name, data.output, f"{data.output}-tokenizer")
    named = set(tokenizer.train.weights.up_sampling or ())
    assert named == {"multilingual"} and named <= {domain.name for domain in data.domains}


def test_the_tokenizer_of_nemotron_4_has_the_properties_of_the_paper() -> None:
    recipe = load(RECIPES / "nemotron4_15b" / "tokenizer.yaml")
    assert recipe.train.vocab_sizes == (256_000,)
    assert recipe.symbols.split_digits == "every_script"
    assert (recipe.train.weights.up_sampling or {})["multilingual"] > 1
    assert recipe.encode.seq_len == 4096


def test_the_tiny_tokenizer_says_how_many_pieces_no_data_decides() -> None:
    recipe = load(RECIPES / "tiny" / "tokenizer.yaml")
    assert f"{len(fixed_pieces(recipe.symbols, recipe.train)):,} pieces of symbols and bytes" in recipe.text


def test_the_readme_marks_where_the_values_of_the_tokenizer_come_from() -> None:
    page = (RECIPES / "nemotron4_15b" / "README.md").read_text("utf-8").partition("## The tokenizer")[2]
    marks = re.findall(r"\| (paper|inferred|ours|not published)[^|]* \|$", page, re.MULTILINE)
    assert {"paper", "ours", "not published"} <= set(marks)
    assert "| 256,000 |" in page
