"""A small chart as numbers for a drawing: marks, lines, bands and axes in a square that a phone can show."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from datapipe.report.scales import Scale
from trainer.report.charts import short

WIDTH, HEIGHT = 320, 270
"""In units of the view box."""
LEFT, RIGHT, TOP, BOTTOM = 52, 10, 12, 40
TICKS = 4
"""Values written along an axis, at most about."""


@dataclass(frozen=True)
class Mark:
    """A point, and what it says under the pointer."""

    x: float
    y: float
    kind: str
    """Class of its shape."""
    tip: str
    run: str = ""
    """Id of the run it stands for: it is lit in all charts together."""
    rank: float | None = None
    """Of the run by its objective, from 0, the best, to 100."""


@dataclass(frozen=True)
class Line:
    """A line of points, or the outline of an area."""

    kind: str
    """Classes of its colour and shape."""
    points: str
    name: str = ""


@dataclass(frozen=True)
class Panel:
    """A chart."""

    title: str
    about: str
    label: str
    """Of all of it, for who cannot see it."""
    across_name: str
    up_name: str
    across: tuple[tuple[str, float], ...]
    up: tuple[tuple[str, float], ...]
    marks: tuple[Mark, ...] = ()
    errors: str = ""
    """Path of the error bars."""
    lines: tuple[Line, ...] = ()
    bands: tuple[Line, ...] = ()


def across_scale(values: Sequence[float]) -> Scale:
    """Of the axis that runs to the right."""
    return Scale.around(list(values), LEFT, WIDTH - RIGHT)


def up_scale(values: Sequence[float]) -> Scale:
    """Of the axis that runs upwards."""
    return Scale.around(list(values), HEIGHT - BOTTOM, TOP)


def ticks(scale: Scale) -> tuple[tuple[str, float], ...]:
    """A few round values and their places."""
    values, exponent = scale.round_values()
    shown = values[:: -(-len(values) // TICKS)]
    if max(abs(scale.most), abs(scale.least)) >= 10_000:
        return tuple((short(value), scale.place(value)) for value in shown)
    return tuple((f"{value:.{max(-exponent, 0)}f}", scale.place(value)) for value in shown)


def points(pairs: Iterable[tuple[float, float]]) -> str:
    """As SVG has them."""
    return " ".join(f"{x:g},{y:g}" for x, y in pairs)


def band(places: Sequence[float], low: Sequence[float], high: Sequence[float]) -> str:
    """Outline of the area between two lines; places of all three."""
    return points(itertools.chain(zip(places, high, strict=True), reversed(list(zip(places, low, strict=True)))))


def across_bar(low: float, high: float, y: float) -> str:
    """A piece of a path: an error bar that lies."""
    return f"M{low:g},{y:g}H{high:g}"


def up_bar(x: float, low: float, high: float) -> str:
    """One that stands."""
    return f"M{x:g},{low:g}V{high:g}"
