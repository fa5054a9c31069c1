"""The JSON Schema takes what loads and refuses the typical mistakes, so that an editor marks them while one types."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from datapipe.loading.load import KEYS
from datapipe.loading.located_yaml import RecipeError, parse
from datapipe.loading.rule_files import SHIPPED
from datapipe.loading.schema import recipe_schema, schema_json
from datapipe.reader import READERS
from datapipe.stage import STAGES
from tests.recipe.small_recipe import RECIPE, changed, loaded

RECIPES = Path(__file__).parents[2] / "recipes"


@pytest.fixture(scope="module")
def schema() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(schema_json()))


def data(text: str) -> Any:
    return parse(text, "recipe.yaml").data


def test_it_is_a_schema_and_leads_nowhere_that_is_not_there(schema: Any) -> None:
    schema.check_schema(schema.schema)
    references = {line.split('"')[3] for line in schema_json().splitlines() if '"$ref"' in line}
    assert {reference.removeprefix("#/$defs/") for reference in references} == set(schema.schema["$defs"])


def test_it_knows_every_key_stage_reader_and_rule_set(schema: Any) -> None:
    definitions = schema.schema["$defs"]
    assert set(schema.schema["properties"]) == set(KEYS)
    assert set(definitions["Step"]["anyOf"][1]["properties"]) == set(STAGES)
    assert set(definitions["Reader"]["anyOf"][1]["properties"]) == set(READERS)
    assert definitions["Rules"]["items"]["anyOf"][0]["enum"] == sorted(path.stem for path in SHIPPED.glob("*.yaml"))


def test_every_key_is_explained(schema: Any) -> None:
    definitions = schema.schema["$defs"]
    mappings = [
        schema.schema,
        *(definitions[name] for name in definitions.keys() - {"Step", "Reader", "Rules", "Where"}),
    ]
    keys = {key: value for mapping in mappings for key, value in mapping["properties"].items()}
    assert {key for key, value in keys.items() if "description" not in value} == set()


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*/*recipe*.yaml")), ids=lambda path: path.parent.name)
def test_it_takes_every_recipe_that_ships(path: Path, schema: Any) -> None:
    schema.validate(data(path.read_text()))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: small", "name: small"),
        ("- content_hash", "- content_hash: {}"),
        ("- content_hash", "- content_hash:"),
        ("- content_hash", "- content_hash: {where: {language: {not: [no, en]}}}"),
        ("reader: jsonl", "reader: {jsonl: {}}"),
        ("reader: jsonl", "reader: {parquet: }"),
        ("where: {language: en}", "where: {language: [en, de], spam: false, stars: 3}"),
        ("where: {language: en}", "where:"),
        (
            "{column: heat, max: 40}",
            "gopher.yaml, {column: heat, above: -1, below: 40, missing: keep, name: a, source: b}",
        ),
        ("{column: heat, max: 40}", "{column: topic, one_of: [a, b], where: {language: [en]}}"),
        ("by: language", "by: language\n    sampling: {unimax: {max_epochs: 4}}\nbudget_tokens: 5"),
        ("by: language", "sampling: {weights: {web: 1}}"),
        ("name: small", "name: small\nholdout: {fraction: 0.1}\ncolumns: [heat]\nseed: 5"),
    ],
)
def test_it_takes_what_loads(old: str, new: str, schema: Any) -> None:
    text = changed(old, new)
    schema.validate(data(text))
    if "gopher.yaml" not in text:
        assert loaded(text).name == "small"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: small", "nmae: small"),
        ("name: small", "name: Small"),
        ("name: small", "name: 5"),
        ("name: small", "name: small\nseed: '17'"),
        ("name: small", "name: small\nseed: -1"),
        ("name: small", "name: small\nfolder: x"),
        ("name: small", "name: small\nbudget_tokens: 1.5"),
        ("output: out/small\n", ""),
        ("sources:", "source:"),
        ("reader: jsonl, ", ""),
        ("reader: jsonl", "reader: jsnol"),
        ("reader: jsonl", "reader: {jsonl: {a: 1}}"),
        ("reader: jsonl", "reader: {jsonl: {}, text: {}}"),
        ("paths: [web.jsonl]", "paths: web.jsonl"),
        ("stars: int", "stars: integer"),
        ("- normalize_text", "- normalise_text"),
        ("- content_hash", "- content_hash: {early: true}"),
        ("- content_hash", "- content_hash: {wher: {}}"),
        ("- content_hash", "- content_hash: []"),
        ("- content_hash", "- select"),
        ("- content_hash", "- select:"),
        ("characters: 500", "characters: '500'"),
        ("characters: 500", "charcters: 500"),
        ("early: true", "early: yes"),
        ("weight: 0.7", "weight: '0.7'"),
        ("weight: 0.7", "weight: 7"),
        ("    weight: 0.7\n", ""),
        ("where: {language: en}", "where: language"),
        ("where: {language: en}", "where: {language: }"),
        ("where: {language: en}", "where: {language: []}"),
        ("where: {language: en}", "where: {language: {is: en}}"),
        ("{column: heat, max: 40}", "gohper"),
        ("{column: heat, max: 40}", "{max: 40}"),
        ("{column: heat, max: 40}", "{column: heat, mxa: 40}"),
        ("{column: heat, max: 40}", "{column: heat, max: '40'}"),
        ("{column: heat, max: 40}", "{column: heat, max: true}"),
        ("{column: heat, max: 40}", "{column: heat, max: 40, below: 41}"),
        ("{column: heat, max: 40}", "{column: heat, one_of: []}"),
        ("{column: heat, max: 40}", "{column: heat, one_of: [1], none_of: [2]}"),
        ("{column: heat, max: 40}", "{column: heat, missing: yes}"),
        ("rules: [{column: heat, max: 40}]", "rules: gopher"),
        ("by: language", "sampling: {alpha: 2, temperature: 2}"),
        ("by: language", "sampling: {alpha: 0}"),
        ("by: language", "sampling: {weights: {a: -1}}"),
        ("by: language", "sampling: {unimax: {epochs: 1}}"),
    ],
)
def test_it_refuses_what_the_loader_refuses(old: str, new: str, schema: Any) -> None:
    text = changed(old, new)
    assert not schema.is_valid(data(text))
    with pytest.raises(RecipeError):
        loaded(text)


def test_the_recipe_of_these_tests_is_valid(schema: Any) -> None:
    schema.validate(data(RECIPE))
    assert recipe_schema() == schema.schema
