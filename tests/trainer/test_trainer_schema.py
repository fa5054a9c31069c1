"""The JSON Schema takes what loads and refuses the typical mistakes, so that an editor marks them while one types."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from datapipe.loading.located_yaml import RecipeError, parse
from trainer.load import KEYS, loads
from trainer.reference import EXAMPLE
from trainer.schema import schema_json

RECIPES = Path(__file__).parents[2] / "recipes"
PHASES = "phases: [{name: a, tokens: 1000, batch: 2, blend: mix, learning_rate: [{shape: constant, start: 1}]}]\n"
MODEL = "model: {n_layer: 1, n_head: 2, n_kv_head: 1, d_model: 16}\n"
REST = "name: small\noutput: out\nsizes: {code: {python: 9}}\nblends: {mix: {code: {weight: 1}}}\n"


@pytest.fixture(scope="module")
def schema() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(schema_json()))


def data(text: str) -> Any:
    return parse(text, "plan.yaml").data


def test_it_is_a_schema_of_all_keys_and_explains_them(schema: Any) -> None:
    schema.check_schema(schema.schema)
    assert set(schema.schema["properties"]) == set(KEYS)
    mappings = [schema.schema, *(one for one in schema.schema["$defs"].values() if "properties" in one)]
    assert [key for one in mappings for key, value in one["properties"].items() if "description" not in value] == []


@pytest.mark.parametrize(
    "path",
    sorted([*RECIPES.glob("*/pretrain.yaml"), *RECIPES.glob("*/continue.yaml")]),
    ids=lambda path: f"{path.parent.name}-{path.stem}",
)
def test_it_takes_every_plan_that_ships(path: Path, schema: Any) -> None:
    schema.validate(data(path.read_text("utf-8")))


@pytest.mark.parametrize(
    "text",
    [
        EXAMPLE,
        REST + MODEL + PHASES,
        REST + PHASES + "model: {preset: nemotron4_15b, n_layer: 2}",
        REST + MODEL + PHASES + "optimizer: {betas: [0.9, 0.99], z_loss: 1e-4}\nstop: {loss_above: null}",
        REST + MODEL + PHASES + "start: {checkpoint: out/earlier, optimizer: fresh}\nlogs: {wandb: my-project}",
        REST.replace("sizes: {code: {python: 9}}", "megatron: {vocab_size: 9, units: {code: {python: [a]}}}")
        + MODEL
        + PHASES,
    ],
)
def test_it_takes_what_loads(text: str, schema: Any) -> None:
    schema.validate(data(text))
    assert loads(text).name in {"small", "example"}


@pytest.mark.parametrize(
    "text",
    [
        "name: small",
        REST + PHASES + "model: {preset: gpt2}",
        REST + PHASES + "model: {n_layer: 1}",
        REST + MODEL + "phases: []",
        REST + MODEL + PHASES.replace("batch: 2", "batch: 0"),
        REST + MODEL + PHASES.replace("batch: 2", "batch_size: 2"),
        REST + MODEL + PHASES.replace("tokens: 1000", "tokens: 1B"),
        REST + MODEL + PHASES.replace("constant", "wsd"),
        REST.replace("sizes: {code: {python: 9}}\n", "") + MODEL + PHASES,
        REST.replace("weight: 1", "weight: 2") + MODEL + PHASES,
        REST.replace("weight: 1", "wieght: 1") + MODEL + PHASES,
        REST.replace("weight: 1", "weight: 1, sampling: {alpha: 1, temperature: 1}") + MODEL + PHASES,
        REST + MODEL + PHASES + "optimizer: {betas: [0.9]}",
        REST + MODEL + PHASES + "execution: {precision: fp8}",
        REST + MODEL + PHASES + "start: {}",
        REST + MODEL + PHASES + "hardware: {gpu: h800}",
        REST + MODEL + PHASES + "file: x",
    ],
)
def test_it_refuses_what_the_loader_refuses(text: str, schema: Any) -> None:
    assert not schema.is_valid(data(text))
    with pytest.raises(RecipeError):
        loads(text)
