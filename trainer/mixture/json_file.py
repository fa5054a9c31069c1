"""A dataclass as a JSON file that people and programs read: checked when it comes back."""

import dataclasses
import json
from pathlib import Path
from typing import Any, TypeVar

from datapipe import storage
from datapipe.output import RunError

T = TypeVar("T")


def write_json(path: Path, value: Any) -> None:
    """Atomically; equal values have equal bytes."""
    text = json.dumps(dataclasses.asdict(value), ensure_ascii=False, indent=1, allow_nan=False)
    storage.write_bytes(str(path), f"{text}\n".encode())


def read_json(path: Path, cls: type[T], written_by: str) -> T:
    """What was written. Raises RunError that names the place, or the command that writes it where it is not there."""
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(cls).validate_json(path.read_bytes(), strict=True)
    except FileNotFoundError:
        raise RunError(f"{path}: not there; `trainer mix {written_by}` writes it") from None
    except ValidationError as failure:
        first = failure.errors()[0]
        raise RunError(f"{path}, {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
