"""Mixtures that rows are chosen from: draws from a space, two thirds of them pulled towards its corners."""

import numpy as np

from trainer.mixture.arrays import Floats
from trainer.mixture.evidence import SAME
from trainer.mixture.space import Space, draw

LEAST = 2048
"""Candidates, and four for every row where that is more."""
CORNERS = 256
"""Looked for at most, each by a linear program; no more than eight for every weight."""
PULLED = (0.0, 0.5, 0.75)
"""Shares of the way to a corner, a third of the candidates each."""


def candidates(space: Space, count: int, there_NPK: Floats, seed: int) -> Floats:
    """Allowed mixtures (C, P, K) for `count` rows: none twice, none that is there. Deterministic.

    Draws of many components lie near the middle, where little is learnt: so most are pulled outwards. Corners
    themselves are left out: mixtures of nearly one component are the noisiest (Marin, issue 2345: 25 times), and no law
    is quite right there. `trainer/mixture/README.md` has what simulations say of it.
    """
    wanted = max(LEAST, 4 * count)
    drawn_CPK = draw(space, wanted, seed)
    corners_VPK = corners(space, min(CORNERS, 8 * space.lower_PK.size), seed)
    place_C = np.arange(wanted)
    pulled_C11 = np.array(PULLED)[place_C % len(PULLED), None, None]
    corner_CPK = corners_VPK[place_C // len(PULLED) % len(corners_VPK)]
    return without((1 - pulled_C11) * drawn_CPK + pulled_C11 * corner_CPK, there_NPK)


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
