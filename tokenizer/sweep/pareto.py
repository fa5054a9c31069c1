"""Which candidates are worth a look, and which one to take. Pure arithmetic."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Point:
    """A candidate as a point of two measures."""

    name: str
    gain: float
    """The more the better: bytes per token of English."""
    cost: float
    """The less the better: parity of the language that is worst off."""


def front(points: Sequence[Point]) -> list[Point]:
    """The points that no other one beats (as good in both measures, better in one), by cost and name."""
    best = [
        one
        for one in points
        if not any(
            other.gain >= one.gain and other.cost <= one.cost and (other.gain, other.cost) != (one.gain, one.cost)
            for other in points
        )
    ]
    return sorted(best, key=lambda one: (one.cost, one.gain, one.name))


def knee(points: Sequence[Point]) -> Point:
    """The point of a front that lies furthest above the line between its two ends, both measures scaled to [0, 1].

    There a little more English costs the worst language most, and the reverse (Das 1999, "On characterizing the knee of
    the Pareto curve", Structural Optimization 18; Satopää et al. 2011, "Finding a Kneedle in a Haystack", for sets of
    points). Where several lie as far, so where there are only two points, the one with the most gain. `points` is what
    `front` has returned, at least one.
    """
    gains, costs = [one.gain for one in points], [one.cost for one in points]
    height, width = max(gains) - min(gains), max(costs) - min(costs)
    if not height or not width:  # on a front both at once: all points are the same
        return points[0]
    return max(points, key=lambda one: (_above(one, min(gains), height, min(costs), width), one.gain))


def _above(one: Point, least_gain: float, height: float, least_cost: float, width: float) -> float:
    """How far above the chord, times the square root of 2; rounded, so that equal distances are equal."""
    return round((one.gain - least_gain) / height - (one.cost - least_cost) / width, 12)
