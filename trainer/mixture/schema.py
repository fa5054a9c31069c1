"""The JSON Schema of experiments: what `trainer mix schema` prints and editors check against."""

import json
from collections.abc import Iterator
from typing import Any

from datapipe.loading.schema import DIALECT, options_schema
from trainer.mixture.experiment import Experiment
from trainer.mixture.load import NOT_KEYS
from trainer.schema import tell_models

EITHER = ({"required": ["sizes", "data"]}, {"required": ["sizes", "plan"]})
"""What does not stand together."""


def experiment_schema() -> dict[str, Any]:
    """The whole schema."""
    schema = options_schema(Experiment)
    for key in NOT_KEYS:
        del schema["properties"][key]
    definitions = schema.pop("$defs")
    tell_models(definitions)
    schema["anyOf"] = [{"required": ["plan"]}, {"required": ["data"]}, {"required": ["sizes", "phases"]}]
    schema["not"] = {"anyOf": list(EITHER)}
    used = {name: definitions[name] for name in sorted(_used(schema, definitions))}
    return {"$schema": DIALECT, "title": "Corpusmill mixture experiment", **schema, "$defs": used}


def schema_json() -> str:
    """The schema as text."""
    return json.dumps(experiment_schema(), indent=2, ensure_ascii=False)


def _used(schema: dict[str, Any], definitions: dict[str, Any]) -> set[str]:
    """Names of definitions that the schema comes to: the training plan beside an experiment is none of its keys."""
    found: set[str] = set()
    ahead = list(_references(schema))
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            ahead += _references(definitions[name])
    return found


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"].rpartition("/")[2]
        for one in value.values():
            yield from _references(one)
    elif isinstance(value, list):
        for one in value:
            yield from _references(one)
