"""What runs of mixtures came to, beside what a law says: it may be wrong just where today's mixture lies.

No proposal is called better than a mixture whose own runs came to as much as the law promises of the proposal, but for
the noise of runs: where a mixture was trained, both the law and its runs must say that it is worse.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trainer.mixture.arrays import Floats
from trainer.mixture.bootstrap import errors_without
from trainer.mixture.cross_validation import Mixtures, mixtures_of
from trainer.mixture.evidence import SAME, Evidence, pooled_noise, same_mixtures
from trainer.mixture.objective import Objective
from trainer.mixture.predictors.predictor import Fitted
from trainer.mixture.proposal_file import Mixture

LEVEL = 0.95
"""Of the test whether runs came to more than is promised of the best: as for what is tied."""


@dataclass(frozen=True)
class Tried:
    """Mixtures that were trained, and the objective that each came to."""

    mixtures: Mixtures
    """Values are objectives, (N, 1): of repeats the mean."""
    noise: float
    """Standard deviation of the objective of one run,"""
    degrees: int
    """known from so many degrees of freedom."""
    missed: float
    """What the law is off by at runs that it was not fitted to, root mean square."""

    def objective(self, weights_PK: Floats) -> float | None:
        """What runs of it came to; None where it was never trained."""
        place = self._place(weights_PK)
        return None if place is None else float(self.mixtures.values_NM[place, 0])

    @property
    def least(self) -> float:
        """The best that any mixture came to."""
        return float(self.mixtures.values_NM.min())

    def error(self, weights_PK: Floats) -> float:
        """Standard error of that. Raises ValueError for what was never trained."""
        place = self._place(weights_PK)
        if place is None:
            raise ValueError("a mixture that was never trained")
        return float(self.noise / np.sqrt((self.mixtures.of_run == place).sum()))

    def is_as_good(self, weights_PK: Floats, promised: float) -> bool:
        """Whether its runs came to the objective that is promised of another, or less, but for noise: by Student's t,
        from one side."""
        from scipy.stats import t

        came_to = self.objective(weights_PK)
        if came_to is None:
            return False
        return came_to - promised <= float(t.ppf(LEVEL, self.degrees)) * self.error(weights_PK)

    def beside(self, judged: Sequence[Mixture], promised: float) -> tuple[Mixture, ...]:
        """What a law says of mixtures, with what their runs came to; tied are those that did as well, too."""
        return tuple(
            dataclasses.replace(
                one,
                observed=self.objective(np.array(one.weights)),
                is_tied=one.is_tied or self.is_as_good(np.array(one.weights), promised),
            )
            for one in judged
        )

    def _place(self, weights_PK: Floats) -> int | None:
        found = np.flatnonzero(np.abs(self.mixtures.weights_NPK - weights_PK).max(axis=(1, 2)) < SAME)
        return int(found[0]) if len(found) else None


def tried_of(evidence: Evidence, objective: Objective, fitted: Fitted, seed: int) -> Tried:
    """Noise is that of repeats; without any, what the law is off by at runs that it was not fitted to."""
    objective_N1 = objective.of(evidence.values_NM)[:, None]
    errors_NM = errors_without(fitted, evidence.weights_NPK, evidence.values_NM, seed)
    missed = float(np.sqrt(np.square(errors_NM / objective.scale_M @ objective.weights_M).mean()))
    noise_1, degrees = pooled_noise(objective_N1, same_mixtures(evidence.weights_NPK))
    noise = missed if noise_1 is None else float(noise_1[0])
    return Tried(mixtures_of(evidence.weights_NPK, objective_N1), noise, degrees or len(errors_NM), missed)
