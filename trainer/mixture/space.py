"""The mixtures that are allowed: floors, caps and groups as linear constraints on weights, phases together.

A point is weights_PK: every row, a phase, sums to 1 and holds 0 <= weight <= 1. Epochs add up over phases, so a cap on
them is one constraint across rows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from trainer.mixture.arrays import Floats
from trainer.mixture.experiment import Component, Experiment
from trainer.mixture.materials import Materials
from trainer.mixture.phases import in_phase

TOLERANCE = 1e-9
"""By which a weight may miss a bound."""


@dataclass(frozen=True)
class Space:
    """All mixtures with lower <= weights <= upper, rows @ flat weights <= limits, and phases that sum to 1."""

    phases: tuple[str, ...]
    components: tuple[str, ...]
    lower_PK: Floats
    upper_PK: Floats
    rows_CF: Floats
    limits_C: Floats
    labels_C: tuple[str, ...]
    """What each constraint is, for people: `code epochs`, `group western floor in stable`."""

    @property
    def shape(self) -> tuple[int, int]:
        """Phases, components."""
        return len(self.phases), len(self.components)


def space_of(experiment: Experiment, materials: Materials) -> Space:
    """The space that an experiment allows. Raises RecipeError that names what cannot be met together, with numbers."""
    from trainer.mixture.conflicts import check_is_not_empty

    phases, components = tuple(materials.phase_tokens), tuple(materials.components)
    said = [experiment.components.get(name, Component()) for name in components]
    least = [experiment.caps.min_weight if one.min is None else one.min for one in said]
    constraints = [
        *_epochs(experiment, materials),
        *_plan_caps(materials),
        *_groups({name: (group.of, group.min, group.max) for name, group in experiment.groups.items()}, materials),
    ]
    space = Space(
        phases,
        components,
        np.tile(np.array(least, np.float64), (len(phases), 1)),
        np.tile(np.array([one.max for one in said], np.float64), (len(phases), 1)),
        np.array([row for _, row, _ in constraints]).reshape(-1, len(phases) * len(components)),
        np.array([limit for *_, limit in constraints], np.float64),
        tuple(label for label, *_ in constraints),
    )
    check_is_not_empty(space, experiment, materials)
    return space


def broken(space: Space, weights_PK: Floats, tolerance: float = TOLERANCE) -> list[str]:
    """The constraints that a mixture breaks, in words with both numbers; [] for one that is allowed."""
    found = [
        f"weights{in_phase(phase, space.phases)} sum to {total:.6g}, not to 1"
        for phase, total in zip(space.phases, weights_PK.sum(axis=1), strict=True)
        if abs(total - 1) > tolerance * len(space.components)
    ]
    for place, name in np.ndindex(*space.shape):
        value, least, most = (float(one[place, name]) for one in (weights_PK, space.lower_PK, space.upper_PK))
        label = f"{space.components[name]}{in_phase(space.phases[place], space.phases)}"
        if value < least - tolerance:
            found.append(f"{label}: weight {value:.4g}, at least {least:.4g}")
        if value > most + tolerance:
            found.append(f"{label}: weight {value:.4g}, at most {most:.4g}")
    values_C = space.rows_CF @ weights_PK.ravel()
    for label, row, value, limit in zip(space.labels_C, space.rows_CF, values_C, space.limits_C, strict=True):
        if value > limit + tolerance * max(1.0, float(np.abs(row).max())):
            is_floor = bool((row <= 0).all())
            found.append(f"{label}: {abs(value):.4g}, at {'least' if is_floor else 'most'} {abs(limit):.4g}")
    return found


def cap_of(experiment: Experiment, component: str) -> float:
    """How often a component may be read in the full run."""
    said = experiment.components.get(component, Component()).max_epochs
    return experiment.caps.max_epochs if said is None else said


def nearest(space: Space, weights_PK: Floats) -> Floats:
    """The allowed mixture with the least squared distance (a quadratic program)."""
    from trainer.mixture.polytope import Polytope

    return _inside(space, Polytope.of(space).nearest(weights_PK.ravel()).reshape(space.shape))


def draw(space: Space, count: int, seed: int) -> Floats:
    """Allowed mixtures (count, P, K), spread over all of the space: hit-and-run; deterministic."""
    from trainer.mixture.polytope import Polytope

    return _inside(space, Polytope.of(space).draw(count, seed).reshape(count, *space.shape))


def _inside(space: Space, weights: Floats) -> Floats:
    """Without what rounding takes over a bound: a weight of -1e-17 has no square root, and no file takes it."""
    return np.clip(weights, space.lower_PK, space.upper_PK)


def _epochs(experiment: Experiment, materials: Materials) -> Iterator[tuple[str, Floats, float]]:
    """Of every component: label, row, limit."""
    tokens_P = np.array(list(materials.phase_tokens.values()), np.float64)
    for place, (name, material) in enumerate(materials.components.items()):
        row_PK = np.zeros((len(tokens_P), len(materials.components)))
        row_PK[:, place] = tokens_P / material.tokens
        yield f"{name} epochs", row_PK.ravel(), cap_of(experiment, name)


def _plan_caps(materials: Materials) -> Iterator[tuple[str, Floats, float]]:
    """Of every cap of the plan: label, row, limit."""
    names, phases = list(materials.components), len(materials.phase_tokens)
    for cap in materials.plan_caps:
        row_PK = np.zeros((phases, len(names)))
        row_PK[:, names.index(cap.component)] = cap.epochs_P
        yield f"{cap.component}: epochs of {cap.unit} by the end of {cap.phase}", row_PK.ravel(), cap.most


def _groups(
    groups: Mapping[str, tuple[tuple[str, ...], float, float]], materials: Materials
) -> Iterator[tuple[str, Floats, float]]:
    """Of every group and phase: label, row, limit; a floor is a ceiling of the negative."""
    names, phases = list(materials.components), list(materials.phase_tokens)
    for group, (members, floor, ceiling) in groups.items():
        for place, phase in enumerate(phases):
            row_PK = np.zeros((len(phases), len(names)))
            row_PK[place] = [name in members for name in names]
            where = in_phase(phase, phases)
            if floor > 0:
                yield f"group {group} floor{where}", -row_PK.ravel(), -floor
            if ceiling < 1:
                yield f"group {group} ceiling{where}", row_PK.ravel(), ceiling
