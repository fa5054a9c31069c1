"""Mixtures that cannot be told from the best, and of all of them the one nearest to today's."""

from collections.abc import Mapping

import numpy as np

from trainer.mixture.arrays import Floats
from trainer.mixture.optimum import STEPS, allowed, constraints
from trainer.mixture.search import Search
from trainer.mixture.space import broken, nearest

DRAWS = 100
"""Tied ones that are shown at most, beside runs and static mixtures."""
TOWARDS = (1.0, 0.5, 0.25, 0.125)
"""How far draws of the pool are moved away from the best: the whole way, half, ..."""
HALVINGS = 40
"""Of the way between the best and today's mixture."""


def tied(found: Search, named: Mapping[str, Floats]) -> dict[str, Floats]:
    """Of `named` mixtures and of draws around the best those that are allowed and tied with it, by name."""
    candidates = {name: one for name, one in named.items() if not broken(found.space, one)}
    moved = np.concatenate([found.best_PK + share * (found.pool_NPK - found.best_PK) for share in TOWARDS])
    around_NPK = moved[found.is_tied(moved)]
    candidates |= {f"draw {place}": one for place, one in enumerate(around_NPK[:DRAWS])}
    if not candidates:
        return {}
    is_tied = found.is_tied(np.array(list(candidates.values())))
    return {name: one for (name, one), holds in zip(candidates.items(), is_tied, strict=True) if holds}


def nearest_tied(found: Search, current_PK: Floats) -> Floats:
    """The allowed, tied mixture with the least squared distance to `current_PK`; itself where it is both.

    On the way from the best to what is allowed and nearest to today's the last that is tied; from there, where the law
    has slopes, by sequential quadratic programming over all directions.
    """
    goal_PK = current_PK if not broken(found.space, current_PK) else nearest(found.space, current_PK)
    if found.is_tied(goal_PK[None])[0]:
        return goal_PK
    inside, outside = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (inside + outside) / 2
        is_tied = found.is_tied((found.best_PK + middle * (goal_PK - found.best_PK))[None])[0]
        inside, outside = (middle, outside) if is_tied else (inside, middle)
    start_PK = found.best_PK + inside * (goal_PK - found.best_PK)
    return _polished(found, current_PK, start_PK) if found.smooth else start_PK


def _polished(found: Search, goal_PK: Floats, start_PK: Floats) -> Floats:
    from scipy.optimize import Bounds, minimize

    space, aim = found.space, found.aim
    least = float(aim.of(found.fitted, found.best_PK[None])[0])
    limit = {
        "type": "ineq",
        "fun": lambda flat_F: least + found.slack - aim.of(found.fitted, flat_F.reshape(1, *space.shape))[0],
        "jac": lambda flat_F: -aim.gradient(found.fitted, flat_F.reshape(space.shape)).ravel(),
    }
    solved = minimize(
        lambda flat_F: float(np.square(flat_F - goal_PK.ravel()).sum()),
        start_PK.ravel(),
        jac=lambda flat_F: 2 * (flat_F - goal_PK.ravel()),
        method="SLSQP",
        bounds=Bounds(space.lower_PK.ravel(), space.upper_PK.ravel()),
        constraints=[*constraints(space), limit],
        options={"ftol": 1e-10, "maxiter": STEPS},
    )
    end_PK = allowed(space, solved.x.reshape(space.shape))
    end_PK = end_PK if found.is_tied(end_PK[None])[0] else end_PK + 1e-6 * (found.best_PK - end_PK)
    is_nearer = np.square(end_PK - goal_PK).sum() < np.square(start_PK - goal_PK).sum()
    return end_PK if is_nearer and found.is_tied(end_PK[None])[0] else start_PK
