"""The sweep as one page that needs nothing else, in the clothes of the report of a run."""

import math
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from datapipe.report import words
from datapipe.report.page import TEMPLATES as REPORT
from tokenizer.sweep.result import Result, Trained

TEMPLATES = Path(__file__).parent / "templates"
WIDTH, HEIGHT = 880, 440
"""Of the chart, in units of its view box."""
LEFT, RIGHT, TOP, BOTTOM = 60, 200, 20, 50
"""Margins; on the right the names of the last points have room."""
MARGIN = 0.06
"""Of the range of values, around the outermost points."""
TICKS = 6
"""On an axis at most, about."""


@dataclass(frozen=True)
class Scale:
    """Values to places along one axis."""

    least: float
    most: float
    start: float
    end: float

    @classmethod
    def around(cls, values: list[float], start: float, end: float) -> "Scale":
        """With some room on both sides; values that are all the same are in the middle."""
        room = (max(values) - min(values)) * MARGIN or abs(values[0]) * MARGIN or 1.0
        return cls(min(values) - room, max(values) + room, start, end)

    def place(self, value: float) -> float:
        """Of a value, to a hundredth."""
        share = (value - self.least) / (self.most - self.least)
        return round(self.start + share * (self.end - self.start), 2)

    def ticks(self) -> list[tuple[str, float]]:
        """Round values at equal distances, as text, and their places."""
        wanted = (self.most - self.least) / TICKS
        exponent = math.floor(math.log10(wanted))
        step = next(one for one in (10.0**exponent * part for part in (1, 2, 5, 10)) if one >= wanted)
        numbers = range(math.ceil(self.least / step), math.floor(self.most / step) + 1)
        return [(f"{number * step:.{max(-exponent, 0)}f}", self.place(number * step)) for number in numbers]


@dataclass(frozen=True)
class Dot:
    """A candidate in the chart."""

    one: Trained
    x: float
    y: float
    kind: str
    """`knee`, `front` or `other`."""


def page(result: Result, name: str) -> str:
    """The whole file; the same for the same result."""
    rows = result.by_cost()
    across = Scale.around([one.point.cost for one in rows], LEFT, WIDTH - RIGHT)
    up = Scale.around([one.point.gain for one in rows], HEIGHT - BOTTOM, TOP)
    dots = [Dot(one, across.place(one.point.cost), up.place(one.point.gain), _kind(result, one)) for one in rows]
    environment = Environment(
        autoescape=True, loader=FileSystemLoader([TEMPLATES]), undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {"visible": words.visible, "number": words.number, "percent": words.percent}
    content = {
        "style": (REPORT / "style.css").read_text("utf-8"),
        "name": name,
        "result": result,
        "dots": dots,
        "front": " ".join(f"{dot.x},{dot.y}" for dot in dots if dot.kind != "other"),
        "across": across,
        "up": up,
        "width": WIDTH,
        "height": HEIGHT,
        "domains": list(rows[0].domain_shares()),
    }
    return environment.get_template("weights.html.jinja").render(content)


def _kind(result: Result, one: Trained) -> str:
    if one is result.chosen:
        return "knee"
    return "front" if result.is_on_front(one) else "other"
