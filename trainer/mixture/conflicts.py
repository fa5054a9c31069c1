"""Whether floors, caps and groups leave any mixture, and which of them do not go together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from datapipe.loading.located_yaml import parse
from trainer.mixture.arrays import Floats
from trainer.mixture.experiment import Experiment
from trainer.mixture.materials import Materials
from trainer.mixture.phases import in_phase
from trainer.mixture.space import Space


@dataclass(frozen=True)
class _Constraint:
    """row @ flat weights <= limit."""

    words: str
    row_F: Floats
    limit: float
    path: tuple[str, ...]
    """Of the key that says it."""


def check_is_not_empty(space: Space, experiment: Experiment, materials: Materials) -> None:
    """Raise RecipeError with the fewest constraints that no mixture meets together."""
    constraints = _constraints(space, materials)
    if _can_be_met(space, constraints):
        return
    needed = list(constraints)
    for one in constraints:  # a deletion filter: what is still in conflict without it has no part in it
        without = [other for other in needed if other is not one]
        if not _can_be_met(space, without):
            needed = without
    words = "; ".join(one.words for one in needed)
    raise parse(experiment.text, experiment.file).error(
        needed[0].path if needed else (), f"no mixture meets all of this, with weights that sum to 1: {words}"
    )


def _constraints(space: Space, materials: Materials) -> list[_Constraint]:
    """Rows, floors and ceilings, those that are rarely at fault first, so that they are the first to be left out."""
    identity = np.eye(space.lower_PK.size)
    found: list[_Constraint] = []
    for number, (phase, name) in enumerate(np.ndindex(*space.shape)):
        component = space.components[name]
        label = f"{component} weight{in_phase(space.phases[phase], space.phases)}"
        least, most = float(space.lower_PK[phase, name]), float(space.upper_PK[phase, name])
        path = ("components", component)
        found.append(_Constraint(f"{label} >= {least:g}", -identity[number], -least, path))
        found.append(_Constraint(f"{label} <= {most:g}", identity[number], most, path))
    for label, row, limit in zip(space.labels_C, space.rows_CF, space.limits_C, strict=True):
        found.append(_Constraint(*_row(label, row, float(limit), materials)))
    return found


def _row(label: str, row_F: Floats, limit: float, materials: Materials) -> tuple[str, Floats, float, tuple[str, ...]]:
    if label.endswith(" epochs"):
        name = label.removesuffix(" epochs")
        tokens, full = materials.components[name].tokens, sum(materials.phase_tokens.values())
        words = f"{label} <= {limit:g} ({limit * tokens / full:.4g} of all, {tokens:,} of {full:,} tokens)"
        return words, row_F, limit, ("components", name)
    if not label.startswith("group "):
        at_most = f" (weight {limit / row_F.max():.4g})" if len(materials.phase_tokens) == 1 else ""
        return f"{label}, as the plan says, <= {limit:g}{at_most}", row_F, limit, ("plan",)
    sign = ">=" if limit < 0 else "<="
    return f"{label} {sign} {abs(limit):g}", row_F, limit, ("groups", label.split()[1])


def _can_be_met(space: Space, constraints: Sequence[_Constraint]) -> bool:
    from scipy.optimize import linprog

    sums_PF = np.kron(np.eye(len(space.phases)), np.ones(len(space.components)))
    size = sums_PF.shape[1]
    found = linprog(
        np.zeros(size),
        np.array([one.row_F for one in constraints]).reshape(-1, size),
        [one.limit for one in constraints],
        sums_PF,
        np.ones(len(sums_PF)),
        bounds=(None, None),
    )
    return bool(found.status == 0)
