"""The report on a terminal: funnel, reasons, domains, passes, and where the files are. Reads well at 80 columns."""

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from datapipe import storage
from datapipe.report.figures import Figures
from datapipe.report.funnel import Level, funnel
from datapipe.report.outcomes import KEPT, grouped, total
from datapipe.report.words import number, percent, seconds, size, visible

BAR = 24
"""Characters of the longest bar."""
BARS_FROM = 60
"""Columns of a terminal that has room for bars beside the names of steps."""
REASONS = 12
UNITS = 3


def print_figures(figures: Figures, console: Console) -> None:
    """All tables."""
    tables = (_funnel(figures, console.width >= BARS_FROM), _reasons(figures), _duplicates(figures), _domains(figures))
    for table in (*tables, _passes(figures)):
        if table.row_count:
            console.print(table)
    problem = figures.run["mixture_error"]
    if problem is not None:
        console.print(_plain(f"no mixture.json: {problem}"), style="red")
    mixture = [] if problem is not None else [("weights", "mixture.json")]
    for name, file in (("report", "report.html"), ("card", "card.md"), *mixture, ("shards", "shards/")):
        console.print(_plain(f"{name:8} {storage.join(figures.folder, file)}"), soft_wrap=True)


def _table(title: str, *columns: str) -> Table:
    """A light table: the first column is text, the others are numbers."""
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold", padding=(0, 1, 0, 0))
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index else "left", overflow="fold", no_wrap=bool(index))
    return table


def _plain(text: str) -> Text:
    """A text in which no mark-up and no escape sequence acts: names come from data."""
    return Text(visible(text))


def _funnel(figures: Figures, with_bars: bool) -> Table:
    table = _table(f"{figures.run['name']}: funnel", "step", "taken", "left")
    table.add_column("", no_wrap=True)
    for level in funnel(figures):
        lost = f"-{number(level.lost)}" if level.lost else ""
        table.add_row(_plain(level.name), lost, number(level.left), _bar(level, figures.records) if with_bars else "")
    for kind, count in sorted(figures.passed_over.items(), key=lambda item: -item[1]):
        table.add_row(_plain(f"  no document: {kind}"), number(count), "", "")
    return table


def _bar(level: Level, whole: int) -> Text:
    """What is left, and pale what was taken."""
    left, before = (round(BAR * count / max(whole, 1)) for count in (level.left, level.left + level.lost))
    return Text("█" * left, style="green").append("░" * (before - left), style="dim")


def _reasons(figures: Figures) -> Table:
    table = _table("dropped", "reason", "documents", "share")
    groups = list(grouped((one for one in figures.outcomes if one.step != KEPT), lambda one: one.reason).items())
    rows = [(reason, total(outcomes).documents) for reason, outcomes in groups[:REASONS]]
    if len(groups) > REASONS:
        rest = sum(total(outcomes).documents for _, outcomes in groups[REASONS:])
        rows.append((f"{len(groups) - REASONS} more reasons: see report.html", rest))
    for reason, documents in rows:
        table.add_row(_plain(reason), number(documents), percent(documents / figures.documents))
    return table


def _duplicates(figures: Figures) -> Table:
    table = _table("duplicates", "round, documents in a cluster", "compared", "kept", "dropped", "share")
    for one in figures.duplicates:
        share = percent(one.dropped / one.compared) if one.compared else ""
        kept = number(one.compared - one.dropped)
        table.add_row(_plain(one.round.name), number(one.compared), kept, number(one.dropped), share)
        if one.pairs:
            pairs = ", ".join(f"{number(found)} {reason}" for reason, found in one.pairs.items())
            table.add_row(_plain(f"  pairs: {pairs}"), number(sum(one.pairs.values())), "", "", "")
        for found in one.classes if one.dropped else ():
            counts = map(number, (found.kept + found.dropped, found.kept, found.dropped))
            table.add_row(f"  {found.label}", *counts, "")
    return table


def _domains(figures: Figures) -> Table:
    table = _table("domains", "domain, largest units", "documents", "text", "weight", "data", "epochs")
    for one in figures.domains:
        table.add_row(
            _plain(one.domain.name), number(one.amount.documents), size(one.amount.bytes), percent(one.domain.weight),
            percent(one.data_share), _epochs(one.epochs),
        )  # fmt: skip
        for unit in one.units[:UNITS] if len(one.units) > 1 else ():
            table.add_row(
                _plain(f"  {unit.name}"), number(unit.amount.documents), size(unit.amount.bytes), percent(unit.weight),
                percent(unit.data_share), _epochs(unit.epochs),
            )  # fmt: skip
        if len(one.units) > UNITS:
            table.add_row(f"  {len(one.units) - UNITS} more", "", "", "", "", "")
    return table


def _epochs(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _passes(figures: Figures) -> Table:
    table = _table("passes", "pass", "shards", "documents", "text", "CPU", "MB/s", "peak MB")
    for one in figures.passes:
        speed = one.mb_per_cpu_second
        text = size(one.bytes) if one.bytes else ""
        table.add_row(
            _plain(one.name), number(one.shards), number(one.documents), text, seconds(one.cpu_seconds),
            "" if speed is None else f"{speed:,.1f}", number(one.peak_mb),
        )  # fmt: skip
    return table
