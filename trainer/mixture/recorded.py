"""Settings as a file records them, and what differs when it is read again."""

import dataclasses
import json
from collections.abc import Iterator, Mapping
from typing import Any


def recorded(value: Any) -> dict[str, Any]:
    """A dataclass, or a mapping with some in it, as it comes back from JSON: lists for tuples."""
    found: dict[str, Any] = json.loads(json.dumps(value, default=dataclasses.asdict))
    return found


def changed(then: Mapping[str, Any], now: Mapping[str, Any], place: str = "") -> list[str]:
    """What differs, a line for every key: `proxy.tokens was 1,000, is 2,000`; [] where nothing does.

    Keys without a value are as those that are not there.
    """
    before, after = dict(_leaves(then, place)), dict(_leaves(now, place))
    return [
        f"{key} was {_shown(before.get(key))}, is {_shown(after.get(key))}"
        for key in {**before, **after}
        if before.get(key) != after.get(key)
    ]


def _leaves(value: Mapping[str, Any], place: str) -> Iterator[tuple[str, Any]]:
    for name, inner in value.items():
        key = f"{place}.{name}" if place else name
        if isinstance(inner, Mapping):
            yield from _leaves(inner, key)
        else:
            yield key, inner


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
