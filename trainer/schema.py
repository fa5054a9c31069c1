"""The JSON Schema of plans: what `trainer schema` prints and editors check against."""

import json
from typing import Any

from datapipe.loading.schema import DIALECT, options_schema
from trainer.load import NOT_KEYS
from trainer.plan import Plan
from trainer.shapes import PRESETS


def plan_schema() -> dict[str, Any]:
    """The whole schema."""
    schema = options_schema(Plan)
    for key in NOT_KEYS:
        del schema["properties"][key]
    definitions = schema["$defs"]
    del definitions["Shape"]
    tell_models(definitions)
    definitions["Sampling"]["maxProperties"] = 1
    schema["anyOf"] = [{"required": ["data"]}, {"required": ["megatron"]}, {"required": ["sizes"]}]
    return {"$schema": DIALECT, "title": "Corpusmill training plan", **schema}


def tell_models(definitions: dict[str, Any]) -> None:
    """Add to the definition of a model what it needs: a preset, one of those there are, or sizes."""
    preset = definitions["Model"]["properties"]["preset"]
    definitions["Model"]["properties"]["preset"] = {"$ref": "#/$defs/Preset", "description": preset["description"]}
    definitions["Model"]["anyOf"] = [
        {"required": ["preset"]},
        {"required": ["n_layer", "n_head", "n_kv_head", "d_model"]},
    ]
    definitions["Preset"] = {"enum": list(PRESETS)}


def schema_json() -> str:
    """The schema as text."""
    return json.dumps(plan_schema(), indent=2, ensure_ascii=False)
