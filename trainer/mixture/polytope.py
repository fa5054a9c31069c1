"""Geometry of the allowed mixtures: the nearest one, and draws from all of them.

Weights are flat here: phase after phase.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trainer.mixture.arrays import Floats

if TYPE_CHECKING:
    from trainer.mixture.space import Space

CHAINS = 256
"""Of hit-and-run, side by side."""
STEPS_PER_DIMENSION = 10
"""Of a chain before its first draw: a few are enough, for directions follow the shape of the space."""
THINNING_PER_DIMENSION = 2
"""Steps between two draws of a chain."""
NO_SLACK = 1e-12
"""Slack below it is none: a direction along a tight constraint, but for rounding, is not stopped by it."""
FLAT = 1e-9
"""Spread of corners that is rounding."""


@dataclass(frozen=True)
class Polytope:
    """All x with sums_PF @ x = 1 and rows_CF @ x <= limits_C; every row has length 1."""

    sums_PF: Floats
    rows_CF: Floats
    limits_C: Floats

    @classmethod
    def of(cls, space: "Space") -> "Polytope":
        """Of a space, with its bounds among the rows."""
        phases, components = space.shape
        identity = np.eye(phases * components)
        sums = np.asarray(np.kron(np.eye(phases), np.ones(components)), np.float64)
        rows: Floats = np.concatenate([space.rows_CF, identity, -identity])
        limits: Floats = np.concatenate([space.limits_C, space.upper_PK.ravel(), -space.lower_PK.ravel()])
        lengths: Floats = np.sqrt(np.square(rows).sum(axis=1))
        return cls(sums, rows / lengths[:, None], limits / lengths)

    def nearest(self, point_F: Floats) -> Floats:
        """The projection of a point: least-distance programming by non-negative least squares.

        Lawson and Hanson, Solving Least Squares Problems (1974), chapter 23: exact, in finitely many steps.
        """
        from scipy.linalg import null_space
        from scipy.optimize import nnls

        start_F = point_F + np.linalg.pinv(self.sums_PF) @ (1 - self.sums_PF @ point_F)
        inside_FD = null_space(self.sums_PF)
        needed_C = self.rows_CF @ start_F - self.limits_C  # -rows @ inside @ z must be at least this
        if (needed_C <= 0).all():
            return start_F
        system = np.vstack([-(self.rows_CF @ inside_FD).T, needed_C])
        target = np.append(np.zeros(inside_FD.shape[1]), 1.0)
        residual = system @ nnls(system, target)[0] - target
        found: Floats = start_F - inside_FD @ (residual[:-1] / residual[-1])
        return found

    def vertices(self, seed: int) -> Floats:
        """Some of its corners: those with the least and the most of every weight, and as many in random directions."""
        size = self.rows_CF.shape[1]
        random = np.random.default_rng(seed).standard_normal((2 * size, size))
        return np.array([self.lowest(costs_F) for costs_F in (*np.eye(size), *-np.eye(size), *random)])

    def lowest(self, costs_F: Floats) -> Floats:
        """The x with the least costs @ x. The polytope must not be empty."""
        from scipy.optimize import linprog

        found = linprog(
            costs_F, self.rows_CF, self.limits_C, self.sums_PF, np.ones(len(self.sums_PF)), bounds=(None, None)
        )
        return np.asarray(found.x, np.float64)

    def draw(self, count: int, seed: int) -> Floats:
        """Points (count, F), uniform over the polytope, by hit-and-run.

        Directions are normal with the covariance of some corners: they stay inside the plane of what is always tight,
        and are long where the polytope is.
        """
        corners_VF = self.vertices(seed)
        rng = np.random.default_rng(seed)
        chains = min(count, CHAINS)
        x_NF = rng.dirichlet(np.ones(len(corners_VF)), chains) @ corners_VF
        axes_DF = _axes(corners_VF)
        if not len(axes_DF):  # one point is all there is
            return np.tile(corners_VF[0], (count, 1))
        size = x_NF.shape[1]
        found: list[Floats] = []
        for number in range(-(-count // chains)):
            for _ in range((THINNING_PER_DIMENSION if number else STEPS_PER_DIMENSION) * size):
                x_NF = self._step(x_NF, rng.standard_normal((chains, len(axes_DF))) @ axes_DF, rng.random(chains))
            found.append(x_NF)
        return np.concatenate(found)[:count]

    def _step(self, x_NF: Floats, along_NF: Floats, random_N: Floats) -> Floats:
        """Every chain to a random point of its line through the polytope."""
        slack_NC = np.maximum(self.limits_C - x_NF @ self.rows_CF.T, NO_SLACK)
        speed_NC = (along_NF @ self.rows_CF.T) / slack_NC
        least_N, most_N = 1 / speed_NC.min(axis=1), 1 / speed_NC.max(axis=1)
        moved: Floats = x_NF + (least_N + random_N * (most_N - least_N))[:, None] * along_NF
        return moved


def _axes(corners_VF: Floats) -> Floats:
    """Principal axes of the corners, as long as they spread; those along which they do not are left out."""
    _, lengths_D, axes_DF = np.linalg.svd(corners_VF - corners_VF.mean(axis=0), full_matrices=False)
    axes: Floats = (lengths_D[:, None] * axes_DF)[lengths_D > FLAT]
    return axes
