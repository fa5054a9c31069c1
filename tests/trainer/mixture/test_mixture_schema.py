"""The JSON Schema takes what loads and refuses the typical mistakes, so that an editor marks them while one types."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from datapipe.loading.located_yaml import RecipeError, parse
from trainer.mixture.load import KEYS, loads
from trainer.mixture.reference import EXAMPLE
from trainer.mixture.schema import schema_json

RECIPES = Path(__file__).parents[3] / "recipes"
PHASES = "phases: [{name: all, tokens: 1_000_000}]\n"
HEAD = "name: small\noutput: mixture\n"
SIZED = HEAD + "sizes: {english: 600_000, code: 400_000}\n"
PROXY = "proxy: {model: {preset: 100m}, tokens: 1000, batch: 8, tokenizer: small-512}\n"


@pytest.fixture(scope="module")
def schema() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(schema_json()))


def data(text: str) -> Any:
    return parse(text, "mixture.yaml").data


def test_it_is_a_schema_of_all_keys_and_explains_them(schema: Any) -> None:
    schema.check_schema(schema.schema)
    assert set(schema.schema["properties"]) == set(KEYS)
    mappings = [schema.schema, *(one for one in schema.schema["$defs"].values() if "properties" in one)]
    assert [key for one in mappings for key, value in one["properties"].items() if "description" not in value] == []


def test_it_holds_nothing_of_training_plans_but_models(schema: Any) -> None:
    assert {"Model", "Preset", "Proxy"} <= set(schema.schema["$defs"])
    assert {"Plan", "Phase", "Optimizer", "Shape"}.isdisjoint(schema.schema["$defs"])


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*/mixture.yaml")), ids=lambda path: path.parent.name)
def test_it_takes_every_experiment_that_ships(path: Path, schema: Any) -> None:
    schema.validate(data(path.read_text("utf-8")))


def test_it_takes_the_example_of_the_reference(schema: Any) -> None:
    schema.validate(data(EXAMPLE))


@pytest.mark.parametrize(
    "text",
    [
        SIZED + PHASES,
        SIZED
        + PHASES
        + "components: {english: {max: 0.8}, code: {max_epochs: 2}}\ncaps: {force: true, max_epochs: 20}",
        SIZED + PHASES + PROXY + "validate: {tokens: 1000, model: {preset: 100m}, seeds: 4}",
        HEAD + "data: out/data\n" + PROXY,
        HEAD + "data: out/data",
    ],
)
def test_it_takes_what_loads(text: str, schema: Any) -> None:
    schema.validate(data(text))
    assert loads(text).name == "small"


@pytest.mark.parametrize(
    "text",
    [
        HEAD,
        SIZED,
        SIZED + PHASES + "data: out/data",
        SIZED + PHASES + "plan: pretrain.yaml",
        SIZED + PHASES + "groups: {west: {of: []}}",
        SIZED + PHASES + "caps: {max_epoch: 4}",
        SIZED + PHASES + "components: {english: {min: 2}, code: {}}",
        SIZED + PHASES + "swarm: {rows: random}",
        SIZED + PHASES + "swarm: {repeats: 1}",
        SIZED + PHASES + "fit: {predictors: [lightgbm]}",
        SIZED + PHASES + "propose: {interval: 80}",
        SIZED + PHASES + PROXY.replace("preset: 100m", "preset: gpt2"),
        SIZED + PHASES + PROXY.replace("preset: 100m", "n_layer: 2"),
        SIZED + PHASES + PROXY + "validate: {tokens: 1000, model: {preset: 100m}, seeds: 2}",
        SIZED + PHASES + "base: {name: x}",
    ],
)
def test_it_refuses_what_the_loader_refuses(text: str, schema: Any) -> None:
    assert not schema.is_valid(data(text))
    with pytest.raises(RecipeError):
        loads(text)
