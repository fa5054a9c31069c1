"""All runs as lines over parallel axes: a weight or a target each."""

from collections.abc import Sequence
from dataclasses import dataclass

from datapipe.report.words import percent
from trainer.mixture.report.gathering import Gathered
from trainer.mixture.report.panel import points
from trainer.mixture.report.ternary import run_title

BETWEEN = 68
"""Axes stand so far apart at least;"""
WIDTH = 940
"""few of them share this."""
LEFT, TOP, BOTTOM, HEIGHT = 40, 74, 26, 380


@dataclass(frozen=True)
class Axis:
    """One of them; its lowest value is at the bottom."""

    name: str
    kind: str
    """`weight`, `target` or `objective`."""
    x: float
    least: str
    most: str


@dataclass(frozen=True)
class Row:
    """A run."""

    run: str
    tip: str
    rank: float
    points: str


@dataclass(frozen=True)
class Parallel:
    """The chart."""

    width: int
    height: int
    top: int
    bottom: int
    axes: tuple[Axis, ...]
    rows: tuple[Row, ...]
    """Worst first: the best lie above."""
    opacity: float
    """Of a line: the more there are, the less."""
    best: str
    """Points of the proposal, as far as the weights reach and as predicted; "" where there is none."""


def parallel(found: Gathered) -> Parallel | None:
    """Of the runs that are evidence; None where there is none."""
    evidence = found.evidence
    if evidence is None:
        return None
    names = _names(found)
    weights_NF = evidence.weights_NPK.reshape(len(evidence.runs), -1)
    observed, ranks = found.observed, found.best_rank
    table = [
        [observed[run.id], *values, *weights]
        for run, values, weights in zip(evidence.runs, evidence.values_NM.tolist(), weights_NF.tolist(), strict=True)
    ]
    proposed = _proposed(found)
    columns = list(zip(*table, *([proposed] if proposed else []), strict=True))
    ranges = [(min(column), max(column)) for column in columns]
    order = sorted(range(len(table)), key=lambda place: -ranks[evidence.runs[place].id])
    rows = tuple(
        Row(run.id, f"{run_title(run.id, run.kind, run.of)}: objective {observed[run.id]:.3f}", 100 * ranks[run.id],
            _line(table[place], ranges))
        for place in order for run in [evidence.runs[place]]
    )  # fmt: skip
    axes = tuple(
        Axis(name, kind, _across(place, len(names)), _text(kind, least), _text(kind, most))
        for place, ((name, kind), (least, most)) in enumerate(zip(names, ranges, strict=True))
    )
    width = round(_across(len(axes) - 1, len(axes)) + LEFT * 2)
    opacity = round(min(0.8, max(0.2, 60 / len(rows))), 2)
    best = _line(proposed, ranges) if proposed else ""
    return Parallel(width, HEIGHT, TOP, HEIGHT - BOTTOM, axes, rows, opacity, best)


def _names(found: Gathered) -> list[tuple[str, str]]:
    """Of all axes, with their kinds: what is reached first, what it is made of after."""
    assert found.evidence is not None
    phases = found.evidence.phases
    weights = [
        (f"{name} · {phase}" if len(phases) > 1 else name, "weight")
        for phase in phases
        for name in found.evidence.components
    ]
    return [("objective", "objective"), *((name, "target") for name in found.evidence.targets), *weights]


def _proposed(found: Gathered) -> list[float]:
    """The proposal as a run would be; [] where there is none of these targets."""
    proposal = found.proposal
    if proposal is None or found.evidence is None or set(proposal.targets) != set(found.evidence.targets):
        return []
    foretold = dict(zip(proposal.targets, proposal.best.targets, strict=True))
    weights = [one for row in proposal.best.weights for one in row]
    return [proposal.best.objective, *(foretold[name] for name in found.evidence.targets), *weights]


def _across(place: int, axes: int) -> float:
    """Where an axis stands."""
    return round(LEFT + place * max(BETWEEN, (WIDTH - 3 * LEFT) / max(axes - 1, 1)), 1)


def _line(values: Sequence[float], ranges: Sequence[tuple[float, float]]) -> str:
    """Values that never vary lie in the middle of their axis."""
    shares = [
        (value - least) / (most - least) if most > least else 0.5
        for value, (least, most) in zip(values, ranges, strict=True)
    ]
    length = HEIGHT - BOTTOM - TOP
    return points(
        (_across(place, len(shares)), round(HEIGHT - BOTTOM - share * length, 1)) for place, share in enumerate(shares)
    )


def _text(kind: str, value: float) -> str:
    return percent(value) if kind == "weight" else f"{value:.3f}"
