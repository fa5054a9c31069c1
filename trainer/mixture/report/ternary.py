"""Mixtures of three parts as points of a triangle: every corner is all of one part."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from datapipe.report.words import percent
from trainer.mixture.arrays import Floats
from trainer.mixture.report.answers import today_in
from trainer.mixture.report.gathering import Gathered
from trainer.mixture.report.panel import Mark, points

SIDE = 440.0
LEFT, TOP = 60.0, 34.0
HEIGHT = SIDE * math.sqrt(3) / 2
GRID = (0.2, 0.4, 0.6, 0.8)

Place = Callable[[Sequence[float]], tuple[float, float]]


@dataclass(frozen=True)
class Ternary:
    """A triangle for one phase."""

    phase: str
    """"" where there is only one."""
    corners: tuple[str, str, str]
    """Names: top, left, right."""
    grid: tuple[tuple[str, str, float, float, float, float], ...]
    """Text, its anchor, and the two ends of lines of equal share; the text is at the first."""
    cloud: str
    """Path of the optima of resampled fits, a point each."""
    front: str
    """Points of the Pareto front, where it is a line: between two objectives."""
    marks: tuple[Mark, ...]


def ternaries(found: Gathered) -> list[Ternary]:
    """One for every phase; [] where neither components nor groups are three parts of everything."""
    parts = three_parts(found)
    if parts is None:
        return []
    names, sums_3K = parts
    return [
        _ternary(found, phase, name if len(found.swarm.phases) > 1 else "", names, sums_3K)
        for phase, name in enumerate(found.swarm.phases)
    ]


def three_parts(found: Gathered) -> tuple[tuple[str, str, str], Floats] | None:
    """Names of three parts that make up every mixture, and which components each holds; None where nothing is three."""
    components = found.swarm.components
    if len(components) == 3:
        return (components[0], components[1], components[2]), np.eye(3)
    groups = found.experiment.groups
    named = sorted(name for group in groups.values() for name in group.of)
    if len(groups) != 3 or named != sorted(components):
        return None
    first, second, third = groups
    return (first, second, third), np.array(
        [[float(name in group.of) for name in components] for group in groups.values()]
    )


def place(shares: Sequence[float]) -> tuple[float, float]:
    """Of three shares: top, left, right."""
    top, left, right = shares
    whole = top + left + right or 1.0
    return round(LEFT + SIDE * (right + top / 2) / whole, 1), round(TOP + HEIGHT * (1 - top / whole), 1)


def _ternary(found: Gathered, phase: int, title: str, names: tuple[str, str, str], sums_3K: Floats) -> Ternary:
    def at(weights: Sequence[Sequence[float]]) -> tuple[float, float]:
        return place((sums_3K @ np.asarray(weights[phase])).tolist())

    proposal = found.proposal
    count = len(found.swarm.components)
    optima = proposal.resampled if proposal else ()
    cloud = [at([flat[start : start + count] for start in range(0, len(flat), count)]) for flat in optima]
    is_line = proposal is not None and len(proposal.objectives) == 2
    front = sorted(proposal.pareto, key=lambda one: one.objectives) if proposal and is_line else ()
    return Ternary(
        title,
        names,
        tuple(_grid()),
        "".join(f"M{x:g},{y:g}h0" for x, y in cloud),
        points(at(one.weights) for one in front),
        tuple(_marks(found, at, lambda weights: _told(names, (sums_3K @ np.asarray(weights[phase])).tolist()))),
    )


def _marks(
    found: Gathered,
    at: Callable[[Sequence[Sequence[float]]], tuple[float, float]],
    told: Callable[[Sequence[Sequence[float]]], str],
) -> Iterable[Mark]:
    """Runs, then what the proposal says, the most important last: it lies above the others."""
    ranks, observed = found.best_rank, found.observed
    for run in found.swarm.runs:
        value = f", objective {observed[run.id]:.3f}" if run.id in observed else ", no result"
        rank = 100 * ranks[run.id] if run.id in ranks else None
        yield Mark(
            *at(run.weights), "run", f"{run_title(run.id, run.kind, run.of)}: {told(run.weights)}{value}", run.id, rank
        )
    if found.proposal is None:
        return
    for one in found.proposal.tied:
        yield Mark(*at(one.weights), "tied", f"tied with the best: {one.name}: {told(one.weights)}")
    for point in found.proposal.pareto:
        yield Mark(*at(point.weights), "pareto", f"Pareto front: {told(point.weights)}")
    today = today_in(found.proposal)
    nearest = found.proposal.nearest_tied
    yield Mark(*at(nearest.weights), "nearest", f"tied, nearest to today: {told(nearest.weights)}")
    if today is not None:
        yield Mark(*at(today.weights), "today", f"today: {told(today.weights)}")
    yield Mark(*at(found.proposal.best.weights), "best", f"proposal: {told(found.proposal.best.weights)}")


def run_title(name: str, kind: str, of: str) -> str:
    """What a run is, in words."""
    what = {"anchor": of, "repeat": f"{of} again", "deletion": f"without {of}"}.get(kind, "")
    return f"run {name}{f' ({what})' if what else ''}"


def _told(names: Sequence[str], shares: Sequence[float]) -> str:
    return ", ".join(f"{name} {percent(share)}" for name, share in zip(names, shares, strict=True))


def _grid() -> Iterable[tuple[str, str, float, float, float, float]]:
    """Lines of equal share of the top, of the left, of the right part; each is written where it leaves its axis."""
    for share in GRID:
        rest = 1 - share
        text = f"{100 * share:.0f}"
        yield text, "end", *place((share, rest, 0)), *place((share, 0, rest))
        yield text, "middle", *place((0, share, rest)), *place((rest, share, 0))
        yield text, "start", *place((rest, 0, share)), *place((0, rest, share))
