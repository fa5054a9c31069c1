"""Mixtures that rows are chosen from: draws from the inside of a space, and draws pulled half-way to its corners."""

import numpy as np

from trainer.mixture.arrays import Floats
from trainer.mixture.evidence import SAME
from trainer.mixture.space import Space, draw

LEAST = 2048
"""Candidates, and four for every row where that is more."""
CORNERS = 256
"""Looked for at most, each by a linear program; no more than eight for every weight."""


def candidates(space: Space, count: int, there_NPK: Floats, seed: int) -> Floats:
    """Allowed mixtures (C, P, K) for `count` rows: none twice, none that is there. Deterministic.

    Draws of many components lie near the middle, so half of them are pulled outwards. Corners themselves are left out:
    mixtures of nearly one component are the noisiest (Marin, issue 2345: 25 times), and no law is right there. In
    simulations with such noise, of laws that the fitted ones only resemble, designs with corners predicted worse.
    """
    wanted = max(LEAST, 4 * count)
    drawn_CPK = draw(space, wanted, seed)
    corners_VPK = corners(space, min(CORNERS, 8 * space.lower_PK.size), seed)
    far = wanted // 2
    far_CPK = (drawn_CPK[:far] + corners_VPK[np.arange(far) % len(corners_VPK)]) / 2
    return without(np.concatenate([far_CPK, drawn_CPK[far:]]), there_NPK)


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
