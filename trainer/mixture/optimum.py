"""The best mixture that is allowed, as a law sees it: the least objective, held near to a reference.

Held by `kl` times the Kullback-Leibler divergence of tokens over phases and components from those of the reference: the
mean of the phases' own divergences, each with its share of the tokens.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from trainer.mixture.arrays import Floats
from trainer.mixture.objective import Objective
from trainer.mixture.predictors.predictor import Fitted
from trainer.mixture.space import Space, broken, nearest

REFERENCE_FLOOR = 1e-4
"""Weight of a component that the reference has not: the divergence of any mixture with it would be infinite."""
TINY = 1e-12
"""Where logarithms of weights end."""
PRECISION = 1e-12
"""Of the objective, where a descent ends."""
STEPS = 300
REACHES = np.repeat([1.0, 0.5, 0.25, 0.12, 0.06, 0.03], 3)
KEPT = 32
"""Of a pool, for laws without a gradient: the best so many are moved, by so much of the way at most, round by round."""


@dataclass(frozen=True)
class Aim:
    """What is to be small: the objective of a law's values, and the divergence from the reference times `kl`."""

    objective: Objective
    reference_PK: Floats
    shares_P: Floats
    """Of the phases in all tokens; they sum to 1."""
    kl: float

    def of(self, fitted: Fitted, weights_NPK: Floats) -> Floats:
        """(N,); lower is better."""
        found: Floats = self.objective.of(fitted.predict(weights_NPK)) + self.kl * self.divergence(weights_NPK)
        return found

    def gradient(self, fitted: Fitted, weights_PK: Floats) -> Floats:
        """d aim / d weight, (P, K)."""
        slope_M = self.objective.weights_M / self.objective.scale_M
        found: Floats = np.tensordot(slope_M, fitted.gradient(weights_PK), 1)
        logs_PK = np.log(np.maximum(weights_PK, TINY) / self._floored)
        found = found + self.kl * self.shares_P[:, None] * (logs_PK + 1)
        return found

    def divergence(self, weights_NPK: Floats) -> Floats:
        """From the reference, in nats, (N,)."""
        logs_NPK = np.log(np.maximum(weights_NPK, TINY) / self._floored)
        found: Floats = (weights_NPK * logs_NPK).sum(axis=2) @ self.shares_P
        return found

    @property
    def _floored(self) -> Floats:
        raised_PK = np.maximum(self.reference_PK, REFERENCE_FLOOR)
        floored_PK: Floats = raised_PK / raised_PK.sum(axis=1, keepdims=True)
        return floored_PK


def optimum(aim: Aim, fitted: Fitted, smooth: bool, space: Space, pool_NPK: Floats, starts: int = 3) -> Floats:
    """The best allowed mixture, (P, K): by descent from the first of the pool and from the best `starts` of it.

    A law that is not `smooth` is only scored: the pool, then mixtures of its best, again and again.
    """
    scores_N = aim.of(fitted, pool_NPK)
    if not smooth:
        return _narrowed(aim, fitted, space, pool_NPK, scores_N)
    order = np.argsort(scores_N, kind="stable")[:starts]
    places = dict.fromkeys([*order.tolist(), 0])
    ends = np.array([descend(aim, fitted, space, pool_NPK[place]) for place in places])
    best: Floats = ends[np.argmin(aim.of(fitted, ends))]
    return best


def worst(aim: Aim, fitted: Fitted, smooth: bool, space: Space, pool_NPK: Floats) -> Floats:
    """The allowed mixture whose objective is highest: of the pool, then uphill corner by corner where there are slopes.

    A convex law is worst in a corner: the corner that lies furthest uphill is at least as bad as where one stood.
    """
    scores_N = aim.of(fitted, pool_NPK)
    found_PK: Floats = pool_NPK[np.argmax(scores_N)]
    if not smooth:
        return found_PK
    for _ in range(STEPS):
        corner_PK = _corner(space, -aim.gradient(fitted, found_PK))
        before, after = aim.of(fitted, np.array([found_PK, corner_PK]))
        if not after > before:
            break
        found_PK = corner_PK
    return found_PK


def descend(aim: Aim, fitted: Fitted, space: Space, start_PK: Floats) -> Floats:
    """The least that a descent from `start_PK` finds, by sequential quadratic programming (SciPy's SLSQP)."""
    from scipy.optimize import Bounds, minimize

    scale = max(1.0, aim.kl)  # far above 1, rounding alone would end the descent where it began

    def value(flat_F: Floats) -> float:
        return float(aim.of(fitted, flat_F.reshape(1, *space.shape))[0]) / scale

    def gradient(flat_F: Floats) -> Floats:
        return aim.gradient(fitted, flat_F.reshape(space.shape)).ravel() / scale

    found = minimize(
        value,
        start_PK.ravel(),
        jac=gradient,
        method="SLSQP",
        bounds=Bounds(space.lower_PK.ravel(), space.upper_PK.ravel()),
        constraints=list(constraints(space)),
        options={"ftol": PRECISION, "maxiter": STEPS},
    )
    end_PK: Floats = allowed(space, found.x.reshape(space.shape))
    return end_PK if value(end_PK.ravel()) <= value(start_PK.ravel()) else start_PK


def gap(aim: Aim, fitted: Fitted, space: Space, weights_PK: Floats) -> float:
    """How much better a mixture could be at most where the aim is convex: 0 at an optimum (Frank and Wolfe's gap)."""
    slope_PK = aim.gradient(fitted, weights_PK)
    return float((slope_PK * (weights_PK - _corner(space, slope_PK))).sum())


def allowed(space: Space, weights_PK: Floats) -> Floats:
    """`weights_PK` without the crumbs that a solver leaves: inside all bounds, phases that sum to 1."""
    clipped_PK: Floats = np.clip(weights_PK, space.lower_PK, space.upper_PK)
    for row_K, lower_K, upper_K in zip(clipped_PK, space.lower_PK, space.upper_PK, strict=True):
        rest = 1 - row_K.sum()
        room_K = upper_K - row_K if rest > 0 else row_K - lower_K
        if room_K.sum() > 0:
            row_K += rest * room_K / room_K.sum()
    return nearest(space, clipped_PK) if broken(space, clipped_PK) else clipped_PK


def constraints(space: Space) -> Iterator[dict[str, object]]:
    """As SciPy takes them: phases that sum to 1, and all that is linear."""
    phases, components = space.shape
    sums_PF = np.repeat(np.eye(phases), components, axis=1)
    yield {"type": "eq", "fun": lambda flat_F: sums_PF @ flat_F - 1, "jac": lambda _: sums_PF}
    if len(space.limits_C):
        rows_CF, limits_C = space.rows_CF, space.limits_C
        yield {"type": "ineq", "fun": lambda flat_F: limits_C - rows_CF @ flat_F, "jac": lambda _: -rows_CF}


def _corner(space: Space, slope_PK: Floats) -> Floats:
    """The allowed mixture with the least slope_PK x weights: a linear program."""
    from scipy.optimize import linprog

    phases, components = space.shape
    found = linprog(
        slope_PK.ravel(),
        A_ub=space.rows_CF if len(space.limits_C) else None,
        b_ub=space.limits_C if len(space.limits_C) else None,
        A_eq=np.repeat(np.eye(phases), components, axis=1),
        b_eq=np.ones(phases),
        bounds=np.column_stack([space.lower_PK.ravel(), space.upper_PK.ravel()]),
    )
    return allowed(space, found.x.reshape(space.shape))


def _narrowed(aim: Aim, fitted: Fitted, space: Space, pool_NPK: Floats, scores_N: Floats) -> Floats:
    """The best of the pool, moved towards corners of the space: by less from round to round.

    Constraints allow what lies between two mixtures that they allow.
    """
    rng = np.random.default_rng(0)
    towards_NPK = _corners(space)
    best_NPK = pool_NPK
    for reach in REACHES:
        best_NPK = best_NPK[np.argsort(scores_N, kind="stable")[:KEPT]]
        goals_NPK = towards_NPK[rng.integers(0, len(towards_NPK), 16 * KEPT)]
        from_NPK = best_NPK[rng.integers(0, len(best_NPK), 16 * KEPT)]
        shares_N = reach * rng.random(16 * KEPT)
        moved_NPK = from_NPK + shares_N[:, None, None] * (goals_NPK - from_NPK)
        best_NPK = np.concatenate([best_NPK, moved_NPK])
        scores_N = aim.of(fitted, best_NPK)
    found: Floats = best_NPK[np.argmin(scores_N)]
    return found


def _corners(space: Space) -> Floats:
    """Where each weight is as large, and as small, as can be."""
    directions_FF = np.eye(space.lower_PK.size)
    return np.array([_corner(space, one.reshape(space.shape)) for one in (*directions_FF, *-directions_FF)])
