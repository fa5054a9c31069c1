"""Many exponential curves fitted at once: middle + scale (exp(features @ slopes / scale) - 1), robustly, with a ridge.

That is floor + exp(level + ...) with floor = middle - scale, seen from where the runs are: middle and slopes are what
runs tell well, and the scale, which says how the curve bends (a straight line where it is large), is what they hardly
tell. Steps along floor and level would follow a narrow bent valley; here it is straight.
"""

from dataclasses import dataclass, replace

import numpy as np

from trainer.mixture.arrays import Bools, Floats

EXPONENT = 30.0
"""Exponents are cut off here while a fit looks around."""
MIDDLE, BEND, SLOPES = 0, 1, slice(2, None)
"""Places of parameters: value and slopes where features are 0, and the logarithm of the scale."""


@dataclass(frozen=True)
class Problems:
    """B fits over N runs with F features: least sum of counts x Huber(residual) + ridge.

    The ridge is ridge / 2 x |slopes|^2 (1 + 1 / scale^2): on slopes, which are what weights do to values, and on
    exponents, which keeps curves from bending where runs are few.
    """

    features_NF: Floats
    values_BN: Floats
    counts_BN: Floats
    """How often each run counts; 0: not at all."""
    ridge_B: Floats
    low_B: Floats
    high_B: Floats
    """Bounds of the floor, middle - scale."""
    huber: float

    def some(self, places: Bools) -> "Problems":
        """These of them."""
        return replace(
            self,
            values_BN=self.values_BN[places],
            counts_BN=self.counts_BN[places],
            ridge_B=self.ridge_B[places],
            low_B=self.low_B[places],
            high_B=self.high_B[places],
        )


def said(features_NF: Floats, parameters_BQ: Floats) -> Floats:
    """Values of the curves, (B, N)."""
    scale_B1 = np.exp(parameters_BQ[:, BEND, None])
    exponent_BN = np.minimum(parameters_BQ[:, SLOPES] @ features_NF.T / scale_B1, EXPONENT)
    found: Floats = parameters_BQ[:, MIDDLE, None] + scale_B1 * np.expm1(exponent_BN)
    return found


def huber_loss(residuals: Floats, delta: float) -> Floats:
    """Half the square, but linear beyond delta."""
    size = np.abs(residuals)
    inside = np.minimum(size, delta)
    found: Floats = inside * (size - 0.5 * inside)
    return found


def costs(problems: Problems, parameters_BQ: Floats) -> Floats:
    """What is to be least, (B,)."""
    residuals_BN = said(problems.features_NF, parameters_BQ) - problems.values_BN
    loss_B = np.einsum("bn,bn->b", problems.counts_BN, huber_loss(residuals_BN, problems.huber))
    steepness_B = np.square(parameters_BQ[:, SLOPES]).sum(axis=1)
    bent_B = np.exp(-2 * parameters_BQ[:, BEND])
    cost_B: Floats = loss_B + 0.5 * problems.ridge_B * (1 + bent_B) * steepness_B
    return cost_B


def straight(problems: Problems, floors_B: Floats) -> Floats:
    """Parameters for given floors by one weighted ridge on logarithms, (B, 2 + F): where fits start from."""
    above_BN = np.maximum(problems.values_BN - floors_B[:, None], 1e-3)
    weights_BN = problems.counts_BN * above_BN**2
    logs_BN = np.log(above_BN)
    size = problems.features_NF.shape[1] + 1
    wide_NF = np.column_stack([np.ones(len(problems.features_NF)), problems.features_NF])
    normal_BQQ = unfolded(weights_BN @ products(wide_NF), size)
    right_BQ = (weights_BN * logs_BN) @ wide_NF
    ridge_B = np.maximum(problems.ridge_B, 1e-6) * np.square(above_BN.mean(axis=1))
    places = np.arange(size)
    normal_BQQ[:, places, places] += ridge_B[:, None]
    solved_BQ = np.linalg.solve(normal_BQQ, right_BQ[..., None])[..., 0]
    scale_B = np.exp(solved_BQ[:, 0])
    return kept(problems, np.column_stack([floors_B + scale_B, solved_BQ[:, 0], scale_B[:, None] * solved_BQ[:, 1:]]))


def bounds(problems: Problems, middle_B: Floats) -> tuple[Floats, Floats]:
    """Of bends, for floors inside theirs."""
    least_B, most_B = np.maximum(middle_B - problems.high_B, 1e-3), np.maximum(middle_B - problems.low_B, 1e-3)
    return np.log(least_B), np.log(most_B)


def kept(problems: Problems, parameters_BQ: Floats) -> Floats:
    """With bends inside their bounds."""
    least_B, most_B = bounds(problems, parameters_BQ[:, MIDDLE])
    parameters_BQ[:, BEND] = np.clip(parameters_BQ[:, BEND], least_B, most_B)
    return parameters_BQ


def products(features_NF: Floats) -> Floats:
    """Products of all pairs of features, each pair once, (N, T)."""
    first, second = np.triu_indices(features_NF.shape[1])
    found: Floats = features_NF[:, first] * features_NF[:, second]
    return found


def unfolded(pairs_BT: Floats, size: int) -> Floats:
    """Symmetric matrices of such pairs."""
    first, second = np.triu_indices(size)
    place_QQ = np.empty((size, size), np.intp)
    place_QQ[first, second] = place_QQ[second, first] = np.arange(len(first))
    return pairs_BT[:, place_QQ]
