"""Ridge regression on square roots of weights; its strength, per target, by exact leave-one-mixture-out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from trainer.mixture.arrays import Floats
from trainer.mixture.predictors.mixtures import Mixtures, mixtures_of
from trainer.mixture.predictors.roots import roots, slopes_of_roots
from trainer.mixture.predictors.standard import Standard, flat, standard_of
from trainer.mixture.predictors.strengths import log_errors, tempered

RIDGES = np.logspace(1, -7, 33)
"""Strengths that are tried, in units of the sum of squares of centred features."""


@dataclass(frozen=True)
class SquareRootRidgeFit:
    """values_M = levels_M + slopes_MF @ roots of flat weights."""

    levels_M: Floats
    slopes_MF: Floats
    mixtures: Mixtures
    standard: Standard
    ridge_M: Floats
    """As it stands on the diagonal of the normal equations."""

    def predict(self, weights_NPK: Floats) -> Floats:
        """values_NM of mixtures."""
        found: Floats = self.levels_M + roots(flat(weights_NPK)) @ self.slopes_MF.T
        return found

    def gradient(self, weights_PK: Floats) -> Floats:
        """d value / d weight at one mixture, (M, P, K)."""
        found: Floats = self.slopes_MF.reshape(-1, *weights_PK.shape) * slopes_of_roots(weights_PK)
        return found

    def refit(self, values_RNM: Floats, counts_RN: Floats | None = None) -> "Sequence[SquareRootRidgeFit]":
        """Fitted to resamples, with the same strengths."""
        counts_RU, values_RUM = self.mixtures.resampled(self.standard.scaled(values_RNM), counts_RN)
        features_UF = roots(self.mixtures.flat_UF)
        size_R = counts_RU.sum(axis=1)
        centre_RF = counts_RU @ features_UF / size_R[:, None]
        centre_RM = np.einsum("ru,rum->rm", counts_RU, values_RUM) / size_R[:, None]
        pairs = (features_UF[:, :, None] * features_UF[:, None, :]).reshape(len(features_UF), -1)
        normal_RFF = (counts_RU @ pairs).reshape(len(size_R), *2 * features_UF.shape[1:])
        normal_RFF -= size_R[:, None, None] * centre_RF[:, :, None] * centre_RF[:, None, :]
        right_RFM = np.matmul(features_UF.T, counts_RU[..., None] * values_RUM)
        right_RFM -= size_R[:, None, None] * centre_RF[:, :, None] * centre_RM[:, None, :]
        values_RF, vectors_RFF = np.linalg.eigh(normal_RFF)
        turned_RFM = vectors_RFF.transpose(0, 2, 1) @ right_RFM / (values_RF[..., None] + self.ridge_M)
        slopes_RMF = (vectors_RFF @ turned_RFM).transpose(0, 2, 1)
        levels_RM = centre_RM - np.einsum("rmf,rf->rm", slopes_RMF, centre_RF)
        return [self._scaled_back(*pair) for pair in zip(levels_RM, slopes_RMF, strict=True)]

    def _scaled_back(self, levels_M: Floats, slopes_MF: Floats) -> "SquareRootRidgeFit":
        slopes_MF = slopes_MF * self.standard.spread_M[:, None]
        return SquareRootRidgeFit(self.standard.back(levels_M), slopes_MF, self.mixtures, self.standard, self.ridge_M)


@dataclass(frozen=True)
class SquareRootRidge:
    """The law without its numbers."""

    name: ClassVar[str] = "square_root_ridge"
    smooth: ClassVar[bool] = True

    def fit(self, weights_NPK: Floats, values_NM: Floats) -> SquareRootRidgeFit:
        """Strengths by leave-one-mixture-out, then all runs."""
        mixtures, standard = mixtures_of(weights_NPK), standard_of(values_NM)
        ridge_M = _best_ridge(mixtures, standard.scaled(values_NM))
        features = weights_NPK[0].size
        empty = SquareRootRidgeFit(standard.centre_M, np.zeros((len(ridge_M), features)), mixtures, standard, ridge_M)
        return empty.refit(values_NM[None])[0]


def _best_ridge(mixtures: Mixtures, scaled_NM: Floats) -> Floats:
    """Strengths by squared errors of mixtures left out, (M,)."""
    counts_U, values_UM = mixtures.means(scaled_NM)
    features_UF = roots(mixtures.flat_UF)
    centred_UF = features_UF - counts_U @ features_UF / counts_U.sum()
    unit = max(float(counts_U @ np.square(centred_UF).sum(axis=1)), 1e-12)
    errors_RUM = left_out(features_UF, counts_U, values_UM, RIDGES * unit)
    _, places_M = tempered(log_errors(np.einsum("u,rum->rm", counts_U, np.square(errors_RUM))))
    ridge_M: Floats = RIDGES[places_M] * unit
    return ridge_M


def left_out(features_UF: Floats, counts_U: Floats, values_UM: Floats, ridge_R: Floats) -> Floats:
    """Errors at rows that are left out one by one, for every ridge, (R, U, M); rows stand for so many runs.

    The error at a row is its residual / (1 - hat), where the hat of a weighted ridge with a free level is count / all
    and its part of the centred features.
    """
    total = counts_U.sum()
    features_UF = features_UF - counts_U @ features_UF / total
    values_UM = values_UM - counts_U @ values_UM / total
    root_U = np.sqrt(counts_U)
    left_UQ, sizes_Q, _ = np.linalg.svd(root_U[:, None] * features_UF, full_matrices=False)
    turned_QM = left_UQ.T @ (root_U[:, None] * values_UM)
    errors = []
    for ridge in ridge_R:
        kept_Q = np.square(sizes_Q) / (np.square(sizes_Q) + ridge)
        said_UM = left_UQ @ (kept_Q[:, None] * turned_QM) / root_U[:, None]
        hat_U = counts_U / total + np.square(left_UQ) @ kept_Q
        errors.append((values_UM - said_UM) / np.maximum(1 - hat_U, 1e-9)[:, None])
    return np.array(errors)
