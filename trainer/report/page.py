"""A run as one page that needs nothing else, in the clothes of the report of the data.

Every value goes through Jinja's escaping, texts through `visible` as well, and the page's policy lets nothing load and
no script run but the one whose digest it names.
"""

import functools
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment

from datapipe.report.html import TEMPLATES as REPORT
from datapipe.report.html import html_environment, script_digest
from trainer.report.charts import COLOURS, Chart, Edge, Frame, chart, short
from trainer.report.curves import Curve, curve
from trainer.report.figures import RunFigures, stretch_rows, unit_rows
from trainer.report.findings import find, wait_share
from trainer.running.log import Record
from trainer.schedule import rate_at

TEMPLATES = Path(__file__).parent / "templates"
ROWS_SHOWN = 12
CHECKPOINTS_SHOWN = 40
COURSE_POINTS = 240
"""Of the planned learning rate and batch."""


def page(run: RunFigures) -> str:
    """The whole file; its size does not grow with the steps of the run."""
    script = (REPORT / "script.js").read_text("utf-8")
    log = run.history
    content: dict[str, Any] = {
        "run": run,
        "log": log,
        "style": (REPORT / "style.css").read_text("utf-8"),
        "script": script,
        "script_digest": script_digest(script),
        "findings": find(run),
        "charts": charts(run),
        "wait_share": wait_share(log),
        "speed": _median(log.steps.values["tokens_per_s"]),
        "mfu": _median(log.steps.values["mfu"]),
        "training_seconds": _training_seconds(run),
        "domains": domain_rows(log.first_validation, log.last_validation),
        "units": validation_rows(log.first_validation, log.last_validation),
        "shares": (log.last_step or {}).get("shares", {}),
        "stretches": stretch_rows(run),
        "unit_rows": unit_rows(run),
        "rows_shown": ROWS_SHOWN,
        "checkpoints_shown": CHECKPOINTS_SHOWN,
    }
    return _environment().get_template("report.html.jinja").render(content)


def charts(run: RunFigures) -> list[Chart]:
    """All curves that there are."""
    edges = tuple(Edge(one.phase, one.first) for one in run.course.stretches)
    seen = Frame(max(run.history.samples_seen, 1), run.course.seq_len, edges)
    whole = Frame(run.last_sample, run.course.seq_len, edges)
    values = run.history.steps.values
    bits, losses = _validations(run, "bits_per_byte"), _validations(run, "loss")
    share = np.divide(values["data_wait_seconds"], np.maximum(values["step_seconds"], 1e-12)) * 100
    waiting = {"waiting": curve(run.history.steps.samples, share.tolist())}
    found = [
        chart("Training loss", "Nats per token.", {"loss": _of(run, "loss")}, seen),
        chart("Validation loss", "Nats per token on held-out documents, by domain.", losses, seen),
        chart("Validation, bits per byte", "Of text: comparable between tokenizers.", bits, seen),
        chart(
            "Gradient norm",
            "Before clipping; equal distances are equal factors.",
            {"norm": _of(run, "grad_norm")},
            seen,
            logarithmic=True,
        ),
        chart("Learning rate", "The whole plan, and where the run is.", _rates(run), whole, zero=True),
        chart("Batch", "Sequences per step, over the whole plan.", {"batch": _batches(run)}, whole, zero=True),
        chart("Speed", "Tokens per second.", {"tokens/s": _of(run, "tokens_per_s")}, seen, zero=True),
        chart("MFU", "Share of the hardware's peak.", {"MFU": _of(run, "mfu")}, seen, zero=True),
        chart("Waiting for data", "Percent of step time.", waiting, seen, zero=True),
    ]
    return [one for one in found if one is not None]


def _of(run: RunFigures, column: str) -> Curve:
    return curve(run.history.steps.samples, run.history.steps.values[column])


def _validations(run: RunFigures, figure: str) -> dict[str, Curve]:
    """A curve of every domain."""
    records = run.history.validations
    names = list(dict.fromkeys(name for record in records for name in record["domains"]))
    samples = [record["samples_seen"] for record in records]
    return {
        name: curve(samples, [_number(record["domains"].get(name, {}).get(figure)) for record in records])
        for name in names
    }


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _rates(run: RunFigures) -> dict[str, Curve]:
    points = sorted({round(sample) for sample in np.linspace(1, run.last_sample, COURSE_POINTS)})
    planned = curve(points, [rate_at(run.course.rates, sample) for sample in points])
    return {"planned": planned, "taken": _of(run, "rate")}


def _batches(run: RunFigures) -> Curve:
    ends = [(one, sample) for one in run.course.stretches for sample in (one.first, one.end)]
    return curve([sample for _, sample in ends], [one.batch for one, _ in ends])


def domain_rows(first: Record | None, last: Record | None) -> dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """First and last figures of every domain."""
    if first is None or last is None:
        return {}
    return {name: (first["domains"].get(name, {}), figures) for name, figures in last["domains"].items()}


def validation_rows(
    first: Record | None, last: Record | None
) -> list[tuple[str, str, Mapping[str, Any], Mapping[str, Any]]]:
    """Domain, unit, its first and its last figures."""
    if first is None or last is None:
        return []
    before = first.get("units", {})
    return [
        (domain, unit, before.get(domain, {}).get(unit, {}), figures)
        for domain, units in last.get("units", {}).items()
        for unit, figures in units.items()
    ]


def _median(values: Any) -> float | None:
    there = np.asarray(values)[np.isfinite(np.asarray(values))]
    return float(np.median(there)) if len(there) else None


def _training_seconds(run: RunFigures) -> float:
    """Time of all steps; that of lines between them is a mean since the line before."""
    steps = np.diff(np.asarray(run.history.steps.step), prepend=0)
    return float(np.nansum(np.asarray(run.history.steps.values["step_seconds"]) * steps))


def _figure(value: float | None, digits: int = 3) -> str:
    return "" if value is None or not math.isfinite(value) else f"{value:.{digits}f}"


@functools.cache
def _environment() -> Environment:
    environment = html_environment(TEMPLATES, REPORT)
    environment.filters |= {
        "short": short,
        "figure": _figure,
    }
    environment.globals |= {"colours": COLOURS}
    return environment
