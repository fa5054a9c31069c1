"""Mixtures that rows are chosen from: the inside of a space, its corners, and what lies between."""

import numpy as np

from trainer.mixture.arrays import Floats
from trainer.mixture.evidence import SAME
from trainer.mixture.space import Space, draw

LEAST = 2048
"""Candidates, and four for every row where that is more."""
CORNERS = 512
"""Looked for at most, each by a linear program: two for every row, and no fewer than eight for every weight."""


def candidates(space: Space, count: int, there_NPK: Floats, seed: int) -> Floats:
    """Allowed mixtures (C, P, K) for `count` rows: none twice, none that is there. Deterministic.

    Corners are those that random directions find; a fourth of the others are half-way between a draw and a corner.
    """
    wanted = max(LEAST, 4 * count)
    drawn_CPK = draw(space, wanted, seed)
    corners_VPK = corners(space, min(CORNERS, max(2 * count, 8 * space.lower_PK.size)), seed)
    far_CPK = (drawn_CPK[: wanted // 4] + corners_VPK[np.arange(wanted // 4) % len(corners_VPK)]) / 2
    return without(np.concatenate([drawn_CPK[wanted // 4 :], far_CPK, corners_VPK]), there_NPK)


def corners(space: Space, count: int, seed: int) -> Floats:
    """Corners of a space (V, P, K): the farthest points in `count` random directions, which may be fewer."""
    from trainer.mixture.polytope import Polytope

    polytope, size = Polytope.of(space), space.lower_PK.size
    directions_VF = np.random.default_rng(seed).standard_normal((count, size))
    found_VF = np.array([polytope.lowest(direction_F) for direction_F in directions_VF])
    found_VPK = np.clip(found_VF.reshape(-1, *space.shape), space.lower_PK, space.upper_PK)
    return without(found_VPK, found_VPK[:0])


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
