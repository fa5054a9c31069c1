"""Mixtures that rows are chosen from: the inside of a space, its corners, and what lies between."""

import numpy as np

from trainer.mixture.arrays import Floats
from trainer.mixture.evidence import SAME
from trainer.mixture.space import Space, draw

LEAST = 2048
"""Candidates, and four for every row where that is more."""
CORNERS = 512
"""Looked for at most, each by a linear program."""


def candidates(space: Space, count: int, there_NPK: Floats, seed: int) -> Floats:
    """Allowed mixtures (C, P, K) for `count` rows: none twice, none that is there. Deterministic.

    Corners are those that random directions find; a fourth of the others are half-way between a draw and a corner.
    """
    wanted = max(LEAST, 4 * count)
    drawn_CPK = draw(space, wanted, seed)
    corners_VPK = corners(space, min(CORNERS, wanted // 4), seed)
    far_CPK = (drawn_CPK[: wanted // 4] + corners_VPK[np.arange(wanted // 4) % len(corners_VPK)]) / 2
    return without(np.concatenate([drawn_CPK[wanted // 4 :], far_CPK, corners_VPK]), there_NPK)


def corners(space: Space, count: int, seed: int) -> Floats:
    """Corners of a space (V, P, K): the farthest points in `count` random directions, which may be fewer."""
    from scipy.optimize import linprog

    phases, components = space.shape
    sums_PF = np.kron(np.eye(phases), np.ones(components))
    bounds = np.stack([space.lower_PK.ravel(), space.upper_PK.ravel()], axis=1)
    found: list[Floats] = []
    for direction_F in np.random.default_rng(seed).normal(size=(count, phases * components)):
        program = linprog(
            direction_F, space.rows_CF, space.limits_C, sums_PF, np.ones(phases), bounds, method="highs-ds"
        )
        found.append(np.clip(program.x, bounds[:, 0], bounds[:, 1]).reshape(space.shape))
    return without(np.array(found), np.zeros((0, phases, components)))


def without(weights_NPK: Floats, there_NPK: Floats) -> Floats:
    """The mixtures that are not there, each once, in order."""
    kept: list[int] = []
    seen = {_key(row) for row in there_NPK}
    for place, key in enumerate(map(_key, weights_NPK)):
        if key not in seen:
            seen.add(key)
            kept.append(place)
    return weights_NPK[kept]


def _key(weights_PK: Floats) -> bytes:
    """Equal for mixtures that are one but for rounding."""
    return np.rint(weights_PK / (10 * SAME)).astype(np.int64).tobytes()
