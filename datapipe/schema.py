"""The JSON Schema of recipes: what `datapipe schema` prints and editors check against."""

import json
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from datapipe.loading import NOT_KEYS, register_all
from datapipe.reader import READERS
from datapipe.recipe import Recipe
from datapipe.rules import Rule
from datapipe.stage import STAGES

SCALAR = {"type": ["string", "number", "boolean"]}
VALUES = {"anyOf": [SCALAR, {"type": "array", "items": SCALAR, "minItems": 1}]}
WHERE: dict[str, Any] = {
    "type": "object",
    "description": "Columns and the values they must have: one, a list, or `not:`.",
    "additionalProperties": {
        "anyOf": [
            *VALUES["anyOf"],
            {"type": "object", "properties": {"not": VALUES}, "required": ["not"], "additionalProperties": False},
        ]
    },
}


class _Plain(GenerateJsonSchema):
    """Types that only exist after loading (stages, readers) become placeholders, replaced below."""

    def is_instance_schema(self, schema: core_schema.IsInstanceSchema) -> JsonSchemaValue:
        return {}

    def any_schema(self, schema: core_schema.AnySchema) -> JsonSchemaValue:
        return {}


def options_schema(cls: type[Any]) -> dict[str, Any]:
    """Schema of the options of a stage, reader or of a rule."""
    schema: dict[str, Any] = TypeAdapter(cls).json_schema(schema_generator=_Plain)
    return dict(_without_titles(schema))


def recipe_schema() -> dict[str, Any]:
    """The whole schema, with every registered stage and reader."""
    register_all()
    schema = _without_titles(TypeAdapter(Recipe).json_schema(schema_generator=_Plain))
    definitions = schema["$defs"]
    for key in NOT_KEYS:
        schema["properties"].pop(key, None)
    definitions["Rule"] = {**options_schema(Rule), "required": ["column"]}
    definitions["Rule"]["properties"]["where"] = WHERE
    definitions["Rules"] = {
        "type": "array",
        "items": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/Rule"}]},
        "description": "Rule sets by name or file, or rules written out.",
    }
    definitions["Step"] = _one_of(STAGES, "stage")
    definitions["Source"]["properties"]["reader"] = _one_of(READERS, "reader")
    definitions["Domain"]["properties"] |= {"rules": {"$ref": "#/$defs/Rules"}, "where": WHERE}
    for unused in ("Condition", "RuleSet", "Override"):
        definitions.pop(unused, None)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Corpusmill recipe", **schema}


def _one_of(registry: dict[str, type[Any]], kind: str) -> dict[str, Any]:
    """A name, or a mapping of one name to its options."""
    properties: dict[str, Any] = {}
    for name, cls in sorted(registry.items()):
        options = options_schema(cls)
        options.pop("$defs", None)
        if kind == "stage":
            options.setdefault("properties", {})["where"] = WHERE
        if name == "select":
            options["properties"] |= {"rules": {"$ref": "#/$defs/Rules"}, "early": {"type": "boolean"}}
        properties[name] = {"anyOf": [{"type": "null"}, options]}
    mapping = {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }
    return {"anyOf": [{"enum": sorted(registry)}, mapping]}


def _without_titles(schema: Any) -> Any:
    """Without pydantic's titles, which only repeat the keys."""
    if isinstance(schema, dict):
        return {k: _without_titles(v) for k, v in schema.items() if not (k == "title" and isinstance(v, str))}
    if isinstance(schema, list):
        return [_without_titles(item) for item in schema]
    return schema


def schema_json() -> str:
    """The schema as text."""
    return json.dumps(recipe_schema(), indent=2, ensure_ascii=False)
