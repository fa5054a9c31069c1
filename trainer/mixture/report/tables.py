"""Rows of the page's tables: weights with intervals, effects of components, runs, and what they cost."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trainer.mixture.fit_file import Fit, Interaction
from trainer.mixture.proposal_file import ComponentProposal, Proposal
from trainer.mixture.report.gathering import Gathered

BINS = 40
"""Of the distribution of a weight over resampled fits."""


@dataclass(frozen=True)
class WeightRow:
    """A weight; places in percent of the row's length."""

    said: ComponentProposal
    nearest: float
    low: float
    high: float
    weight: float
    current: float | None
    reference: float
    hill: str
    """Outline of how often resampled fits put the optimum where, in a box of 100 x 10."""


@dataclass(frozen=True)
class Cell:
    """What a component does to a target, on a scale of -100 to 100 over its phase's table."""

    effect: Interaction
    strength: float
    is_clear: bool
    """Whether its interval leaves out 0."""


@dataclass(frozen=True)
class EffectTable:
    """A row for every component, a column for every target; effects are to be read times 10^-`exponent`."""

    phase: str
    targets: tuple[str, ...]
    exponent: int
    rows: tuple[tuple[str, tuple[Cell | None, ...]], ...]


@dataclass(frozen=True)
class Cost:
    """Of all runs that came to an end."""

    runs: int
    seconds: float
    gpu_hours: float
    """0 where they were trained without."""
    flops: float
    tokens: int
    devices: tuple[tuple[str, int], ...]
    statuses: tuple[tuple[str, int], ...]


def weight_rows(proposal: Proposal) -> tuple[float, dict[str, list[WeightRow]]]:
    """The share that the whole length of a row stands for, and rows by phase."""
    limits = [max(one.high, one.weight, one.reference, one.current or 0.0) for one in proposal.weights]
    longest = min(1.0, max(limits, default=1.0) * 1.04)
    columns = list(zip(*proposal.resampled, strict=True)) if proposal.resampled else []
    rows: dict[str, list[WeightRow]] = {phase: [] for phase in proposal.phases}
    for one in proposal.weights:
        phase, component = proposal.phases.index(one.phase), proposal.components.index(one.component)
        drawn = columns[phase * len(proposal.components) + component] if columns else ()
        rows[one.phase].append(
            WeightRow(
                one,
                proposal.nearest_tied.weights[phase][component],
                100 * one.low / longest,
                100 * one.high / longest,
                100 * one.weight / longest,
                None if one.current is None else 100 * one.current / longest,
                100 * one.reference / longest,
                _hill(drawn, longest),
            )
        )
    return longest, rows


def effect_tables(fit: Fit) -> list[EffectTable]:
    """One for every phase."""
    targets = tuple(one.target for one in fit.targets)
    spreads = {one.target: one.spread or 1.0 for one in fit.targets}
    tables = []
    for phase in dict.fromkeys(one.phase for one in fit.interactions):
        here = {(one.component, one.target): one for one in fit.interactions if one.phase == phase}
        most = max(abs(one.effect) / spreads[one.target] for one in here.values()) or 1.0
        exponent = max(0, 1 - int(np.floor(np.log10(max(abs(one.effect) for one in here.values()) or 1.0))))
        rows = tuple(
            (name, tuple(_cell(here.get((name, target)), spreads[target] * most) for target in targets))
            for name in dict.fromkeys(component for component, _ in here)
        )
        tables.append(EffectTable(phase, targets, exponent, rows))
    return tables


def cost(found: Gathered) -> Cost:
    """What the runs took."""
    results = list(found.results.values())
    waiting = len(found.swarm.runs) - len(results)
    seconds = sum(one.seconds for one in results)
    statuses = Counter(one.status for one in results)
    return Cost(
        len(results),
        seconds,
        seconds / 3600 * found.experiment.run.num_gpus,
        sum(one.flops for one in results),
        sum(one.measurements[-1].tokens for one in results if one.measurements),
        tuple(Counter(one.device for one in results if one.device).most_common()),
        (*statuses.most_common(), *([("to come", waiting)] if waiting > 0 else [])),
    )


def _cell(effect: Interaction | None, whole: float) -> Cell | None:
    if effect is None:
        return None
    return Cell(effect, round(100 * effect.effect / whole, 1), effect.low > 0 or effect.high < 0)


def _hill(drawn: Sequence[float], longest: float) -> str:
    if not drawn:
        return ""
    counts, _ = np.histogram(np.asarray(drawn), bins=BINS, range=(0, longest))
    heights = 10 - 10 * counts / counts.max() if counts.max() else np.full(BINS, 10.0)
    width = 100 / BINS
    return "M0,10" + "".join(f"V{height:.3g}h{width:g}" for height in heights) + "V10Z"
