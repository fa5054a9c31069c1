"""The optimum of a fitted law and of every resample of it, and what follows from both: intervals, and what is tied.

A mixture is tied with the best where the law has it worse by no more than the best is worse than the optimum of its own
resample, in `TIED` of the resamples: what an optimum is off by chance. It is the bootstrap's confidence region of an
optimum, for all directions at once; intervals of single differences would leave the true optimum out the more often the
more components there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from trainer.mixture.arrays import Floats
from trainer.mixture.bootstrap import interval, resampled
from trainer.mixture.evidence import Evidence
from trainer.mixture.optimum import Aim, optimum
from trainer.mixture.predictors.mean import Mean, MeanFit
from trainer.mixture.predictors.predictor import Fitted, Predictor
from trainer.mixture.proposal_file import Mixture
from trainer.mixture.space import Space

TIED = 0.95
"""Of resamples: what is not tied is worse, at the usual level of five in a hundred."""
CLOSE = 64
"""Of the pool, by score: where optima of resamples are looked for first."""


@dataclass(frozen=True)
class Search:
    """What was found."""

    space: Space
    aim: Aim
    fitted: Fitted
    smooth: bool
    pool_NPK: Floats
    """Allowed mixtures, scattered."""
    best_PK: Floats
    resamples: Sequence[Fitted]
    optima_RPK: Floats
    slack: float
    """How much higher than the best's the aim of what is tied with it may be."""
    coverage: float
    """Of intervals."""
    alone: Mapping[str, Floats] = field(default_factory=dict)
    """Where each member of a mean has its own optimum, (P, K) by name."""

    def is_tied(self, weights_NPK: Floats) -> Sequence[bool]:
        """Of mixtures."""
        aims_N = self.aim.of(self.fitted, np.concatenate([self.best_PK[None], weights_NPK]))
        return [bool(one <= aims_N[0] + self.slack) for one in aims_N[1:]]

    def weight_intervals(self) -> tuple[Floats, Floats]:
        """Lower and upper ends, (P, K)."""
        return interval(self.optima_RPK, self.coverage)

    def judged(self, names: Sequence[str], weights_NPK: Floats) -> tuple[Mixture, ...]:
        """What the law says of mixtures."""
        if not names:
            return ()
        values_NM = self.fitted.predict(weights_NPK)
        objective_N = self.aim.objective.of(values_NM)
        resampled_RN = np.array([self.aim.objective.of(one.predict(weights_NPK)) for one in self.resamples])
        low_N, high_N = interval(resampled_RN, self.coverage)
        tied = self.is_tied(weights_NPK)
        return tuple(
            Mixture(
                name,
                tuple(tuple(row) for row in weights_NPK[place].tolist()),
                float(objective_N[place]),
                float(min(low_N[place], objective_N[place])),
                float(max(high_N[place], objective_N[place])),
                tuple(values_NM[place].tolist()),
                tied[place],
            )
            for place, name in enumerate(names)
        )


def search(
    predictor: Predictor,
    evidence: Evidence,
    space: Space,
    aim: Aim,
    pool_NPK: Floats,
    resamples: int,
    coverage: float,
    seed: int,
) -> Search:
    """Fit, find the best of the space, and do so again for every resample."""
    weights_NPK, values_NM = evidence.weights_NPK, evidence.values_NM
    fitted = predictor.fit(weights_NPK, values_NM)
    smooth = predictor.smooth
    best_PK = optimum(aim, fitted, smooth, space, pool_NPK)
    again = resampled(fitted, weights_NPK, values_NM, resamples, seed)
    near_NPK = pool_NPK[np.argsort(aim.of(fitted, pool_NPK), kind="stable")[:CLOSE]]
    near_NPK = np.concatenate([best_PK[None], near_NPK])
    optima_RPK = np.array([optimum(aim, one, smooth, space, near_NPK, 1) for one in again])
    slack = _slack(aim, again, best_PK, optima_RPK)
    alone = {}
    if isinstance(predictor, Mean) and isinstance(fitted, MeanFit):
        members = zip(predictor.members, fitted.members, strict=True)
        alone = {law.name: optimum(aim, one, law.smooth, space, near_NPK, 1) for law, one in members}
    return Search(space, aim, fitted, smooth, pool_NPK, best_PK, again, optima_RPK, slack, coverage, alone)


def _slack(aim: Aim, resamples: Sequence[Fitted], best_PK: Floats, optima_RPK: Floats) -> float:
    pairs = (
        aim.of(one, np.array([best_PK, optimum_PK])) for one, optimum_PK in zip(resamples, optima_RPK, strict=True)
    )
    return float(np.quantile([best - least for best, least in pairs], TIED, method="weibull"))
