"""Plain data -> checked dataclass, with errors that name the line and what is possible."""

import dataclasses
import functools
import types
import typing
from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from datapipe.loading.located_yaml import LocatedYaml, shown, suggest

T = TypeVar("T")
Place = tuple[str | int, ...]

STRICT = ConfigDict(strict=True, arbitrary_types_allowed=True, allow_inf_nan=False)
WORDS = {
    "string_type": "text",
    "int_type": "an integer",
    "int_from_float": "an integer",
    "int_parsing": "an integer",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "dataclass_type": "a mapping",
    "dataclass_exact_type": "a mapping",
    "greater_than": "more than {gt:g}",
    "greater_than_equal": "at least {ge:g}",
    "less_than": "less than {lt:g}",
    "less_than_equal": "at most {le:g}",
    "too_short": "at least {min_length} of them",
    "too_long": "at most {max_length} of them",
    "missing": "another item",
    "string_too_short": "text",
    "string_pattern_mismatch": "text that matches {pattern}",
}
"""What pydantic's kinds of error expect, in the words of YAML instead of Python's."""


def check_keys(data: dict[str, Any], possible: Collection[str], document: LocatedYaml, place: Place = ()) -> None:
    """Raise RecipeError for the first key that is none of those possible."""
    for key in data:
        if key not in possible:
            raise document.error((*place, key), f"unknown key; {suggest(key, possible)}")


def build(cls: type[T], data: Any, document: LocatedYaml, place: Place = ()) -> T:
    """An instance of the dataclass `cls`, strictly typed: no unknown key, no number written as text.

    Values that are dataclasses are built from the inside out. Raises RecipeError for the first thing that is wrong.
    """
    fields = {field.name: field for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
    if not isinstance(data, dict):
        found = f"expected a mapping, found {shown(data)}"
        raise document.error(place, f"{found}; keys: {', '.join(fields) or 'none'}")
    check_keys(data, fields, document, place)
    for key, field in fields.items():
        if key not in data and _is_required(field):
            raise document.error(place, f"key {key!r} is missing")
    values = {key: _value(cls, key, value, document, (*place, key)) for key, value in data.items()}
    try:
        return cls(**values)
    except ValueError as error:  # of a __post_init__
        raise document.error(place, str(error)) from None


def _is_required(field: "dataclasses.Field[Any]") -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _value(cls: Any, key: str, value: Any, document: LocatedYaml, place: Place) -> Any:
    value = _built(_hints(cls)[key], value, document, place)
    try:
        return _adapter(cls, key).validate_python(_frozen(value))
    except ValidationError as failure:
        raise _explained(failure.errors(), value, document, place) from None


def _built(hint: Any, value: Any, document: LocatedYaml, place: Place) -> Any:
    """The value with every mapping that is to be a dataclass built, inside lists and mappings too."""
    hint = _plain(hint)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type) and isinstance(value, dict):
        return build(hint, value, document, place)
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple and inner[-1] is Ellipsis and isinstance(value, list):
        return [_built(inner[0], item, document, (*place, index)) for index, item in enumerate(value)]
    if origin is Mapping and isinstance(value, dict):
        return {key: _built(inner[1], item, document, (*place, key)) for key, item in value.items()}
    return value


def _explained(errors: list[ErrorDetails], value: Any, document: LocatedYaml, place: Place) -> ValueError:
    """The first error; where a value could have been of several types, all of them."""
    inner = _existing(value, errors[0]["loc"])
    expected = dict.fromkeys(_expected(error) for error in errors if _existing(value, error["loc"]) == inner)
    return document.error((*place, *inner), f"expected {' or '.join(expected)}, found {shown(errors[0]['input'])}")


def _expected(error: ErrorDetails) -> str:
    if error["type"] in WORDS:
        return WORDS[error["type"]].format(**error.get("ctx", {}))
    return error["msg"].removeprefix("Input should be ").removeprefix("Value error, ")


def _existing(value: Any, location: Place) -> Place:
    """As much of pydantic's location as stands in the file: it also names types it tried."""
    for depth, key in enumerate(location):
        keys = range(len(value)) if isinstance(value, list) else value if isinstance(value, dict) else ()
        if key not in keys:
            return location[:depth]
        value = value[key]
    return location


@functools.cache
def _hints(cls: Any) -> dict[str, Any]:
    return typing.get_type_hints(cls, include_extras=True)


@functools.cache
def _adapter(cls: Any, key: str) -> TypeAdapter[Any]:
    hint = _hints(cls)[key]
    # A dataclass has its own configuration.
    return TypeAdapter(hint) if dataclasses.is_dataclass(hint) else TypeAdapter(hint, config=STRICT)


def _plain(hint: Any) -> Any:
    """The hint without `Annotated` and `| None`."""
    if typing.get_origin(hint) is typing.Annotated:
        return _plain(typing.get_args(hint)[0])
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        others = [arg for arg in typing.get_args(hint) if arg is not types.NoneType]
        return _plain(others[0]) if len(others) == 1 else hint
    return hint


def _frozen(data: Any) -> Any:
    """Lists as tuples: strict validation takes them for the tuples they become."""
    if isinstance(data, list):
        return tuple(_frozen(item) for item in data)
    if isinstance(data, dict):
        return {key: _frozen(value) for key, value in data.items()}
    return data
