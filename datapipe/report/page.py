"""The report as one page that needs nothing else: figures and samples poured into `templates/`.

Every value goes through Jinja's escaping, texts through `visible` as well, and the page's policy lets nothing load and
no script run but the one whose digest it names.
"""

import functools
import hashlib
from typing import Any

from jinja2 import Environment

from datapipe.report import charts
from datapipe.report.figures import Figures, UnitFigures
from datapipe.report.findings import find
from datapipe.report.funnel import funnel
from datapipe.report.html import TEMPLATES, html_environment, script_digest
from datapipe.report.outcomes import step_title
from datapipe.report.rules import applied_checks, describe, switched_off
from datapipe.report.samples import Samples
from datapipe.run import EXCERPT_CHARACTERS


def page(figures: Figures, samples: Samples) -> str:
    """The whole file."""
    checks, off = applied_checks(figures), switched_off(figures.recipe)
    style, script = (TEMPLATES / "style.css").read_text("utf-8"), (TEMPLATES / "script.js").read_text("utf-8")
    content: dict[str, Any] = {
        "figures": figures,
        "samples": samples,
        "style": style,
        "script": script,
        "script_digest": script_digest(script),
        "findings": find(figures, checks, off),
        "funnel": funnel(figures),
        "colours": {step_title(step): charts.colour(figures, step) for step in figures.steps},
        "legend": [(charts.colour(figures, step), step_title(step)) for step in charts.present_steps(figures)],
        "sources": charts.bars(figures, lambda one: one.source),
        "languages": charts.bars(figures, lambda one: one.language or "(none)"),
        "steps": charts.step_bars(figures),
        "reasons": charts.reasons(figures, checks),
        "matrix": charts.matrix(figures),
        "idle": [one for one in checks if one.is_limit and one.is_idle],
        "limits": [one for one in checks if one.is_limit],
        "switched_off": off,
        "domain_rows": [
            UnitFigures(one.domain.name, one.amount, one.data_share, one.domain.weight, one.epochs, one.held_out)
            for one in figures.domains
        ],
        "units": sum(unit.weight > 0 for one in figures.domains for unit in one.units),
        "quarantined": sum(account["quarantined"] for account in figures.run["passes"].values()),
        "excerpt_characters": EXCERPT_CHARACTERS,
        "anchor": anchor,
        "present_languages": {one.language for one in figures.outcomes},
        "rows_shown": charts.ROWS_SHOWN,
        "max_rows": charts.MAX_ROWS,
    }
    return _environment().get_template("page.html.jinja").render(content)


@functools.cache
def _environment() -> Environment:
    """How the template is filled in: made once, because compiling it takes longer than rendering."""
    environment = html_environment(TEMPLATES)
    environment.filters |= {
        "describe": describe,
        "step": step_title,
    }
    return environment


def anchor(*names: str) -> str:
    """An id for a place in the page, of safe characters only."""
    return "x" + hashlib.sha256("\0".join(names).encode("utf-8", "replace")).hexdigest()[:12]
