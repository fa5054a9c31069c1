"""A fit on a terminal: how laws and trivial rules compare, and what must not be overlooked."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from datapipe.report.words import number, visible
from trainer.mixture.fit_file import Fit, Score

if TYPE_CHECKING:
    from collections.abc import Iterator

NUMBER = 6
"""Characters of most numbers."""


def print_fit(fit: Fit, file: str) -> None:
    """Tables, notes and warnings, and where the file is."""
    console = Console()
    of_interest = list(dict.fromkeys(one.target for one in fit.scores))[-1]
    counted = f"{number(fit.runs)} runs, {number(fit.mixtures)} mixtures, targets: {number(len(fit.targets))}"
    console.print(_plain(f"{fit.experiment}: {counted}"))
    console.print(_measures([one for one in fit.scores if one.target == of_interest], of_interest))
    if len(fit.targets) > 1:
        console.print(_by_target(fit))
    console.print(_targets(fit))
    for line in _lines(fit):
        console.print(_plain(line), soft_wrap=True)
    console.print(_plain(file), soft_wrap=True)


def _measures(scores: Sequence[Score], target: str) -> Table:
    """Every measure, of one target."""
    titles = ("Spearman", "Kendall", "RMSE", "regret@1", "regret@5", "optimism")
    table = _table(f"{target}: mixtures not seen", "", *titles)
    for one in scores:
        measures = (one.spearman, one.kendall, one.rmse, one.regret_1, one.regret_5, one.optimism)
        table.add_row(
            _plain(one.predictor), *(_shown(value) for value in measures), style="dim" if one.is_trivial else None
        )
    return table


def _by_target(fit: Fit) -> Table:
    """Spearman of every target: a column for each law, and the best trivial rule."""
    laws = list(dict.fromkeys(one.predictor for one in fit.scores if not one.is_trivial))
    table = _table("Spearman of mixtures not seen", "", *map(_words, laws), "best rule")
    for target in dict.fromkeys(one.target for one in fit.scores):
        of_target = [one for one in fit.scores if one.target == target]
        best = max((one.spearman or 0.0 for one in of_target if one.is_trivial), default=None)
        of_laws = [_shown(one.spearman) for one in of_target if not one.is_trivial]
        table.add_row(_plain(target), *of_laws, _shown(best))
    return table


def _targets(fit: Fit) -> Table:
    """What the swarm tells of each target."""
    table = _table("targets", "", "mean", "spread", "noise", "signal/noise")
    for one in fit.targets:
        measures = (one.mean, one.spread, one.noise, one.signal_to_noise)
        table.add_row(_plain(one.target), *(_shown(value) for value in measures))
    return table


def _lines(fit: Fit) -> "Iterator[str]":
    for run, why in fit.left_out:
        yield f"left out: run {run}: {why}"
    for note in fit.notes:
        yield f"note: {note}"
    for warning in fit.warnings:
        yield f"warning: {warning}"


def _table(title: str, first: str, *columns: str) -> Table:
    """Names fold where there is no room, numbers never, titles between words."""
    table = Table(title=_plain(title), box=SIMPLE_HEAD, title_justify="left", padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column(first, overflow="fold")
    for column in columns:
        widest = max(map(len, column.split()))
        table.add_column(_plain(column), justify="right", overflow="fold", width=max(widest, NUMBER))
    return table


def _words(law: str) -> str:
    return law.replace("_", " ")


def _shown(value: float | None) -> str:
    """Three places; a dash for what is not defined."""
    return "-" if value is None else f"{value:.3f}" if abs(value) >= 0.001 or value == 0 else f"{value:.1e}"


def _plain(text: str) -> Text:
    """A text in which no mark-up and no escape sequence acts: names come from data."""
    return Text(visible(text))
