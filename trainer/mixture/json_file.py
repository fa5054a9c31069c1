"""A dataclass as JSON that people and programs read: checked when it comes back."""

import dataclasses
import functools
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from datapipe import storage
from datapipe.output import RunError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

T = TypeVar("T")


def write_json(path: Path, value: Any) -> None:
    """Atomically; equal values have equal bytes."""
    text = json.dumps(dataclasses.asdict(value), ensure_ascii=False, indent=1, allow_nan=False)
    storage.write_bytes(str(path), f"{text}\n".encode())


def read_json(path: Path, cls: type[T], *written_by: str) -> T:
    """What was written. Raises RunError that names the place, or the commands that write it where it is not there."""
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        commands = " or ".join(f"`trainer mix {command}`" for command in written_by)
        raise RunError(f"{path}: not there; {commands} writes it") from None
    return checked(text, cls, str(path))


def checked(text: bytes | str, cls: type[T], place: str) -> T:
    """What JSON says. Raises RunError that names `place` and the key, also for numbers that are not finite."""
    from pydantic import ValidationError

    kind: Any = cls  # a type can be hashed, which mypy does not know of type[T]
    try:
        found: T = _types(kind).validate_json(text, strict=True)
    except ValidationError as failure:
        first = failure.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise RunError(f"{place}{', ' if where else ''}{where}: {first['msg']}") from None
    json.loads(text, parse_float=functools.partial(_finite, place))
    return found


def _finite(place: str, number: str) -> float:
    """Of digits as `1e999`: no figure of our files is as large."""
    if not math.isfinite(float(number)):
        raise RunError(f"{place}: {number[:40]} is no finite number")
    return float(number)


@functools.cache
def _types(cls: type[Any]) -> "TypeAdapter[Any]":
    from pydantic import TypeAdapter

    return TypeAdapter(cls)
