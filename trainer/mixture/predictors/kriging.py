"""Linear algebra of laws that stand on a kernel: a free level, and a ridge of any strength from one decomposition.

With kernel K of U mixtures, W = diag(runs of each) and ridge r, A = K + r / W. The level is
beta = 1' inv(A) y / 1' inv(A) 1, the coefficients are inv(A) (y - beta), and without mixture u the error at it is
coefficient_u / P_uu with P = inv(A) - inv(A) 1 1' inv(A) / 1' inv(A) 1 (Dubrule 1983; Rasmussen and Williams 2006,
equations 2.43 and 5.12).
"""

from dataclasses import dataclass

import numpy as np

from trainer.mixture.arrays import Floats


@dataclass(frozen=True)
class Decomposition:
    """sqrt(W) K sqrt(W) = vectors @ diag(sizes) @ vectors'."""

    root_U: Floats
    """Of the number of runs; no mixture has none."""
    sizes_Q: Floats
    vectors_UQ: Floats

    def solved(self, values_UM: Floats, ridge: Floats | float) -> tuple[Floats, Floats]:
        """levels_M and coefficients_UM; one ridge for all targets or one for each."""
        ones_Q = self.vectors_UQ.T @ self.root_U
        turned_QM = self.vectors_UQ.T @ (self.root_U[:, None] * values_UM)
        inverse_QM = 1 / (self.sizes_Q[:, None] + np.broadcast_to(ridge, values_UM.shape[1:]))
        level_M = ones_Q @ (inverse_QM * turned_QM) / (np.square(ones_Q) @ inverse_QM)
        left_QM = inverse_QM * (turned_QM - ones_Q[:, None] * level_M)
        return level_M, self.root_U[:, None] * (self.vectors_UQ @ left_QM)

    def left_out(self, coefficients_UM: Floats, ridge: float) -> Floats:
        """Errors (U, M) at mixtures that are left out one by one."""
        inverse_Q = 1 / (self.sizes_Q + ridge)
        ones_Q = self.vectors_UQ.T @ self.root_U
        ones_U = self.root_U * (self.vectors_UQ @ (inverse_Q * ones_Q))
        diagonal_U = np.square(self.root_U) * (np.square(self.vectors_UQ) @ inverse_Q)
        diagonal_U -= np.square(ones_U) / (np.square(ones_Q) @ inverse_Q)
        errors_UM: Floats = coefficients_UM / np.maximum(diagonal_U, 1e-12)[:, None]
        return errors_UM

    def log_determinant(self, ridge: float) -> float:
        """log |A| + log 1' inv(A) 1: what restricted likelihood has beside the sum of squares."""
        widened_Q = self.sizes_Q + ridge
        ones_Q = self.vectors_UQ.T @ self.root_U
        return float(
            np.log(widened_Q).sum() - 2 * np.log(self.root_U).sum() + np.log(np.square(ones_Q) @ (1 / widened_Q))
        )


def decomposed(kernel_UU: Floats, counts_U: Floats) -> Decomposition:
    """Of a kernel, positive semi-definite, of mixtures with one run at least."""
    root_U = np.sqrt(counts_U)
    sizes_Q, vectors_UQ = np.linalg.eigh(root_U[:, None] * kernel_UU * root_U)
    return Decomposition(root_U, np.maximum(sizes_Q, 0), vectors_UQ)
