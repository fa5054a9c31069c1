"""Settings as a file records them, and what differs when it is read again."""

import dataclasses
import json
from collections.abc import Iterator, Mapping
from typing import Any

ABSENT = "absent"


def recorded(value: Any) -> dict[str, Any]:
    """A dataclass, or a mapping with some in it, as it comes back from JSON: lists for tuples."""
    found: dict[str, Any] = json.loads(json.dumps(value, default=dataclasses.asdict))
    return found


def changed(then: Mapping[str, Any], now: Mapping[str, Any], prefix: str = "") -> list[str]:
    """What differs, a line for every key: `proxy.tokens: 1000, now 2000`; [] where nothing does."""
    before, after = dict(_leaves(then, prefix)), dict(_leaves(now, prefix))
    return [
        f"{key}: {before.get(key, ABSENT)}, now {after.get(key, ABSENT)}"
        for key in dict.fromkeys((*before, *after))
        if before.get(key, ABSENT) != after.get(key, ABSENT)
    ]


def _leaves(value: Any, key: str) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, Mapping):
        yield key, value
        return
    for name, inner in value.items():
        yield from _leaves(inner, f"{key}.{name}" if key else name)
