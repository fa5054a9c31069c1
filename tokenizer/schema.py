"""The JSON Schema of tokenizer recipes: what `tokenizer schema` prints and editors check against."""

import json
from typing import Any

from datapipe.loading.schema import DIALECT, options_schema
from tokenizer.evaluation.metrics import METRICS
from tokenizer.load import NOT_KEYS
from tokenizer.recipe import VOCABULARY_MULTIPLE, TokenizerRecipe


def recipe_schema() -> dict[str, Any]:
    """The whole schema."""
    schema = options_schema(TokenizerRecipe)
    for key in NOT_KEYS:
        del schema["properties"][key]
    definitions = schema["$defs"]
    definitions["Weights"]["maxProperties"] = 1
    metric = definitions["Gate"]["properties"]["metric"]
    definitions["Gate"]["properties"]["metric"] = {"$ref": "#/$defs/Metric", "description": metric["description"]}
    definitions["Metric"] = {"enum": list(METRICS)}
    definitions["Gate"]["anyOf"] = [{"required": ["min"]}, {"required": ["max"]}]
    definitions["Train"]["properties"]["vocab_sizes"]["items"]["multipleOf"] = VOCABULARY_MULTIPLE
    return {"$schema": DIALECT, "title": "Corpusmill tokenizer recipe", **schema}


def schema_json() -> str:
    """The schema as text."""
    return json.dumps(recipe_schema(), indent=2, ensure_ascii=False)
