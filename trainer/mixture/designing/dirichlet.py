"""Rows as RegMix draws them (Liu et al. 2024, arXiv 2407.01492, and its repository): around the shares of tokens."""

import numpy as np

from datapipe.output import RunError
from trainer.mixture.arrays import Floats
from trainer.mixture.designing.candidates import without
from trainer.mixture.space import Space, broken

TEMPERATURE = 2.0
"""Centre: shares of tokens ** (1 / 2)."""
STRENGTHS = np.geomspace(0.1, 5, 15)
"""Sums of Dirichlet parameters, each as often: weak ones give mixtures of few components, strong ones of many."""
ATTEMPTS = 400
"""Draws for a row, before it is given up that caps allow so few."""


def draw_dirichlet(space: Space, tokens_K: Floats, there_NPK: Floats, count: int, seed: int) -> Floats:
    """`count` allowed mixtures (count, P, K), none twice. What the least weights leave is divided by each draw.

    Raises RunError where almost no draw is allowed.
    """
    rng = np.random.default_rng(seed)
    centre_K = tokens_K ** (1 / TEMPERATURE)
    alphas_SK = np.outer(STRENGTHS, centre_K / centre_K.sum())
    rest_P = 1 - space.lower_PK.sum(axis=1)
    allowed: list[Floats] = []
    for attempt in range(ATTEMPTS * count):
        draws_PK = rng.dirichlet(alphas_SK[attempt % len(alphas_SK)], len(space.phases))
        mixture_PK = space.lower_PK + rest_P[:, None] * draws_PK
        if not broken(space, mixture_PK) and len(without(mixture_PK[None], _stacked(there_NPK, allowed))):
            allowed.append(mixture_PK)
        if len(allowed) == count:
            return np.array(allowed)
    raise RunError(
        f"swarm.rows: only {len(allowed):,} of {ATTEMPTS * count:,} Dirichlet draws hold caps and floors, of {count:,} "
        "that are wanted: take `d_optimal` or `space_filling`, which draw inside them"
    )


def _stacked(there_NPK: Floats, found: list[Floats]) -> Floats:
    return np.concatenate([there_NPK, np.array(found)]) if found else there_NPK
