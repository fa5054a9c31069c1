"""An evaluation as one page that needs nothing else, in the clothes of the report of a run.

Every value goes through Jinja's escaping, texts through `visible` as well, and the page's policy lets nothing load and
no script run but the one whose digest it names.
"""

import functools
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment

from datapipe.report.html import TEMPLATES as REPORT
from datapipe.report.html import html_environment, script_digest
from tokenizer.evaluation.blocks import Row, blocks, notes, rows_of, shown
from tokenizer.evaluation.gates import Verdict
from tokenizer.evaluation.measuring import Evaluation
from tokenizer.evaluation.metrics import CAVEAT, METRICS, rests_on_little
from tokenizer.evaluation.terminal import findings

TEMPLATES = Path(__file__).parent / "templates"
COLOURS = ("s5", "s2", "kept", "s4", "s1", "s3", "s6", "s7")
"""Classes of `style.css`, for tokenizers in their order; further ones begin anew."""
ROWS_SHOWN = 12
CHARTS = {
    "By domain and unit": ("unit", ("bytes_per_token", "fertility", "continued_word_rate", "byte_character_rate")),
    "By language": ("language", ("bytes_per_token", "fertility", "whole_word_rate", "byte_character_rate")),
}
"""Title -> kind of group, and the metrics that have a chart of those groups."""
PIECES = 200


def page(evaluation: Evaluation, verdicts: Sequence[Verdict] = ()) -> str:
    """The whole file."""
    style, script = (REPORT / "style.css").read_text("utf-8"), (REPORT / "script.js").read_text("utf-8")
    content = {
        "evaluation": evaluation,
        "verdicts": verdicts,
        "style": style,
        "script": script,
        "script_digest": script_digest(script),
        "caveat": CAVEAT,
        "metrics": METRICS,
        "blocks": blocks(evaluation),
        "charts": _charts(evaluation),
        "findings": [line for one in evaluation.tokenizers for line in findings(one)],
        "notes": notes(evaluation),
        "colours": [COLOURS[place % len(COLOURS)] for place in range(len(evaluation.tokenizers))],
        "rows_shown": ROWS_SHOWN,
        "pieces": PIECES,
    }
    return _environment().get_template("evaluation.html.jinja").render(content)


def _charts(evaluation: Evaluation) -> dict[str, dict[str, list[Row]]]:
    """Title -> metric -> rows."""
    found = {}
    for title, (kind, metrics) in CHARTS.items():
        groups = [group.name for group in evaluation.groups if group.kind == kind]
        found[title] = {metric: rows_of(evaluation, metric, groups) for metric in metrics}
    found["Parallel text"] = {"parity": rows_of(evaluation, "parity", list(evaluation.parallel.texts))}
    scripts = [name for name in evaluation.tokenizers[0].figures["digit_tokens"] if name != "all"]
    found["Digits"] = {"digit_tokens": rows_of(evaluation, "digit_tokens", scripts)}
    some = {title: {metric: rows for metric, rows in charts.items() if rows} for title, charts in found.items()}
    return {title: charts for title, charts in some.items() if charts}


def width(value: float | None, rows: Sequence[Row]) -> str:
    """Of a bar, in percent of the longest of the chart."""
    longest = max((one.value or 0.0 for row in rows for one in row.figures), default=0.0)
    return f"{100 * (value or 0.0) / longest if longest else 0.0:.2f}"


@functools.cache
def _environment() -> Environment:
    environment = html_environment(TEMPLATES, REPORT)
    environment.globals |= {"shown": shown, "width": width, "rests_on_little": rests_on_little}
    return environment
