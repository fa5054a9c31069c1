"""Laws that stand on a kernel of Hellinger distances between mixtures: fit, prediction, gradient, resamples."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from trainer.mixture.arrays import Floats
from trainer.mixture.predictors.kriging import Decomposition, decomposed
from trainer.mixture.predictors.mixtures import Mixtures, mixtures_of
from trainer.mixture.predictors.roots import roots, slopes_of_roots, squared_hellinger
from trainer.mixture.predictors.standard import Standard, flat, standard_of
from trainer.mixture.predictors.strengths import tempered

Shape = Literal["gaussian", "matern"]
Losses = Callable[[Decomposition, Floats, Floats, Floats], Floats]
"""(R, M), of every ridge: logarithms, by a kernel's decomposition, runs of each mixture (U,), their scaled mean values
(U, M), and squares of what runs of one mixture differ by from them, summed (M,)."""


def kernel(shape: Shape, squares: Floats) -> Floats:
    """Of squared distances in units of the squared length: exp(-s), or Matern's with nu = 5/2."""
    if shape == "gaussian":
        return np.exp(-squares)
    scaled = np.sqrt(5 * squares)
    found: Floats = (1 + scaled + scaled**2 / 3) * np.exp(-scaled)
    return found


def slope_of_kernel(shape: Shape, squares: Floats) -> Floats:
    """d kernel / d squared distance, in the same units."""
    if shape == "gaussian":
        return -np.exp(-squares)
    scaled = np.sqrt(5 * squares)
    found: Floats = -5 / 6 * (1 + scaled) * np.exp(-scaled)
    return found


@dataclass(frozen=True)
class KernelFit:
    """scaled values_M = levels_M + kernel(distances to mixtures) @ coefficients_UM."""

    shape: Shape
    square: float
    """Squared length of the kernel."""
    ridge_M: Floats
    mixtures: Mixtures
    standard: Standard
    levels_M: Floats
    coefficients_UM: Floats

    def predict(self, weights_NPK: Floats) -> Floats:
        """values_NM of mixtures."""
        squares_NU = squared_hellinger(roots(flat(weights_NPK)), roots(self.mixtures.flat_UF)) / self.square
        return self.standard.back(self.levels_M + kernel(self.shape, squares_NU) @ self.coefficients_UM)

    def gradient(self, weights_PK: Floats) -> Floats:
        """d value / d weight at one mixture, (M, P, K)."""
        at_F = roots(weights_PK.ravel())
        away_UF = at_F - roots(self.mixtures.flat_UF)
        squares_U = 0.5 * np.square(away_UF).sum(axis=1) / self.square
        slopes_U = slope_of_kernel(self.shape, squares_U) / self.square
        slopes_MF = (self.coefficients_UM * slopes_U[:, None]).T @ away_UF * slopes_of_roots(weights_PK.ravel())
        return (self.standard.spread_M[:, None] * slopes_MF).reshape(-1, *weights_PK.shape)

    def refit(self, values_RNM: Floats, counts_RN: Floats | None = None) -> "Sequence[KernelFit]":
        """Fitted to resamples, with the same length and ridges."""
        counts_RU, values_RUM = self.mixtures.resampled(self.standard.scaled(values_RNM), counts_RN)
        roots_UF = roots(self.mixtures.flat_UF)
        kernel_UU = kernel(self.shape, squared_hellinger(roots_UF, roots_UF) / self.square)
        whole = decomposed(kernel_UU, counts_RU[0]) if counts_RN is None else None
        found: list[KernelFit] = []
        for counts_U, values_UM in zip(counts_RU, values_RUM, strict=True):
            there_U = counts_U > 0
            parts = whole or decomposed(kernel_UU[np.ix_(there_U, there_U)], counts_U[there_U])
            levels_M, solved_UM = parts.solved(values_UM[there_U], self.ridge_M)
            coefficients_UM = np.zeros_like(values_UM)
            coefficients_UM[there_U] = solved_UM
            found.append(replace(self, levels_M=levels_M, coefficients_UM=coefficients_UM))
        return found


def best_fit(
    shape: Shape, lengths: Iterable[float], ridges_R: Floats, losses: Losses, weights_NPK: Floats, values_NM: Floats
) -> KernelFit:
    """The squared length, one for all targets, and the ridges, one for each, with the least losses; then all runs.

    `lengths` are in units of the median squared distance of two mixtures.
    """
    mixtures, standard = mixtures_of(weights_NPK), standard_of(values_NM)
    scaled_NM = standard.scaled(values_NM)
    counts_U, values_UM = mixtures.means(scaled_NM)
    within_M = np.square(scaled_NM - values_UM[mixtures.place_N]).sum(axis=0)
    roots_UF = roots(mixtures.flat_UF)
    squares_UU = squared_hellinger(roots_UF, roots_UF)
    typical = _median_of_pairs(squares_UU)
    best, square, ridge_M = np.inf, typical, np.full(values_NM.shape[1], ridges_R[0])
    for length in lengths:
        parts = decomposed(kernel(shape, squares_UU / (length * typical)), counts_U)
        losses_M, places_M = tempered(losses(parts, counts_U, values_UM, within_M))
        if losses_M.sum() < best:
            best, square, ridge_M = float(losses_M.sum()), length * typical, ridges_R[places_M]
    return _fitted(shape, square, ridge_M, mixtures, standard, values_NM)


def _median_of_pairs(squares_UU: Floats) -> float:
    """Of two mixtures; 1 where there is one only."""
    squares = squares_UU[np.triu_indices(len(squares_UU), 1)]
    return float(np.median(squares)) if len(squares) else 1.0


def _fitted(
    shape: Shape, square: float, ridge_M: Floats, mixtures: Mixtures, standard: Standard, values_NM: Floats
) -> KernelFit:
    """To all runs."""
    targets = len(ridge_M)
    empty = KernelFit(
        shape, square, ridge_M, mixtures, standard, np.zeros(targets), np.zeros((len(mixtures.flat_UF), targets))
    )
    return empty.refit(values_NM[None])[0]
