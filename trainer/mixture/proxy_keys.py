"""The keys of proxies in a swarm: runs of other settings cannot be compared, so they are refused."""

import dataclasses
from collections.abc import Iterator, Mapping

from trainer.mixture.experiment import Proxy
from trainer.mixture.materials import Materials
from trainer.mixture.swarm import Swarm

FREE = ("micro_batch",)
"""How steps are computed changes nothing that is measured, but for rounding."""


def proxy_keys(proxy: Proxy) -> dict[str, object]:
    """What `swarm.json` keeps of them."""
    return dataclasses.asdict(proxy)


def changed_settings(swarm: Swarm, proxy: Proxy, materials: Materials) -> list[str]:
    """What is not as the swarm was designed for, in words; [] where everything is."""
    now, then = dict(_flat(proxy_keys(proxy))), dict(_flat(swarm.proxy))
    found = [
        f"proxy.{key} was {_shown(then.get(key))}, is {_shown(now.get(key))}"
        for key in {**then, **now}
        if key not in FREE and then.get(key) != now.get(key)
    ]
    before, after = swarm.materials.phase_tokens, materials.phase_tokens
    if before != after:
        found.append(f"tokens of the full run were {_tokens(before)}, are {_tokens(after)}")
    return found


def _flat(keys: Mapping[str, object], place: str = "") -> Iterator[tuple[str, object]]:
    for key, value in keys.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{place}{key}.")
        else:
            yield f"{place}{key}", value


def _shown(value: object) -> str:
    return "nothing" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def _tokens(phases: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {tokens:,}" for name, tokens in phases.items())
