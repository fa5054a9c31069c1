"""Figures of evaluated tasks, and how they are shown."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Score:
    """One figure of one task."""

    task: str
    shots: int
    metric: str
    value: float | None
    """None: not measured."""
    error: float | None = None
    """Standard error, as the harness reckons it."""
    paper: float | None = None
    """In percent, where the list is a paper's."""
    note: str = ""
    """Why there is no figure, or what to know of it."""
    is_failed: bool = False
    """Whether it should have been measured."""


def shown(score: Score) -> str:
    """One line, without the task."""
    if score.value is None:
        return score.note
    error = "" if score.error is None else f" ± {score.error:.4f}"
    return f"{score.metric.removesuffix(',none')} {score.value:.4f}{error}, {score.shots} shots"


def print_scores(scores: Sequence[Score]) -> None:
    """A table on the terminal, the paper's figures beside ours where there are some; what there is to know below."""
    from rich.console import Console
    from rich.table import Table

    has_paper = any(score.paper is not None for score in scores)
    table = Table("task", "shots", "metric", "score", "±", *(["paper"] if has_paper else []))
    for score in scores:
        measured = "-" if score.value is None else f"{score.value:.4f}"
        error = "" if score.error is None else f"{score.error:.4f}"
        row = [score.task, str(score.shots), score.metric.removesuffix(",none"), measured, error]
        table.add_row(*row, *([f"{score.paper / 100:.3f}" if score.paper is not None else ""] if has_paper else []))
    console = Console()
    console.print(table)
    for line in dict.fromkeys(f"{score.task}: {score.note}" for score in scores if score.note):
        console.print(line, highlight=False, soft_wrap=True, markup=False)
