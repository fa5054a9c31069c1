"""Many exponential curves fitted at once: floor + exp(level + features @ slopes), robustly, with a ridge.

All problems share the features of their runs, so the normal equations of all of them are one matrix product: hundreds
of resamples of a dozen targets take seconds. Levenberg-Marquardt steps on Huber's loss by reweighting (Huber 1964;
weights min(1, delta / |residual|)), each problem with a damping of its own, floors kept inside their bounds.
"""

from dataclasses import dataclass, replace

import numpy as np

from trainer.mixture.arrays import Bools, Floats

EXPONENT = 30.0
"""Exponents are cut off here while a fit looks around."""
FLOOR, LEVEL, SLOPES = 0, 1, slice(2, None)
"""Places of parameters."""


@dataclass(frozen=True)
class Problems:
    """B fits over N runs with F features: least sum of counts x Huber(residual) + ridge.

    The ridge is ridge / 2 x |slopes|^2 (1 + exp(2 level)): on slopes, which keeps curves from bending where runs are
    few, and on slopes times height, which is what weights do to values: without it a high curve over a low floor could
    do anything at no cost.
    """

    features_NF: Floats
    values_BN: Floats
    counts_BN: Floats
    """How often each run counts; 0: not at all."""
    ridge_B: Floats
    low_B: Floats
    high_B: Floats
    """Bounds of the floor."""
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


def curves(features_NF: Floats, parameters_BQ: Floats) -> Floats:
    """exp(level + features @ slopes), (B, N)."""
    exponent_BN = parameters_BQ[:, SLOPES] @ features_NF.T + parameters_BQ[:, LEVEL, None]
    found: Floats = np.exp(np.minimum(exponent_BN, EXPONENT))
    return found


def costs(problems: Problems, parameters_BQ: Floats) -> Floats:
    """What is to be least, (B,)."""
    curves_BN = curves(problems.features_NF, parameters_BQ)
    return _costs(problems, parameters_BQ, parameters_BQ[:, FLOOR, None] + curves_BN - problems.values_BN)


def solve(problems: Problems, start_BQ: Floats, steps: int = 100, tolerance: float = 1e-9) -> Floats:
    """Parameters (B, 2 + F) no worse than those of the start: floor, level, slopes.

    A problem is done when a step lowers its cost by less than `tolerance` of it.
    """
    found_BQ = start_BQ.copy()
    open_B = np.arange(len(start_BQ))
    products_NT = _products(problems.features_NF)
    now, at_BQ = problems, start_BQ.copy()
    damping_B = np.full(len(at_BQ), 1e-3)
    cost_B = costs(now, at_BQ)
    for _ in range(steps):
        next_BQ = at_BQ + _step(now, at_BQ, damping_B, products_NT)
        next_BQ[:, FLOOR] = np.clip(next_BQ[:, FLOOR], now.low_B, now.high_B)
        next_B = costs(now, next_BQ)
        better_B = next_B < cost_B
        done_B = (better_B & (cost_B - next_B <= tolerance * cost_B)) | (~better_B & (damping_B > 1e6))
        at_BQ = np.where(better_B[:, None], next_BQ, at_BQ)
        cost_B = np.where(better_B, next_B, cost_B)
        damping_B = np.where(better_B, np.maximum(damping_B / 5, 1e-9), damping_B * 10)
        found_BQ[open_B] = at_BQ
        if done_B.any():
            left_B = ~done_B
            now, at_BQ, open_B = now.some(left_B), at_BQ[left_B], open_B[left_B]
            cost_B, damping_B = cost_B[left_B], damping_B[left_B]
        if not len(open_B):
            break
    return found_BQ


def straight(problems: Problems, floors_B: Floats) -> Floats:
    """Parameters of given floors by one weighted ridge on logarithms: where fits start from."""
    above_BN = np.maximum(problems.values_BN - floors_B[:, None], 1e-3)
    weights_BN = problems.counts_BN * above_BN**2
    normal_BQQ, right_BQ = _normal(problems.features_NF, weights_BN, np.log(above_BN))
    ridge_B = np.maximum(problems.ridge_B, 1e-6) * np.square(above_BN.mean(axis=1))
    places = np.arange(1, normal_BQQ.shape[1])
    normal_BQQ[:, places, places] += ridge_B[:, None]
    solved_BQ = np.linalg.solve(normal_BQQ, right_BQ[..., None])[..., 0]
    return np.concatenate([floors_B[:, None], solved_BQ], axis=1)


def huber_loss(residuals: Floats, delta: float) -> Floats:
    """Half the square, but linear beyond delta."""
    size = np.abs(residuals)
    inside = np.minimum(size, delta)
    found: Floats = inside * (size - 0.5 * inside)
    return found


def _costs(problems: Problems, parameters_BQ: Floats, residuals_BN: Floats) -> Floats:
    loss_B = np.einsum("bn,bn->b", problems.counts_BN, huber_loss(residuals_BN, problems.huber))
    steepness_B = np.square(parameters_BQ[:, SLOPES]).sum(axis=1)
    cost_B: Floats = loss_B + 0.5 * problems.ridge_B * (1 + _squared_scale(parameters_BQ)) * steepness_B
    return cost_B


def _squared_scale(parameters_BQ: Floats) -> Floats:
    """exp(level) squared: the curve's height above the floor at the mean mixture."""
    found: Floats = np.exp(2 * np.minimum(parameters_BQ[:, LEVEL], EXPONENT))
    return found


def _step(problems: Problems, at_BQ: Floats, damping_B: Floats, products_NT: Floats) -> Floats:
    """One damped Gauss-Newton step of every problem."""
    features_NF = problems.features_NF
    curves_BN = curves(features_NF, at_BQ)
    residuals_BN = at_BQ[:, FLOOR, None] + curves_BN - problems.values_BN
    weights_BN = problems.counts_BN * np.minimum(1, problems.huber / np.maximum(np.abs(residuals_BN), 1e-300))
    sloped_BN = weights_BN * curves_BN
    pulled_BN = weights_BN * residuals_BN
    gradient_BQ = np.column_stack([pulled_BN.sum(axis=1), *_moments(features_NF, pulled_BN * curves_BN)])
    count = at_BQ.shape[1]
    hessian_BQQ = np.empty((len(at_BQ), count, count))
    hessian_BQQ[:, 0, 0] = weights_BN.sum(axis=1)
    hessian_BQQ[:, 0, 1:] = hessian_BQQ[:, 1:, 0] = np.column_stack([*_moments(features_NF, sloped_BN)])
    hessian_BQQ[:, 1:, 1:] = _unfolded(sloped_BN * curves_BN @ products_NT, count - 1)
    _add_ridge(problems, at_BQ, gradient_BQ, hessian_BQQ)
    places = np.arange(count)
    hessian_BQQ[:, places, places] *= 1 + damping_B[:, None]
    hessian_BQQ[:, places, places] += 1e-9
    _hold_floors(problems, at_BQ, gradient_BQ, hessian_BQQ)
    step_BQ: Floats = -np.linalg.solve(hessian_BQQ, gradient_BQ[..., None])[..., 0]
    return step_BQ


def _add_ridge(problems: Problems, at_BQ: Floats, gradient_BQ: Floats, hessian_BQQ: Floats) -> None:
    """ridge / 2 x (|slopes|^2 + |exp(level) slopes|^2), as residuals whose squares these are."""
    slopes_BF = at_BQ[:, SLOPES]
    height_B = problems.ridge_B * _squared_scale(at_BQ)
    steepness_B = height_B * np.square(slopes_BF).sum(axis=1)
    crossed_BF = height_B[:, None] * slopes_BF
    places = np.arange(hessian_BQQ.shape[1])[SLOPES]
    gradient_BQ[:, LEVEL] += steepness_B
    gradient_BQ[:, SLOPES] += problems.ridge_B[:, None] * slopes_BF + crossed_BF
    hessian_BQQ[:, LEVEL, LEVEL] += steepness_B
    hessian_BQQ[:, LEVEL, SLOPES] += crossed_BF
    hessian_BQQ[:, SLOPES, LEVEL] += crossed_BF
    hessian_BQQ[:, places, places] += (problems.ridge_B + height_B)[:, None]


def _hold_floors(problems: Problems, at_BQ: Floats, gradient_BQ: Floats, hessian_BQQ: Floats) -> None:
    """A floor that stands at a bound and is pushed against it does not move, so that the others move rightly."""
    pull_B = gradient_BQ[:, FLOOR]
    floor_B = at_BQ[:, FLOOR]
    held_B = ((floor_B <= problems.low_B) & (pull_B > 0)) | ((floor_B >= problems.high_B) & (pull_B < 0))
    gradient_BQ[held_B, FLOOR] = 0
    hessian_BQQ[held_B, FLOOR, 1:] = 0
    hessian_BQQ[held_B, 1:, FLOOR] = 0


def _moments(features_NF: Floats, weights_BN: Floats) -> tuple[Floats, Floats]:
    return weights_BN.sum(axis=1), weights_BN @ features_NF


def _products(features_NF: Floats) -> Floats:
    """Products of all pairs of (1, features), each pair once, (N, T)."""
    wide = np.column_stack([np.ones(len(features_NF)), features_NF])
    first, second = np.triu_indices(wide.shape[1])
    found: Floats = wide[:, first] * wide[:, second]
    return found


def _unfolded(pairs_BT: Floats, size: int) -> Floats:
    """Symmetric matrices of such pairs."""
    first, second = np.triu_indices(size)
    place_QQ = np.empty((size, size), np.intp)
    place_QQ[first, second] = place_QQ[second, first] = np.arange(len(first))
    return pairs_BT[:, place_QQ]


def _normal(features_NF: Floats, weights_BN: Floats, values_BN: Floats) -> tuple[Floats, Floats]:
    """Normal equations of weighted least squares on (1, features)."""
    size = features_NF.shape[1] + 1
    normal_BQQ = _unfolded(weights_BN @ _products(features_NF), size)
    return normal_BQQ, np.column_stack([*_moments(features_NF, weights_BN * values_BN)])
