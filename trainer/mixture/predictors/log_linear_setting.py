"""What fits of the log-linear law stand on: units, bounds of floors, where they start, how strong the ridge is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from trainer.mixture.arrays import Bools, Floats, Ints
from trainer.mixture.predictors import exponentials
from trainer.mixture.predictors.exponential_steps import solve
from trainer.mixture.predictors.exponentials import Problems
from trainer.mixture.predictors.standard import CONSTANT, Standard, flat, standard_of
from trainer.mixture.predictors.strengths import log_errors, tempered

STARTS = (0.03, 0.3, 1.0, 3.0, 10.0)
"""Fits start from floors so many spreads below the lowest value: with a floor, logarithms make the law straight."""
RIDGES = np.array([1.0, 0.3, 0.1, 0.03, 0.01, 0.001])
"""Strengths that are tried."""
WEAK = 0.01
"""With which starts are compared."""
FOLDS = 5
"""Of mixtures, to choose among them."""
OUTLIER = 1.0
"""Errors of mixtures left out count linearly beyond, in spreads."""
DEEPEST = 30.0
"""No floor is more spreads below the lowest value, which makes a straight line already; nor below 0 where no value
is."""


@dataclass(frozen=True)
class Setting:
    """What a fit stands on, and its resamples keep. Values are scaled, features centred and in units of `length`."""

    standard: Standard
    centre_F: Floats
    """Mean mixture,"""
    length: float
    """and root mean square distance from it."""
    features_NF: Floats
    low_M: Floats
    high_M: Floats
    """Bounds of floors."""
    varies_M: Bools
    """Whether a target does."""
    huber: float
    ridge_M: Floats

    def problems(self, scaled_BN: Floats, counts_BN: Floats, targets_B: Ints) -> Problems:
        """Fits of these targets."""
        ridge_B, low_B, high_B = self.ridge_M[targets_B], self.low_M[targets_B], self.high_M[targets_B]
        return Problems(self.features_NF, scaled_BN, counts_BN, ridge_B, low_B, high_B, self.huber)


def setting_of(weights_NPK: Floats, values_NM: Floats, huber: float) -> Setting:
    """Of runs, with a weak ridge for a start."""
    flat_NF = flat(weights_NPK)
    centre_F = flat_NF.mean(axis=0)
    length = float(np.sqrt(np.square(flat_NF - centre_F).sum(axis=1).mean()))
    length = length if length > CONSTANT else 1.0
    standard = standard_of(values_NM)
    scaled_NM = standard.scaled(values_NM)
    lowest_M = scaled_NM.min(axis=0)
    zero_M = np.where(values_NM.min(axis=0) >= 0, standard.scaled(np.zeros(1)), -np.inf)
    high_M = lowest_M - 1e-3
    low_M = np.minimum(np.maximum(zero_M, lowest_M - DEEPEST), high_M)
    varies_M = np.ptp(scaled_NM, axis=0) > 0
    features_NF = (flat_NF - centre_F) / length
    weak_M = np.full(len(low_M), WEAK)
    return Setting(standard, centre_F, length, features_NF, low_M, high_M, varies_M, huber, weak_M)


def best_starts(setting: Setting, scaled_MN: Floats) -> Floats:
    """Of fits from every start that with the least cost, (M, Q)."""
    targets = len(scaled_MN)
    targets_B = np.tile(np.arange(targets), len(STARTS))
    scaled_BN = scaled_MN[targets_B]
    problems = setting.problems(scaled_BN, np.ones_like(scaled_BN), targets_B)
    floors_B = scaled_BN.min(axis=1) - np.repeat(STARTS, targets)
    floors_B = np.clip(floors_B, problems.low_B, problems.high_B)
    found_BQ = solve(problems, exponentials.straight(problems, floors_B), steps=60, tolerance=1e-6)
    best_M = exponentials.costs(problems, found_BQ).reshape(len(STARTS), targets).argmin(axis=0)
    best_MQ: Floats = found_BQ.reshape(len(STARTS), targets, -1)[best_M, np.arange(targets)]
    return best_MQ


def best_ridges(setting: Setting, scaled_MN: Floats, start_MQ: Floats, groups: Sequence[int]) -> Floats:
    """Strengths by errors of mixtures left out, (M,).

    `groups` tells which runs have one mixture: they are left out together.
    """
    _, mixture_N = np.unique(groups, return_inverse=True)
    folds = min(FOLDS, int(mixture_N.max()) + 1)
    if folds < 2:
        return np.full(len(scaled_MN), RIDGES[0])
    shape = (len(RIDGES), folds, len(scaled_MN))
    ridge_B = np.broadcast_to(RIDGES[:, None, None], shape).ravel()
    fold_B = np.broadcast_to(np.arange(folds)[:, None], shape).ravel()
    targets_B = np.broadcast_to(np.arange(len(scaled_MN)), shape).ravel()
    left_out_BN = fold_B[:, None] == mixture_N % folds
    problems = replace(setting.problems(scaled_MN[targets_B], 1.0 - left_out_BN, targets_B), ridge_B=ridge_B)
    found_BQ = solve(problems, start_MQ[targets_B], steps=40, tolerance=1e-4)
    residuals_BN = exponentials.said(setting.features_NF, found_BQ) - problems.values_BN
    error_BN = exponentials.huber_loss(residuals_BN, OUTLIER) * left_out_BN
    error_RM = error_BN.sum(axis=1).reshape(shape).sum(axis=1)
    _, places_M = tempered(log_errors(error_RM))
    ridge_M: Floats = RIDGES[places_M]
    return ridge_M
