"""Whether a Ray cluster has room for the processes of a run: it may have to grow, or to replace nodes that are lost."""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

import ray

if TYPE_CHECKING:
    from rich.console import Console

ASK_SECONDS = 5.0
SAY_SECONDS = 60.0
"""How often a cluster that is too small is looked at, and how often that is said."""


class Room:
    """For so many processes that take `each`, which a cluster may lack for `wait_seconds`."""

    def __init__(self, processes: int, each: Mapping[str, float], wait_seconds: float, console: "Console") -> None:
        """Nothing is known yet."""
        self._processes, self._each, self._wait, self._console = processes, each, wait_seconds, console
        self._lacking_since: float | None = None
        self._said_at = self._looked_at = -SAY_SECONDS
        self._lack: str | None = None

    def lack(self) -> str | None:
        """What is missing now, if anything is; told every minute, and not looked for more often than it may change."""
        now = time.monotonic()
        if now - self._looked_at >= ASK_SECONDS:
            self._looked_at, self._lack = now, self._look()
            if self._lack is None:
                self._lacking_since = None
            elif self._lacking_since is None:
                self._lacking_since = now
        if self._lack is not None and not self.is_given_up and now - self._said_at >= SAY_SECONDS:
            self._said_at = now
            ray.autoscaler.sdk.request_resources(bundles=[dict(self._each)] * self._processes)
            line = f"waiting for resources: {self._processes:,} processes: {self._lack}"
            self._console.print(line, markup=False, highlight=False, soft_wrap=True)
        return self._lack

    @property
    def is_given_up(self) -> bool:
        """Whether that has lasted too long."""
        return self._lacking_since is not None and time.monotonic() - self._lacking_since >= self._wait

    def awaited(self) -> str | None:
        """What is missing still when all the time is over; None as soon as nothing is."""
        while lack := self.lack():
            if self.is_given_up:
                return lack
            time.sleep(ASK_SECONDS)
        return None

    def _look(self) -> str | None:
        nodes = _nodes()
        room = sum(int(min(node.get(name, 0) / count for name, count in self._each.items())) for node in nodes)
        if room >= self._processes:
            return None
        has = " and ".join(f"{sum(node.get(name, 0) for node in nodes):g} {name}" for name in self._each)
        need = " and ".join(f"{count:g} {name}" for name, count in self._each.items())
        return f"the Ray cluster has {has}, room for {room:,} of {need} each"


def has(name: str) -> float:
    """Of a resource, all nodes together."""
    return sum(node.get(name, 0) for node in _nodes())


def _nodes() -> list[dict[str, float]]:
    return [node["Resources"] for node in ray.nodes() if node["Alive"]]  # type: ignore[no-untyped-call]
