"""The sweep as one page that needs nothing else, in the clothes of the report of a run."""

from dataclasses import dataclass
from pathlib import Path

from datapipe.report.html import TEMPLATES as REPORT
from datapipe.report.html import html_environment
from datapipe.report.scales import Scale
from tokenizer.sweep.result import Result, Trained

TEMPLATES = Path(__file__).parent / "templates"
WIDTH, HEIGHT = 880, 440
"""Of the chart, in units of its view box."""
LEFT, RIGHT, TOP, BOTTOM = 60, 200, 20, 50
"""Margins; on the right the names of the last points have room."""


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
    environment = html_environment(TEMPLATES)
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
