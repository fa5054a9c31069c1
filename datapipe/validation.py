"""Plain data -> checked dataclass, with errors that name the line and what is possible."""

import dataclasses
import types
import typing
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from datapipe.located_yaml import LocatedYaml, RecipeError, suggest

T = TypeVar("T")
Place = tuple[str | int, ...]


def build(cls: type[T], data: Any, document: LocatedYaml, place: Place = ()) -> T:
    """An instance of the dataclass `cls`, strictly typed: no unknown key, no number written as text.

    Raises RecipeError for the first thing that is wrong.
    """
    try:
        return TypeAdapter(cls).validate_python(frozen(data))
    except ValidationError as error:
        raise _explain(cls, error.errors()[0], document, place) from None


def frozen(data: Any) -> Any:
    """Lists as tuples, so that strict validation takes them for the tuples they become."""
    if isinstance(data, list):
        return tuple(frozen(item) for item in data)
    if isinstance(data, dict):
        return {key: frozen(value) for key, value in data.items()}
    return data


def thawed(data: Any) -> Any:
    """Tuples as lists: the form the YAML has."""
    if isinstance(data, tuple | list):
        return [thawed(item) for item in data]
    if isinstance(data, dict):
        return {key: thawed(value) for key, value in data.items()}
    return data


def _explain(cls: type[Any], error: ErrorDetails, document: LocatedYaml, place: Place) -> RecipeError:
    inner: Place = error["loc"]
    where = (*place, *inner)
    match error["type"]:
        case "unexpected_keyword_argument" | "extra_forbidden":
            possible = _keys(_class_at(cls, inner[:-1]))
            return document.error(where, f"unknown key; {suggest(str(inner[-1]), possible)}")
        case "missing" | "missing_argument":
            return document.error(where[:-1], f"key {where[-1]!r} is missing")
        case "dataclass_type" | "dataclass_exact_type":
            possible = _keys(_class_at(cls, inner))
            return document.error(
                where, f"expected a mapping, found {thawed(error['input'])!r}; {suggest('', possible, 'keys')}"
            )
    message = error["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    found = "" if error["type"] == "value_error" else f", found {thawed(error['input'])!r}"
    expected = "" if error["type"] == "value_error" else "expected "
    return document.error(where, f"{expected}{message}{found}")


def _keys(cls: Any) -> list[str]:
    return [field.name for field in dataclasses.fields(cls)] if dataclasses.is_dataclass(cls) else []


def _class_at(cls: Any, place: Place) -> Any:
    """The dataclass that stands at `place` below `cls`."""
    for key in place:
        if isinstance(key, str) and dataclasses.is_dataclass(cls):
            hint = typing.get_type_hints(cls).get(key)
            cls = _strip(hint) if hint is not None else cls
    return cls


def _strip(hint: Any) -> Any:
    """`tuple[X, ...]`, `X | None` and `Annotated[X, ...]` as X."""
    origin = typing.get_origin(hint)
    if origin is tuple or origin is typing.Annotated:
        return _strip(typing.get_args(hint)[0])
    if origin in (typing.Union, types.UnionType):
        return next((_strip(arg) for arg in typing.get_args(hint) if dataclasses.is_dataclass(_strip(arg))), hint)
    return hint
