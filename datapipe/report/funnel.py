"""From everything found in the sources to what trains the model."""

from dataclasses import dataclass

from datapipe.report.figures import Figures
from datapipe.report.outcomes import grouped, step_title, total


@dataclass(frozen=True)
class Level:
    """One level of the funnel: what takes documents (or records, above), how many it takes, how many are left."""

    name: str
    lost: int
    left: int


def funnel(figures: Figures) -> list[Level]:
    """From everything found to what trains the model; steps that took nothing are left out."""
    by_step = grouped(figures.outcomes, lambda one: one.step)
    held_out = sum(domain.held_out.documents for domain in figures.domains)
    losses = [
        ("no documents", sum(figures.passed_over.values())),
        *((step_title(step), total(by_step.get(step, ())).documents) for step in figures.steps),
        ("held out for validation", held_out),
    ]
    left = figures.records
    levels = [Level("records found", 0, left)]
    for name, lost in losses:
        left -= lost
        levels += [Level(name, lost, left)] if lost else []
    return [*levels, Level("documents for training", 0, left)]
