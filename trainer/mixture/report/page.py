"""An experiment as one page that needs nothing else, in the clothes of the report of a run.

Every value goes through Jinja's escaping, names through `visible` as well, and the page's policy lets nothing load and
no script run but the one whose digest it names.
"""

import functools
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment

from datapipe.report.html import TEMPLATES as REPORT
from datapipe.report.html import html_environment, script_digest
from trainer.mixture.report.answers import answers, points_moved, today_in
from trainer.mixture.report.findings import stands_out
from trainer.mixture.report.foretold import learning_curve, longer_proxies, predicted_against_observed
from trainer.mixture.report.fronts import kl_panel, kl_weights, pareto_panels, reference_of, side_by_side
from trainer.mixture.report.gains import gains
from trainer.mixture.report.gathering import Gathered
from trainer.mixture.report.parallel import parallel
from trainer.mixture.report.scores import duels, has_objective, judged, score_rows
from trainer.mixture.report.surface import surfaces
from trainer.mixture.report.tables import cost, effect_tables, weight_rows
from trainer.mixture.report.ternary import run_title, ternaries
from trainer.mixture.swarm import Run
from trainer.report.charts import short

TEMPLATES = Path(__file__).parent / "templates"
ROWS_SHOWN = 12
FINDINGS_SHOWN = 10
"""Others are a click away."""
SHAPES = {
    "apart": "M-4,-4h8v8h-8z",
    "pareto": "M0,-4.5L4.2,3H-4.2Z",
    "nearest": "M-5,-5h10v10h-10z",
    "today": "M0,-7L7,0L0,7L-7,0Z",
    "best": "M0,-9L2.4,-3.2L8.6,-2.8L3.8,1.2L5.3,7.3L0,4L-5.3,7.3L-3.8,1.2L-8.6,-2.8L-2.4,-3.2Z",
}
"""Outlines of marks around their point; others are circles."""


def page(found: Gathered) -> str:
    """The whole file; the same for the same files."""
    script = (REPORT / "script.js").read_text("utf-8") + (TEMPLATES / "mixture.js").read_text("utf-8")
    content: dict[str, Any] = {
        "found": found,
        "style": (REPORT / "style.css").read_text("utf-8") + (TEMPLATES / "mixture.css").read_text("utf-8"),
        "script": script,
        "script_digest": script_digest(script),
        "answers": answers(found),
        "findings": stands_out(found),
        "cost": cost(found),
        "ternaries": ternaries(found),
        "surfaces": surfaces(found),
        "parallel": parallel(found),
        "ranks": found.best_rank,
        "observed": found.observed,
        "rows_shown": ROWS_SHOWN,
        "findings_shown": FINDINGS_SHOWN,
        "gains": gains(found.prediction, found.validation) if found.prediction else [],
        **_of_fit(found),
        **_of_proposal(found),
    }
    return _environment().get_template("mixture.html.jinja").render(content)


def _of_fit(found: Gathered) -> dict[str, Any]:
    fit = found.fit
    if fit is None:
        return {"fit": None}
    law = judged(fit, found.experiment.propose.predictor)
    curves = [learning_curve(fit), longer_proxies(fit)]
    return {
        "fit": fit,
        "law": law,
        "scores": score_rows(fit),
        "has_objective": has_objective(fit),
        "duels": {one.target: one for one in duels(fit, law)},
        "foretold": predicted_against_observed(found),
        "curves": [one for one in curves if one is not None],
        "effects": effect_tables(fit),
    }


def _of_proposal(found: Gathered) -> dict[str, Any]:
    proposal = found.proposal
    if proposal is None:
        return {"proposal": None}
    longest, rows = weight_rows(proposal)
    today = today_in(proposal)
    return {
        "proposal": proposal,
        "reference": reference_of(proposal),
        "has_reference": proposal.reference != "current",
        "longest": longest,
        "weight_rows": rows,
        "moved": points_moved(today.weights, proposal.best.weights) if today else None,
        "moved_least": points_moved(today.weights, proposal.nearest_tied.weights) if today else None,
        "sides": side_by_side(proposal),
        "kl": [one for one in (kl_panel(proposal), *kl_weights(proposal)) if one is not None],
        "pareto": pareto_panels(proposal),
    }


@functools.cache
def _environment() -> Environment:
    environment = html_environment(TEMPLATES, REPORT)
    environment.filters |= {
        "short": short,
        "figure": _figure,
        "signed": _signed,
        "shade": _shade,
        "whole": _whole,
        "by_place": _by_place,
        "as_json": _as_json,
    }
    environment.globals |= {"run_title": run_title, "shapes": SHAPES, "zip": zip}
    return environment


def _by_place(runs: Iterable[Run], ranks: Mapping[str, float]) -> list[Run]:
    """Best first; those without a result last, by id."""
    return sorted(runs, key=lambda run: (ranks.get(run.id, 2.0), run.id))


def _whole(share: float) -> str:
    """A share that somebody chose: 80 %, not 80.0 %."""
    return f"{100 * share:g}\u00a0%"


def _as_json(value: Any) -> str:
    """Without the keys that nothing is said of."""
    return json.dumps({k: v for k, v in value.items() if v is not None} if isinstance(value, dict) else value)


def _shade(rank: float | None) -> str:
    """Class of the colour of a run, by its place from 0, the best, to 100; that of runs without a result for None."""
    return "none" if rank is None else f"r{round(rank / 10)}"


def _figure(value: float | None, digits: int = 3) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _signed(value: float | None, digits: int = 3) -> str:
    """With its sign, but for a value that is 0 when it is rounded."""
    if value is None:
        return ""
    rounded = round(value, digits)
    return f"{rounded:+.{digits}f}".replace("-", "−") if rounded else f"{0:.{digits}f}"
