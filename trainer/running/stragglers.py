"""Which process is slower than the others for long, by the time that each computes by itself. No torch here."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

STEPS = 50
"""That are compared at once, at least."""
SLOW = 1.3
"""Times the median: more is slow."""


@dataclass(frozen=True)
class Straggler:
    """A process that others wait for."""

    rank: int
    seconds: float
    """That it computes in a step,"""
    median: float
    """and the median over all."""
    steps: int


class Stragglers:
    """What all processes took since the last comparison."""

    def __init__(self) -> None:
        """None yet."""
        self._steps = 0
        self._seconds: list[float] = []
        self._known: set[int] = set()

    def after(self, steps: int, seconds: Sequence[float]) -> list[Straggler]:
        """Those that have become slow, after `steps` more in which each process took so many seconds a step. One is
        told again only after it has been as fast as the others."""
        before = self._seconds or [0.0] * len(seconds)
        self._seconds = [one + more * steps for one, more in zip(before, seconds, strict=True)]
        self._steps += steps
        if self._steps < STEPS:
            return []
        means, over = [one / self._steps for one in self._seconds], self._steps
        median = statistics.median_low(means)
        slow = {rank for rank, mean in enumerate(means) if mean > SLOW * median}
        found = [Straggler(rank, means[rank], median, over) for rank in sorted(slow - self._known)]
        self._steps, self._seconds, self._known = 0, [], slow
        return found


def slowest(seconds: Sequence[float]) -> dict[str, float]:
    """For a line of the log."""
    rank = max(range(len(seconds)), key=lambda one: seconds[one])
    return {"rank": rank, "seconds": seconds[rank], "median": statistics.median_low(seconds)}
