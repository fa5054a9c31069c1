"""The JSON Schema of recipes: what `datapipe schema` prints and editors check against."""

import json
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from datapipe.loading.load import NOT_KEYS, register_all
from datapipe.loading.rule_files import SHIPPED
from datapipe.reader import READERS
from datapipe.recipe import Recipe
from datapipe.rules import Rule
from datapipe.stage import STAGES

SCALAR = {"type": ["string", "number", "boolean"]}
VALUES = {"anyOf": [SCALAR, {"type": "array", "items": SCALAR, "minItems": 1}]}
WHERE: dict[str, Any] = {
    "type": ["object", "null"],
    "description": "Columns and the values they must have: one, a list, or `not:`.",
    "additionalProperties": {
        "anyOf": [
            *VALUES["anyOf"],
            {"type": "object", "properties": {"not": VALUES}, "required": ["not"], "additionalProperties": False},
        ]
    },
}
EARLY = {"type": "boolean", "description": "Drop here, before the documents are written, not in the deciding pass."}
DIALECT = "https://json-schema.org/draft/2020-12/schema"
NOT_TOGETHER = (("min", "above"), ("max", "below"), ("one_of", "none_of"))


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
    schema = options_schema(Recipe)
    definitions = schema["$defs"]
    for key in NOT_KEYS:
        schema["properties"].pop(key, None)
    definitions["Step"] = _one_of(STAGES, definitions)
    definitions["Reader"] = _one_of(READERS, definitions)
    definitions["Source"]["properties"]["reader"]["$ref"] = "#/$defs/Reader"
    for options in _options_of_stages(definitions["Step"]):
        options.setdefault("properties", {})["where"] = {"$ref": "#/$defs/Where"}
    select = definitions["Step"]["anyOf"][1]["properties"]["select"]
    select["properties"] |= {"rules": _reference(select, "rules", "Rules"), "early": EARLY}
    domain = definitions["Domain"]
    domain["properties"] |= {
        "rules": _reference(domain, "rules", "Rules"),
        "where": _reference(domain, "where", "Where"),
    }
    repeated = definitions["Repeated"]
    repeated["properties"]["where"] = _reference(repeated, "where", "Where")
    definitions["Sampling"]["maxProperties"] = 1
    definitions["Pass"]["anyOf"] = [{"required": [key]} for key in ("steps", "repeated", "url", "exact", "near")]
    for unused in ("Condition", "RuleSet", "Override"):
        definitions.pop(unused, None)
    definitions |= {"Rule": _rule(), "Rules": _rules(), "Where": WHERE}
    return {"$schema": DIALECT, "title": "Corpusmill recipe", **schema}


def _reference(mapping: dict[str, Any], key: str, name: str) -> dict[str, Any]:
    """The key's description, with the definition called `name` for its type."""
    return {"$ref": f"#/$defs/{name}", "description": mapping["properties"][key]["description"]}


def _one_of(registry: dict[str, type[Any]], definitions: dict[str, Any]) -> dict[str, Any]:
    """A name, or a mapping of one name to its options; the name alone where no option is required."""
    properties: dict[str, Any] = {}
    for name, cls in sorted(registry.items()):
        options = options_schema(cls)
        definitions |= options.pop("$defs", {})
        properties[name] = options if "required" in options else {"anyOf": [{"type": "null"}, options]}
    mapping = {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }
    return {"anyOf": [{"enum": [name for name in properties if "anyOf" in properties[name]]}, mapping]}


def _options_of_stages(step: dict[str, Any]) -> list[dict[str, Any]]:
    return [one["anyOf"][1] if "anyOf" in one else one for one in step["anyOf"][1]["properties"].values()]


def _rule() -> dict[str, Any]:
    schema = options_schema(Rule)
    schema["properties"]["where"] = _reference(schema, "where", "Where")
    return {**schema, "not": {"anyOf": [{"required": list(pair)} for pair in NOT_TOGETHER]}}


def _rules() -> dict[str, Any]:
    """By name, by file, or written out."""
    shipped = sorted(path.stem for path in SHIPPED.glob("*.yaml"))
    file = {"type": "string", "pattern": r"\.ya?ml$"}
    return {
        "type": "array",
        "items": {"anyOf": [{"enum": shipped}, file, {"$ref": "#/$defs/Rule"}]},
        "description": "Rule sets by name or file, or rules written out.",
    }


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
