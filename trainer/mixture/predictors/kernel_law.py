"""Laws that stand on a kernel of Hellinger distances between mixtures: prediction, gradient, resamples."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from trainer.mixture.arrays import Floats
from trainer.mixture.predictors.kriging import decomposed
from trainer.mixture.predictors.mixtures import Mixtures
from trainer.mixture.predictors.roots import roots, slopes_of_roots, squared_hellinger
from trainer.mixture.predictors.standard import Standard, flat

Shape = Literal["gaussian", "matern"]


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


def typical_square(mixtures: Mixtures) -> float:
    """Median squared Hellinger distance of two mixtures: what lengths are multiples of; 1 where there is one only."""
    roots_UF = roots(mixtures.flat_UF)
    squares = squared_hellinger(roots_UF, roots_UF)[np.triu_indices(len(roots_UF), 1)]
    return float(np.median(squares)) if len(squares) else 1.0


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


def fitted(
    shape: Shape, square: float, ridge_M: Floats, mixtures: Mixtures, standard: Standard, values_NM: Floats
) -> KernelFit:
    """To all runs."""
    targets = len(ridge_M)
    empty = KernelFit(
        shape, square, ridge_M, mixtures, standard, np.zeros(targets), np.zeros((len(mixtures.flat_UF), targets))
    )
    return empty.refit(values_NM[None])[0]
