"""Kernel ridge regression on Hellinger distances, kernel exp(-distance^2 / length^2).

Length, one for all targets, and ridge, one for each, by exact leave-one-mixture-out.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from trainer.mixture.arrays import Floats
from trainer.mixture.predictors.kernel_law import KernelFit, fitted, kernel, typical_square
from trainer.mixture.predictors.kriging import Decomposition, decomposed
from trainer.mixture.predictors.mixtures import mixtures_of
from trainer.mixture.predictors.roots import roots, squared_hellinger
from trainer.mixture.predictors.standard import standard_of
from trainer.mixture.predictors.strengths import log_errors, tempered

SQUARES = (1.0, 3.0, 10.0, 30.0, 100.0)
"""Squared lengths that are tried, in units of the median squared distance."""
RIDGES = np.logspace(1, -9, 31)
"""Strengths that are tried."""


@dataclass(frozen=True)
class HellingerRidge:
    """The law without its numbers."""

    name: ClassVar[str] = "hellinger_ridge"
    smooth: ClassVar[bool] = True

    def fit(self, weights_NPK: Floats, values_NM: Floats) -> KernelFit:
        """The length and the ridges with the least squared error of mixtures left out, then all runs."""
        mixtures, standard = mixtures_of(weights_NPK), standard_of(values_NM)
        counts_U, values_UM = mixtures.means(standard.scaled(values_NM))
        roots_UF = roots(mixtures.flat_UF)
        squares_UU = squared_hellinger(roots_UF, roots_UF)
        typical = typical_square(mixtures)
        best, square, ridge_M = np.inf, typical, np.full(values_NM.shape[1], RIDGES[0])
        for length in SQUARES:
            parts = decomposed(kernel("gaussian", squares_UU / (length * typical)), counts_U)
            losses_M, places_M = tempered(log_errors(_errors(parts, counts_U, values_UM)))
            if losses_M.sum() < best:
                best, square, ridge_M = float(losses_M.sum()), length * typical, RIDGES[places_M]
        return fitted("gaussian", square, ridge_M, mixtures, standard, values_NM)


def _errors(parts: Decomposition, counts_U: Floats, values_UM: Floats) -> Floats:
    """Of every ridge the sum of squared errors of mixtures left out, (R, M)."""
    found = []
    for ridge in RIDGES:
        _, coefficients_UM = parts.solved(values_UM, ridge)
        found.append(counts_U @ np.square(parts.left_out(coefficients_UM, ridge)))
    return np.array(found)
