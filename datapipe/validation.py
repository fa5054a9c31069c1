"""Plain data -> checked dataclass, with errors that name the line and what is possible."""

import dataclasses
import functools
import types
import typing
from typing import Any, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from datapipe.located_yaml import LocatedYaml, suggest

T = TypeVar("T")
Place = tuple[str | int, ...]


def build(cls: type[T], data: Any, document: LocatedYaml, place: Place = ()) -> T:
    """An instance of the dataclass `cls`, strictly typed: no unknown key, no number written as text.

    Values that are dataclasses are built from the inside out. Raises RecipeError for the first thing that is wrong.
    """
    fields = {field.name: field for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
    if not isinstance(data, dict):
        raise document.error(place, f"expected a mapping, found {data!r}; keys: {', '.join(fields) or 'none'}")
    for key in data:
        if key not in fields:
            raise document.error((*place, key), f"unknown key; {suggest(str(key), fields)}")
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


def _value(cls: type[Any], key: str, value: Any, document: LocatedYaml, place: Place) -> Any:
    hint = _hints(cls)[key]
    inner = _dataclass_in(hint)
    if inner is not None and isinstance(value, dict):
        value = build(inner, value, document, place)
    elif inner is not None and isinstance(value, list):
        value = [
            build(inner, item, document, (*place, index)) if isinstance(item, dict) else item
            for index, item in enumerate(value)
        ]
    try:
        return _adapter(cls, key).validate_python(_frozen(value))
    except ValidationError as failure:
        error = failure.errors()[0]
        message = error["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
        raise document.error(
            (*place, *error["loc"]), f"expected {message}, found {_thawed(error['input'])!r}"
        ) from None


@functools.cache
def _hints(cls: type[Any]) -> dict[str, Any]:
    return typing.get_type_hints(cls, include_extras=True)


@functools.cache
def _adapter(cls: type[Any], key: str) -> TypeAdapter[Any]:
    hint = _hints(cls)[key]
    if _dataclass_in(hint) is not None and dataclasses.is_dataclass(hint):
        return TypeAdapter(hint)  # has its own configuration
    return TypeAdapter(hint, config=ConfigDict(strict=True, arbitrary_types_allowed=True))


def _dataclass_in(hint: Any) -> Any:
    """X of `X`, `tuple[X, ...]`, `X | None` and `Annotated[X, ...]` where X is a dataclass, else None."""
    if dataclasses.is_dataclass(hint):
        return hint
    origin = typing.get_origin(hint)
    if origin in (tuple, typing.Annotated):
        return _dataclass_in(typing.get_args(hint)[0])
    if origin in (typing.Union, types.UnionType):
        return next((arg for arg in typing.get_args(hint) if dataclasses.is_dataclass(arg)), None)
    return None


def _frozen(data: Any) -> Any:
    """Lists as tuples: strict validation takes them for the tuples they become."""
    if isinstance(data, list):
        return tuple(_frozen(item) for item in data)
    if isinstance(data, dict):
        return {key: _frozen(value) for key, value in data.items()}
    return data


def _thawed(data: Any) -> Any:
    """Tuples as lists: the form the YAML has."""
    if isinstance(data, tuple):
        return [_thawed(item) for item in data]
    return data
