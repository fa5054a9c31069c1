"""What the law says of every mixture of three components, as small triangles."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from datapipe.loading.located_yaml import RecipeError
from datapipe.output import RunError
from trainer.mixture.arrays import Floats
from trainer.mixture.predictors.choosing import predictor_of
from trainer.mixture.report.gathering import Gathered
from trainer.mixture.report.panel import points
from trainer.mixture.report.ternary import place
from trainer.mixture.space import Space, broken, space_of

STEPS = 24
"""Small triangles along a side."""
INSIDE = 0.9
"""Of the way from the middle of a small triangle to its corners."""


@dataclass(frozen=True)
class Tile:
    """A small triangle."""

    points: str
    rank: float
    """Where its mixture would stand among the runs, as the law has it: from 0, the best, to 100."""
    is_allowed: bool
    """Whether any of it is."""


@dataclass(frozen=True)
class Surface:
    """All of them, for one phase; the others as proposed, or as in the mean of all runs."""

    phase: str
    tiles: tuple[Tile, ...]


def surfaces(found: Gathered) -> list[Surface]:
    """One for every phase; [] without a fit, with other than three components, or where its law cannot be made."""
    evidence, objective, proposal = found.evidence, found.objective, found.proposal
    name = found.experiment.propose.predictor
    is_other = proposal is not None and proposal.predictor != name
    if evidence is None or objective is None or found.fit is None or is_other or len(found.swarm.components) != 3:
        return []
    try:
        law = predictor_of(name, found.experiment.fit).fit(evidence.weights_NPK, evidence.values_NM)
        space = space_of(found.experiment, found.swarm.materials)
    except (RunError, RecipeError):
        return []
    corners = list(_small_triangles())
    centres_N3 = np.array([np.mean(one, axis=0) for one in corners])
    observed_N = np.sort(objective.of(evidence.values_NM))
    others_PK = evidence.weights_NPK.mean(axis=0) if proposal is None else np.array(proposal.best.weights)
    drawn = []
    for phase, phase_name in enumerate(found.swarm.phases):
        weights_NPK = _with_phase(others_PK, phase, centres_N3)
        values_N = objective.of(law.predict(weights_NPK))
        ranks_N = 100 * np.searchsorted(observed_N, values_N) / len(observed_N)
        allowed = [_is_allowed(_with_phase(others_PK, phase, _inside(corners_33)), space) for corners_33 in corners]
        tiles = [
            Tile(points(place(corner) for corner in corners_33.tolist()), rank, is_allowed)
            for corners_33, rank, is_allowed in zip(corners, ranks_N.tolist(), allowed, strict=True)
        ]
        drawn.append(Surface(phase_name, tuple(tiles)))
    return drawn


def _with_phase(weights_PK: Floats, phase: int, shares_N3: Floats) -> Floats:
    """Mixtures (N, P, K) that differ in one phase."""
    weights_NPK = np.repeat(weights_PK[None], len(shares_N3), axis=0)
    weights_NPK[:, phase] = shares_N3
    return weights_NPK


def _inside(corners_33: Floats) -> Floats:
    """Points near the corners of a small triangle that are not those of its neighbours too."""
    inside_33: Floats = INSIDE * corners_33 + (1 - INSIDE) * corners_33.mean(axis=0)
    return inside_33


def _is_allowed(weights_NPK: Floats, space: Space) -> bool:
    return any(not broken(space, weights_PK) for weights_PK in weights_NPK)


def _small_triangles() -> Iterable[Floats]:
    """Corners of each, (3 corners, 3 shares), of a side cut into STEPS."""
    for top in range(STEPS):
        for left in range(STEPS - top):
            right = STEPS - 1 - top - left
            low = np.array([top, left, right], np.float64)
            yield (low + np.eye(3)) / STEPS
            if right:
                yield (low + 1 - np.eye(3) + np.array([0, 0, -1])) / STEPS
