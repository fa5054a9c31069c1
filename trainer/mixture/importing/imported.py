"""Runs of others, whatever files they came in, as a swarm with results."""

import dataclasses
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from datapipe.output import RunError
from trainer.mixture.materials import Material, Materials
from trainer.mixture.results import Measurement, Result
from trainer.mixture.swarm import Run, Swarm

ROUNDED = 0.01
"""By how much weights may miss 1 together: RegMix's CSV files have three decimals of 17 weights, Olmix asks the same
(`olmix/fit/loaders.py`)."""
PHASE = "all"
"""Name of the one phase that imported mixtures have."""


@dataclass(frozen=True)
class Imported:
    """One run, as its files have it."""

    id: str
    place: str
    """File and line."""
    weights: Mapping[str, float | None]
    """By component, not yet of sum 1; None where there is no number."""
    metrics: Mapping[str, float | None] | None
    """By target; None where the run has no line of its own."""
    why: str = ""
    """It did not end well, if there is text."""


def component_names(columns: Mapping[str, str]) -> dict[str, str]:
    """Columns -> names of components: lower case, other characters as `_`. Raises RunError where two become one."""
    names: dict[str, str] = {}
    for column, said in columns.items():
        name = re.sub(r"[^a-z0-9_-]", "_", said.lower()).strip("_-")
        if not name:
            raise RunError(f"column {column!r}: nothing of it can be the name of a component")
        if name in names.values():
            first = next(one for one, other in names.items() if other == name)
            raise RunError(f"columns {first!r} and {column!r}: both would be component {name!r}")
        names[column] = name
    return names


def weights_of(run: Imported) -> tuple[float, ...]:
    """Its weights with a sum of 1. Raises RunError that names the place."""
    for name, weight in run.weights.items():
        if weight is None or weight < 0:
            raise RunError(f"{run.place}, {name}: expected a weight from 0 on, found {weight}")
    weights = [weight for weight in run.weights.values() if weight is not None]
    total = math.fsum(weights)
    if abs(total - 1) > ROUNDED:
        raise RunError(
            f"{run.place}: weights sum to {total:.6g}, not to 1 (within {ROUNDED}); the file of mixtures comes first, "
            "and --weights chooses columns"
        )
    return tuple(weight / total for weight in weights)


def swarm_of_imported(runs: Sequence[Imported], sizes: Mapping[str, int], tokens: int, origin: str) -> Swarm:
    """A swarm of one phase, in the order of the files. Raises RunError for an id or a component that is missing."""
    seen: dict[str, str] = {}
    for run in runs:
        if run.id in seen:
            raise RunError(f"{run.place}: run {run.id!r} stands there twice, first at {seen[run.id]}")
        seen[run.id] = run.place
    components = tuple(runs[0].weights)
    materials = Materials({name: Material(name, {}, sizes[name], None, {}) for name in components}, {PHASE: tokens})
    found = tuple(Run(run.id, "imported", "", 0, (weights_of(run),)) for run in runs)
    return Swarm(components, (PHASE,), materials, {}, origin, found)


def results_of_imported(runs: Iterable[Imported]) -> list[Result]:
    """What came of those that have a line of metrics, or did not end well."""
    return [
        Result(
            run.id,
            "failed" if run.why else "done",
            run.why,
            (Measurement(0, dict(run.metrics)),) if run.metrics is not None else (),
            0.0,
            0.0,
            "",
        )
        for run in runs
        if run.why or run.metrics is not None
    ]


def without_empty_metrics(runs: Sequence[Imported]) -> tuple[list[Imported], list[str]]:
    """Metrics that no run has go; their names beside."""
    names = {name for run in runs for name in run.metrics or {}}
    kept = {name for run in runs for name, value in (run.metrics or {}).items() if value is not None}
    if not kept:
        raise RunError("no run has a number for any metric")
    cleaned = [
        dataclasses.replace(run, metrics={name: value for name, value in run.metrics.items() if name in kept})
        if run.metrics is not None
        else run
        for run in runs
    ]
    return cleaned, sorted(names - kept)


def notes_of(runs: Sequence[Imported]) -> list[str]:
    """What a reader must know of single runs."""
    found = []
    for run in runs:
        if run.why:
            found.append(f"{run.place}: run {run.id} {run.why}: it will be left out")
        elif run.metrics is None:
            found.append(f"{run.place}: run {run.id} has no metrics: it will be left out")
        elif None in run.metrics.values():
            missing = [name for name, value in run.metrics.items() if value is None]
            found.append(f"{run.place}: run {run.id} has no finite {', '.join(missing[:3])}: it will be left out")
    return found
