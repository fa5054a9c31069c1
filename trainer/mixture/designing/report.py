"""What a design is, tells and costs, on the terminal."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from trainer.mixture.arrays import Floats
from trainer.mixture.designing.cost import SwarmCost
from trainer.mixture.designing.errors import MOVED, Errors, expected_errors
from trainer.mixture.designing.rows import seed_of
from trainer.mixture.experiment import Experiment
from trainer.mixture.space import Space, draw
from trainer.mixture.swarm import Swarm

SPREAD = 2000
"""Mixtures all over the space that errors of predictions are taken over."""
RANDOM_DESIGNS = 5
"""With random rows, that the design is compared with: what is shown is their median."""


def print_design(
    experiment: Experiment, space: Space, swarm: Swarm, cost: SwarmCost | None, notes: Sequence[str]
) -> None:
    """All of it; without `cost` where there are no proxies to reckon with."""
    console = Console()
    kinds = Counter(run.kind for run in swarm.runs)
    listed = ", ".join(f"{count} {kind}s" if count > 1 else f"1 {kind}" for kind, count in kinds.items())
    _say(console, f"{experiment.name}: {len(swarm.runs):,} runs: {listed}")
    for note in notes:
        console.print(f"[bold]note:[/bold] {escape(note)}", highlight=False, soft_wrap=True)
    _print_errors(experiment, space, swarm, console)
    _print_noise(swarm, console)
    if cost is not None:
        for line in cost_lines(cost):
            _say(console, line)


def random_errors(experiment: Experiment, space: Space, swarm: Swarm, reference_PK: Floats, all_CPK: Floats) -> Errors:
    """Of as many runs, whose rows are random draws from the space: the median of RANDOM_DESIGNS."""
    weights_NPK = swarm.weights_NPK
    fixed_NPK = weights_NPK[[run.kind != "row" for run in swarm.runs]]
    count = len(weights_NPK) - len(fixed_NPK)
    drawn = draw(space, RANDOM_DESIGNS * count, seed_of(experiment, "random", 0)) if count else weights_NPK[:0]
    found = [
        expected_errors(np.concatenate([fixed_NPK, drawn[place * count : (place + 1) * count]]), reference_PK, all_CPK)
        for place in range(RANDOM_DESIGNS)
    ]
    return Errors(
        np.median([one.effects_PK for one in found], axis=0),
        float(np.median([one.prediction for one in found])),
        float(np.median([one.worst_prediction for one in found])),
        min(one.rank for one in found),
        found[0].parameters,
    )


def _print_errors(experiment: Experiment, space: Space, swarm: Swarm, console: Console) -> None:
    weights_NPK = swarm.weights_NPK
    reference_PK = weights_NPK[0]
    all_CPK = draw(space, SPREAD, seed_of(experiment, "space", 0))
    expected = expected_errors(weights_NPK, reference_PK, all_CPK)
    random = random_errors(experiment, space, swarm, reference_PK, all_CPK)
    _say(
        console,
        f"Standard errors, in units of one run's noise, of what changes as {MOVED:.0%} of a phase's tokens move to a "
        f"component from all others, around {swarm.runs[0].of or swarm.runs[0].id}; and of its weights, least to most:",
    )
    console.print(_table(space, weights_NPK, expected, random))
    _say(
        console,
        f"of a prediction: {_error(expected.prediction)} (worst {_error(expected.worst_prediction)}); with random rows "
        f"{_error(random.prediction)} (worst {_error(random.worst_prediction)})",
    )
    if expected.rank < expected.parameters:
        _say(
            console, f"{expected.rank} of {expected.parameters} parameters of a linear law can be told: laws regularise"
        )


def _table(space: Space, weights_NPK: Floats, expected: Errors, random: Errors) -> Table:
    """A row for every weight: what is tried of it, and how well that will tell of it."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    two = len(space.phases) > 1
    for heading in (*(["phase"] if two else []), "component"):
        table.add_column(heading)
    for heading in ("least", "most", "10 % more", "with random rows", "least to most"):
        table.add_column(heading, justify="right")
    for phase, component in np.ndindex(*space.shape):
        column_N = weights_NPK[:, phase, component]
        error, of_random = (float(one.effects_PK[phase, component]) for one in (expected, random))
        table.add_row(
            *([escape(space.phases[phase])] if two else []),
            escape(space.components[component]),
            f"{column_N.min():.2%}",
            f"{column_N.max():.2%}",
            _error(error),
            _error(of_random),
            _error(error * float(np.ptp(column_N)) / MOVED),
        )
    return table


def cost_lines(cost: SwarmCost) -> list[str]:
    """FLOPs, and hours where a rate is known."""
    done = f" ({cost.done:,} more have theirs)" if cost.done else ""
    per_run = cost.tokens * cost.flops_per_token
    lines = [
        f"cost: {cost.runs:,} runs{done} x {cost.tokens:,} tokens x {cost.flops_per_token:,} FLOPs = {cost.flops:.3g} "
        f"FLOPs, {per_run:.3g} a run"
    ]
    if cost.seconds is None or cost.hours is None:
        return [*lines, f"time: {cost.rate}; after one this command tells hours"]
    return [
        *lines,
        f"time: {_figure(cost.seconds)} s a run, {_figure(cost.hours)} {cost.device}-hours in all; {cost.rate}",
    ]


def _figure(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def _print_noise(swarm: Swarm, console: Console) -> None:
    """How well repeats will tell what noise is: an estimate of sigma has a standard error of sigma / sqrt(2 d)."""
    degrees = sum(run.kind == "repeat" for run in swarm.runs)
    if degrees:
        _say(console, f"noise itself will be known to within {1 / np.sqrt(2 * degrees):.0%}, by {degrees} repeats")


def _error(value: float) -> str:
    return f"{value:.3g}" if np.isfinite(value) else "cannot tell"


def _say(console: Console, line: str) -> None:
    console.print(line, highlight=False, soft_wrap=True, markup=False)
