"""Steps to the least of many exponential curves at once.

All problems share the features of their runs, so the normal equations of all of them are one matrix product: hundreds
of resamples of a dozen targets take seconds. Levenberg-Marquardt steps on Huber's loss by reweighting (Huber 1964;
weights min(1, delta / |residual|)), each problem with a damping of its own, floors kept inside their bounds.
"""

import numpy as np

from trainer.mixture.arrays import Floats
from trainer.mixture.predictors.exponentials import (
    BEND,
    EXPONENT,
    MIDDLE,
    SLOPES,
    Problems,
    bounds,
    costs,
    kept,
    products,
    unfolded,
)


def solve(problems: Problems, start_BQ: Floats, steps: int = 100, tolerance: float = 1e-9) -> Floats:
    """Parameters (B, 2 + F) no worse than those of the start.

    A problem is done when a step lowers its cost by less than `tolerance` of it, or none lowers it.
    """
    found_BQ = start_BQ.copy()
    open_B = np.arange(len(start_BQ))
    products_NT = products(problems.features_NF)
    now, at_BQ = problems, start_BQ.copy()
    damping_B = np.full(len(at_BQ), 1e-3)
    cost_B = costs(now, at_BQ)
    for _ in range(steps):
        next_BQ = kept(now, at_BQ + _step(now, at_BQ, damping_B, products_NT))
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
    hessian_BQQ[:, SLOPES, SLOPES] = unfolded((curved_BN * curve_BN) @ products_NT, features_NF.shape[1])
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
    least_B, most_B = bounds(problems, at_BQ[:, MIDDLE])
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
