"""Kernel ridge regression on Hellinger distances, kernel exp(-distance^2 / length^2).

Length, one for all targets, and ridge, one for each, by exact leave-one-mixture-out.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from trainer.mixture.arrays import Floats
from trainer.mixture.predictors.kernel_law import KernelFit, best_fit
from trainer.mixture.predictors.kriging import Decomposition
from trainer.mixture.predictors.strengths import log_errors

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
        return best_fit("gaussian", SQUARES, RIDGES, _losses, weights_NPK, values_NM)


def _losses(parts: Decomposition, counts_U: Floats, values_UM: Floats, _: Floats) -> Floats:
    """Of every ridge the logarithm of the sum of squared errors of mixtures left out, (R, M)."""
    found = []
    for ridge in RIDGES:
        coefficients_UM = parts.solved(values_UM, ridge)[1]
        found.append(counts_U @ np.square(parts.left_out(coefficients_UM, ridge)))
    return log_errors(np.array(found))
