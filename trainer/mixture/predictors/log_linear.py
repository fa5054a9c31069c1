"""The log-linear law: value = floor + exp(level + slopes @ weights), per target (Ye et al. 2024, arXiv 2403.16952).

Fitted as Olmix does, by Huber's loss with 0.02 of the spread, from several starts: here each is a floor, with which
logarithms make the law straight. Slopes have a ridge whose strength cross-validation over mixtures chooses.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from trainer.mixture.arrays import Bools, Floats, Ints
from trainer.mixture.evidence import same_mixtures
from trainer.mixture.predictors import exponentials
from trainer.mixture.predictors.exponentials import FLOOR, LEVEL, SLOPES, Problems
from trainer.mixture.predictors.standard import CONSTANT, Standard, flat, standard_of

STARTS = (0.03, 0.3, 1.0, 3.0, 10.0)
"""Distances of the floor below the lowest value, in spreads, that fits start from."""
RIDGES = (1e-3, 1e-2, 1e-1, 1.0)
"""Strengths that are tried."""
FOLDS = 5
"""Of mixtures, to choose among them."""
DEEPEST = 30.0
"""No floor is more spreads below the lowest value, which is a straight line already; nor is it below 0 where no value
is."""


@dataclass(frozen=True)
class Setting:
    """What a fit stands on and its resamples keep."""

    standard: Standard
    centre_F: Floats
    """Mean mixture,"""
    length: float
    """and root mean square distance from it: features are in units of it."""
    features_NF: Floats
    ridge_M: Floats
    low_M: Floats
    high_M: Floats
    """Bounds of scaled floors."""
    varies_M: Bools
    """Whether a target does."""
    huber: float

    def problems(self, scaled_BN: Floats, counts_BN: Floats, targets_B: Ints, ridge_B: Floats) -> Problems:
        """Fits of these targets."""
        low_B, high_B = self.low_M[targets_B], self.high_M[targets_B]
        return Problems(self.features_NF, scaled_BN, counts_BN, ridge_B, low_B, high_B, self.huber)


@dataclass(frozen=True)
class LogLinearFit:
    """values_M = floors_M + exp(levels_M + slopes_MF @ flat weights)."""

    floors_M: Floats
    levels_M: Floats
    slopes_MF: Floats
    setting: Setting
    scaled_MQ: Floats
    """Parameters as they were fitted."""

    def predict(self, weights_NPK: Floats) -> Floats:
        """values_NM of mixtures."""
        found: Floats = self.floors_M + np.exp(self.levels_M + flat(weights_NPK) @ self.slopes_MF.T)
        return found

    def gradient(self, weights_PK: Floats) -> Floats:
        """d value / d weight at one mixture, (M, P, K)."""
        above_M = np.exp(self.levels_M + self.slopes_MF @ weights_PK.ravel())
        return (above_M[:, None] * self.slopes_MF).reshape(-1, *weights_PK.shape)

    def refit(self, values_RNM: Floats, counts_RN: Floats | None = None) -> "Sequence[LogLinearFit]":
        """Fitted to resamples, from this fit on, with its ridge."""
        resamples, runs, targets = values_RNM.shape
        counts_RN = np.ones((resamples, runs)) if counts_RN is None else counts_RN
        scaled_BN = self.setting.standard.scaled(values_RNM).transpose(0, 2, 1).reshape(-1, runs)
        targets_B = np.tile(np.arange(targets), resamples)
        problems = self.setting.problems(
            scaled_BN, np.repeat(counts_RN, targets, axis=0), targets_B, self.setting.ridge_M[targets_B]
        )
        found_BQ = exponentials.solve(problems, np.tile(self.scaled_MQ, (resamples, 1)), 40, 1e-6)
        return [_fit_of(self.setting, found_MQ) for found_MQ in found_BQ.reshape(resamples, targets, -1)]


@dataclass(frozen=True)
class LogLinear:
    """The law without its numbers."""

    huber: float = 0.02
    """In units of a target's spread."""
    name: ClassVar[str] = "log_linear"
    smooth: ClassVar[bool] = True

    def fit(self, weights_NPK: Floats, values_NM: Floats) -> LogLinearFit:
        """Starts with a weak ridge, the best of them; then the ridge by cross-validation; then all runs with that."""
        setting = _setting(weights_NPK, values_NM, self.huber)
        scaled_MN = setting.standard.scaled(values_NM).T
        start_MQ = _best_start(setting, scaled_MN)
        ridge_M = _best_ridge(setting, scaled_MN, start_MQ, same_mixtures(weights_NPK))
        every_M = np.arange(len(scaled_MN))
        found_MQ = exponentials.solve(
            setting.problems(scaled_MN, np.ones_like(scaled_MN), every_M, ridge_M), start_MQ, 200
        )
        return _fit_of(replace(setting, ridge_M=ridge_M), found_MQ)


def _setting(weights_NPK: Floats, values_NM: Floats, huber: float) -> Setting:
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
    ridge_M = np.full(len(low_M), RIDGES[1])
    return Setting(standard, centre_F, length, (flat_NF - centre_F) / length, ridge_M, low_M, high_M, varies_M, huber)


def _best_start(setting: Setting, scaled_MN: Floats) -> Floats:
    """Of fits from every start that with the least cost, (M, Q)."""
    targets = len(scaled_MN)
    targets_B = np.tile(np.arange(targets), len(STARTS))
    scaled_BN = scaled_MN[targets_B]
    problems = setting.problems(scaled_BN, np.ones_like(scaled_BN), targets_B, setting.ridge_M[targets_B])
    floors_B = scaled_BN.min(axis=1) - np.repeat(STARTS, targets)
    floors_B = np.clip(floors_B, problems.low_B, problems.high_B)
    found_BQ = exponentials.solve(problems, exponentials.straight(problems, floors_B), 60, 1e-6)
    best_M = exponentials.costs(problems, found_BQ).reshape(len(STARTS), targets).argmin(axis=0)
    best_MQ: Floats = found_BQ.reshape(len(STARTS), targets, -1)[best_M, np.arange(targets)]
    return best_MQ


def _best_ridge(setting: Setting, scaled_MN: Floats, start_MQ: Floats, groups: Sequence[int]) -> Floats:
    """The strength with the least mean absolute error of mixtures left out, (M,)."""
    targets = len(scaled_MN)
    order = {group: place for place, group in enumerate(sorted(set(groups)))}
    fold_N = np.array([order[group] for group in groups]) % FOLDS
    folds = min(FOLDS, len(order))
    if folds < 2:
        return np.full(targets, RIDGES[-1])
    shape = (len(RIDGES), folds, targets)
    ridge_B = np.broadcast_to(np.array(RIDGES)[:, None, None], shape).ravel()
    fold_B = np.broadcast_to(np.arange(folds)[None, :, None], shape).ravel()
    targets_B = np.broadcast_to(np.arange(targets), shape).ravel()
    left_out_BN = fold_B[:, None] == fold_N
    problems = setting.problems(scaled_MN[targets_B], 1.0 - left_out_BN, targets_B, ridge_B)
    found_BQ = exponentials.solve(problems, start_MQ[targets_B], 40, 1e-4)
    said_BN = found_BQ[:, FLOOR, None] + exponentials.curves(setting.features_NF, found_BQ)
    error_B = (np.abs(said_BN - problems.values_BN) * left_out_BN).sum(axis=1)
    best_M = error_B.reshape(shape).sum(axis=1).argmin(axis=0)
    ridge_M: Floats = np.array(RIDGES)[best_M]
    return ridge_M


def _fit_of(setting: Setting, scaled_MQ: Floats) -> LogLinearFit:
    """The law in units of targets and weights."""
    standard = setting.standard
    slopes_MF = scaled_MQ[:, SLOPES] / setting.length
    levels_M = scaled_MQ[:, LEVEL] - slopes_MF @ setting.centre_F + np.log(standard.spread_M)
    floors_M = standard.back(scaled_MQ[:, FLOOR])
    constant_M = ~setting.varies_M
    return LogLinearFit(
        np.where(constant_M, standard.centre_M, floors_M),
        np.where(constant_M, -np.inf, levels_M),
        np.where(constant_M[:, None], 0.0, slopes_MF),
        setting,
        scaled_MQ,
    )
