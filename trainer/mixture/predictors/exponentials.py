"""Many exponential curves fitted at once: middle + scale (exp(features @ slopes / scale) - 1), robustly, with a ridge.

That is floor + exp(level + ...) with floor = middle - scale, seen from where the runs are: middle and slopes are what
runs tell well, and the scale, which says how the curve bends (a straight line where it is large), is what they hardly
tell. Steps along floor and level would follow a narrow bent valley; here it is straight.

All problems share the features of their runs, so the normal equations of all of them are one matrix product: hundreds
of resamples of a dozen targets take seconds. Levenberg-Marquardt steps on Huber's loss by reweighting (Huber 1964;
weights min(1, delta / |residual|)), each problem with a damping of its own, floors kept inside their bounds.
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
    normal_BQQ = _unfolded(weights_BN @ _products(wide_NF), size)
    right_BQ = (weights_BN * logs_BN) @ wide_NF
    ridge_B = np.maximum(problems.ridge_B, 1e-6) * np.square(above_BN.mean(axis=1))
    places = np.arange(size)
    normal_BQQ[:, places, places] += ridge_B[:, None]
    solved_BQ = np.linalg.solve(normal_BQQ, right_BQ[..., None])[..., 0]
    scale_B = np.exp(solved_BQ[:, 0])
    return _kept(problems, np.column_stack([floors_B + scale_B, solved_BQ[:, 0], scale_B[:, None] * solved_BQ[:, 1:]]))


def solve(problems: Problems, start_BQ: Floats, steps: int = 100, tolerance: float = 1e-9) -> Floats:
    """Parameters (B, 2 + F) no worse than those of the start.

    A problem is done when a step lowers its cost by less than `tolerance` of it, or none lowers it.
    """
    found_BQ = start_BQ.copy()
    open_B = np.arange(len(start_BQ))
    products_NT = _products(problems.features_NF)
    now, at_BQ = problems, start_BQ.copy()
    damping_B = np.full(len(at_BQ), 1e-3)
    cost_B = costs(now, at_BQ)
    for _ in range(steps):
        next_BQ = _kept(now, at_BQ + _step(now, at_BQ, damping_B, products_NT))
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


def _bounds(problems: Problems, middle_B: Floats) -> tuple[Floats, Floats]:
    """Of bends, for floors inside theirs."""
    least_B, most_B = np.maximum(middle_B - problems.high_B, 1e-3), np.maximum(middle_B - problems.low_B, 1e-3)
    return np.log(least_B), np.log(most_B)


def _kept(problems: Problems, parameters_BQ: Floats) -> Floats:
    """With bends inside their bounds."""
    least_B, most_B = _bounds(problems, parameters_BQ[:, MIDDLE])
    parameters_BQ[:, BEND] = np.clip(parameters_BQ[:, BEND], least_B, most_B)
    return parameters_BQ


def _step(problems: Problems, at_BQ: Floats, damping_B: Floats, products_NT: Floats) -> Floats:
    """One damped Gauss-Newton step of every problem."""
    features_NF = problems.features_NF
    scale_B1 = np.exp(at_BQ[:, BEND, None])
    exponent_BN = np.minimum(at_BQ[:, SLOPES] @ features_NF.T / scale_B1, EXPONENT)
    curve_BN = np.exp(exponent_BN)
    rise_BN = scale_B1 * np.expm1(exponent_BN)
    bend_BN = rise_BN - scale_B1 * exponent_BN * curve_BN
    residuals_BN = at_BQ[:, MIDDLE, None] + rise_BN - problems.values_BN
    weights_BN = problems.counts_BN * np.minimum(1, problems.huber / np.maximum(np.abs(residuals_BN), 1e-300))
    pulled_BN, curved_BN, bent_BN = weights_BN * residuals_BN, weights_BN * curve_BN, weights_BN * bend_BN
    gradient_BQ = np.empty_like(at_BQ)
    gradient_BQ[:, MIDDLE] = pulled_BN.sum(axis=1)
    gradient_BQ[:, BEND] = np.einsum("bn,bn->b", pulled_BN, bend_BN)
    gradient_BQ[:, SLOPES] = (pulled_BN * curve_BN) @ features_NF
    hessian_BQQ = np.empty((*at_BQ.shape, at_BQ.shape[1]))
    hessian_BQQ[:, MIDDLE, MIDDLE] = weights_BN.sum(axis=1)
    hessian_BQQ[:, MIDDLE, BEND] = bent_BN.sum(axis=1)
    hessian_BQQ[:, BEND, BEND] = np.einsum("bn,bn->b", bent_BN, bend_BN)
    hessian_BQQ[:, MIDDLE, SLOPES] = curved_BN @ features_NF
    hessian_BQQ[:, BEND, SLOPES] = (bent_BN * curve_BN) @ features_NF
    hessian_BQQ[:, SLOPES, SLOPES] = _unfolded((curved_BN * curve_BN) @ products_NT, features_NF.shape[1])
    _add_ridge(problems, at_BQ, gradient_BQ, hessian_BQQ)
    hessian_BQQ[:, BEND, MIDDLE] = hessian_BQQ[:, MIDDLE, BEND]
    hessian_BQQ[:, SLOPES, MIDDLE] = hessian_BQQ[:, MIDDLE, SLOPES]
    hessian_BQQ[:, SLOPES, BEND] = hessian_BQQ[:, BEND, SLOPES]
    return _solved(problems, at_BQ, damping_B, gradient_BQ, hessian_BQQ)


def _add_ridge(problems: Problems, at_BQ: Floats, gradient_BQ: Floats, hessian_BQQ: Floats) -> None:
    """As squares of residuals slopes and slopes / scale; of the crossed places only those above the diagonal."""
    slopes_BF = at_BQ[:, SLOPES]
    bent_B = problems.ridge_B * np.exp(-2 * at_BQ[:, BEND])
    steepness_B = bent_B * np.square(slopes_BF).sum(axis=1)
    both_B1 = (problems.ridge_B + bent_B)[:, None]
    places = np.arange(at_BQ.shape[1])[SLOPES]
    gradient_BQ[:, BEND] -= steepness_B
    gradient_BQ[:, SLOPES] += both_B1 * slopes_BF
    hessian_BQQ[:, BEND, BEND] += steepness_B
    hessian_BQQ[:, BEND, SLOPES] -= bent_B[:, None] * slopes_BF
    hessian_BQQ[:, places, places] += both_B1


def _solved(problems: Problems, at_BQ: Floats, damping_B: Floats, gradient_BQ: Floats, hessian_BQQ: Floats) -> Floats:
    """The step; where a floor is pushed against its bound, the scale goes with the middle, and the floor stays."""
    least_B, most_B = _bounds(problems, at_BQ[:, MIDDLE])
    bend_B, push_B = at_BQ[:, BEND], gradient_BQ[:, BEND]
    held_B = ((bend_B >= most_B - 1e-12) & (push_B < 0)) | ((bend_B <= least_B + 1e-12) & (push_B > 0))
    along_B = np.where(held_B, np.exp(-bend_B), 0.0)
    gradient_BQ[:, MIDDLE] += along_B * gradient_BQ[:, BEND]
    hessian_BQQ[:, MIDDLE] += along_B[:, None] * hessian_BQQ[:, BEND]
    hessian_BQQ[:, :, MIDDLE] += along_B[:, None] * hessian_BQQ[:, :, BEND]
    gradient_BQ[held_B, BEND] = 0
    hessian_BQQ[held_B, BEND] = 0
    hessian_BQQ[held_B, :, BEND] = 0
    places = np.arange(at_BQ.shape[1])
    hessian_BQQ[:, places, places] *= 1 + damping_B[:, None]
    hessian_BQQ[:, places, places] += 1e-9
    step_BQ = np.empty_like(at_BQ)
    step_BQ[:] = -np.linalg.solve(hessian_BQQ, gradient_BQ[..., None])[..., 0]
    with_middle_B = np.log(np.maximum(1 + along_B * step_BQ[:, MIDDLE], 0.1))
    step_BQ[:, BEND] = np.where(held_B, with_middle_B, np.clip(step_BQ[:, BEND], -2, 2))
    return step_BQ


def _products(features_NF: Floats) -> Floats:
    """Products of all pairs of features, each pair once, (N, T)."""
    first, second = np.triu_indices(features_NF.shape[1])
    found: Floats = features_NF[:, first] * features_NF[:, second]
    return found


def _unfolded(pairs_BT: Floats, size: int) -> Floats:
    """Symmetric matrices of such pairs."""
    first, second = np.triu_indices(size)
    place_QQ = np.empty((size, size), np.intp)
    place_QQ[first, second] = place_QQ[second, first] = np.arange(len(first))
    return pairs_BT[:, place_QQ]
