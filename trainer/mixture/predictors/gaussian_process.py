"""A Gaussian process on square roots of weights: Matern's kernel, nu = 5/2, of Hellinger distances, and noise.

Length, one for all targets, and noise, one for each, by restricted maximum likelihood (level and variance integrated
out or profiled); what repeats of one mixture differ by is part of the likelihood.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from trainer.mixture.arrays import Floats
from trainer.mixture.predictors.kernel_law import KernelFit, best_fit
from trainer.mixture.predictors.kriging import Decomposition
from trainer.mixture.predictors.strengths import NOTHING

SQUARES = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
"""Squared lengths that are tried, in units of the median squared distance."""
NOISES = np.logspace(1, -8, 28)
"""Variances of noise that are tried, in units of the process's."""


@dataclass(frozen=True)
class GaussianProcess:
    """The law without its numbers."""

    name: ClassVar[str] = "gaussian_process"
    smooth: ClassVar[bool] = True

    def fit(self, weights_NPK: Floats, values_NM: Floats) -> KernelFit:
        """The length and the noises of the greatest likelihood, then the process given all runs."""
        return best_fit("matern", SQUARES, NOISES, _losses, weights_NPK, values_NM)


def _losses(parts: Decomposition, counts_U: Floats, values_UM: Floats, within_M: Floats) -> Floats:
    """Of every noise -2 log likelihood of one run on average, but for what is the same for all, (R, M)."""
    found = []
    freedom = max(counts_U.sum() - 1, 1)
    for noise in NOISES:
        level_M, coefficients_UM = parts.solved(values_UM, noise)
        squares_M = ((values_UM - level_M) * coefficients_UM).sum(axis=0) + within_M / noise
        constant = parts.log_determinant(noise) + (counts_U.sum() - len(counts_U)) * np.log(noise)
        found.append(np.log(squares_M / freedom + NOTHING) + constant / freedom)
    return np.array(found)
