"""The JSON Schema takes what loads and refuses the typical mistakes, so that an editor marks them while one types."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from datapipe.loading.located_yaml import RecipeError, parse
from tokenizer.load import KEYS, loads
from tokenizer.reference import EXAMPLE
from tokenizer.schema import schema_json

RECIPES = Path(__file__).parents[2] / "recipes"
HEAD = "name: small\ndata: out/small\noutput: out/small-tokenizer\n"


@pytest.fixture(scope="module")
def schema() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(schema_json()))


def data(text: str) -> Any:
    return parse(text, "tokenizer.yaml").data


def test_it_is_a_schema_of_all_keys_and_explains_them(schema: Any) -> None:
    schema.check_schema(schema.schema)
    assert set(schema.schema["properties"]) == set(KEYS)
    mappings = [schema.schema, *(one for one in schema.schema["$defs"].values() if "properties" in one)]
    assert [key for one in mappings for key, value in one["properties"].items() if "description" not in value] == []


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*/tokenizer.yaml")), ids=lambda path: path.parent.name)
def test_it_takes_every_tokenizer_recipe_that_ships(path: Path, schema: Any) -> None:
    schema.validate(data(path.read_text("utf-8")))


@pytest.mark.parametrize(
    "text",
    [
        HEAD,
        EXAMPLE,
        HEAD + "symbols: {user_defined: [], split_digits: none}",
        HEAD + "train: {weights: {shares: {english: 0.5, multilingual/de: 0.5}}}",
        HEAD + "train: {weights: {unimax: {max_epochs: 4}}, max_memory_bytes: 4_000_000_000}",
        HEAD + "train: {weights: {file: weights.json}}\nencode: {model: my.model}",
        HEAD + "evaluate: {gates: [{metric: parity, max: 1}, {metric: fertility, group: de, min: 0, max: 1}]}",
    ],
)
def test_it_takes_what_loads(text: str, schema: Any) -> None:
    schema.validate(data(text))
    assert loads(text).name in {"small", "example"}


@pytest.mark.parametrize(
    "text",
    [
        "name: small",
        HEAD + "nmae: x",
        HEAD + "file: x",
        HEAD + "count: {domains: english}",
        HEAD + "count: {max_fragment_bytes: 1}",
        HEAD + "symbols: {split_digits: all}",
        HEAD + "symbols: {user_defined: ['']}",
        HEAD + "train: {vocab_sizes: []}",
        HEAD + "train: {vocab_sizes: [1000]}",
        HEAD + "train: {vocab_sizes: ['256000']}",
        HEAD + "train: {weights: {temperature: 3, repeat: {en: 2}}}",
        HEAD + "train: {weights: {repeat: {en: -2}}}",
        HEAD + "train: {weights: {unimax: {epochs: 1}}}",
        HEAD + "train: {character_coverage: 2}",
        HEAD + "encode: {eos: yes}",
        HEAD + "evaluate: {gates: [{metric: parity}]}",
        HEAD + "evaluate: {gates: [{min: 1}]}",
        HEAD + "evaluate: {gates: [{metric: x, min: 1}]}",
        HEAD + "sweep: {temperatures: [0]}",
    ],
)
def test_it_refuses_what_the_loader_refuses(text: str, schema: Any) -> None:
    assert not schema.is_valid(data(text))
    with pytest.raises(RecipeError):
        loads(text)
