"""The log-linear law: value = floor + exp(level + slopes @ weights), per target (Ye et al. 2024, arXiv 2403.16952)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from trainer.mixture.arrays import Floats
from trainer.mixture.evidence import same_mixtures
from trainer.mixture.predictors.exponential_steps import solve
from trainer.mixture.predictors.exponentials import BEND, MIDDLE, SLOPES
from trainer.mixture.predictors.log_linear_setting import Setting, best_ridges, best_starts, setting_of
from trainer.mixture.predictors.standard import flat


@dataclass(frozen=True)
class LogLinearFit:
    """values_M = floors_M + exp(levels_M + slopes_MF @ flat weights): convex in the weights."""

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
        """Fitted to resamples, from this fit on, with its ridges."""
        resamples, runs, targets = values_RNM.shape
        counts_RN = np.ones((resamples, runs)) if counts_RN is None else counts_RN
        scaled_BN = self.setting.standard.scaled(values_RNM).transpose(0, 2, 1).reshape(-1, runs)
        problems = self.setting.problems(
            scaled_BN, np.repeat(counts_RN, targets, axis=0), np.tile(np.arange(targets), resamples)
        )
        found_BQ = solve(problems, np.tile(self.scaled_MQ, (resamples, 1)), steps=200, tolerance=1e-8)
        return [_fit_of(self.setting, found_MQ) for found_MQ in found_BQ.reshape(resamples, targets, -1)]


@dataclass(frozen=True)
class LogLinear:
    """The law without its numbers."""

    huber: float = 0.2
    """In units of a target's spread."""
    name: ClassVar[str] = "log_linear"
    smooth: ClassVar[bool] = True

    def fit(self, weights_NPK: Floats, values_NM: Floats) -> LogLinearFit:
        """From the best of several starts; with ridges that cross-validation over mixtures chooses."""
        setting = setting_of(weights_NPK, values_NM, self.huber)
        scaled_MN = setting.standard.scaled(values_NM).T
        start_MQ = best_starts(setting, scaled_MN)
        ridge_M = best_ridges(setting, scaled_MN, start_MQ, same_mixtures(weights_NPK))
        setting = replace(setting, ridge_M=ridge_M)
        problems = setting.problems(scaled_MN, np.ones_like(scaled_MN), np.arange(len(scaled_MN)))
        return _fit_of(setting, solve(problems, start_MQ, steps=200))


def _fit_of(setting: Setting, scaled_MQ: Floats) -> LogLinearFit:
    """The law in units of targets and weights; a target that does not vary has no curve."""
    standard = setting.standard
    scale_M = np.exp(scaled_MQ[:, BEND])
    slopes_MF = scaled_MQ[:, SLOPES] / scale_M[:, None] / setting.length
    levels_M = scaled_MQ[:, BEND] - slopes_MF @ setting.centre_F + np.log(standard.spread_M)
    floors_M = standard.back(scaled_MQ[:, MIDDLE] - scale_M)
    varies_M = setting.varies_M
    return LogLinearFit(
        np.where(varies_M, floors_M, standard.centre_M),
        np.where(varies_M, levels_M, -np.inf),
        np.where(varies_M[:, None], slopes_MF, 0.0),
        setting,
        scaled_MQ,
    )
