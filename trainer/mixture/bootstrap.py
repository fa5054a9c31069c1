"""A law fitted again and again to what might have been measured: the wild bootstrap.

Every resample has the runs there are, with the fitted law's values and the residual of each run with a random sign (Liu
1988, Rademacher's weights): one sign for all targets of a run, which keeps what they have in common, and a residual of
its own, because noise differs between mixtures (25-fold between proportional and code alone, by repeats). Drawing runs
with replacement instead loses corners of a designed swarm, and parameters with them.

A fit pulls its curve towards each run, so residuals are too small, most so in the corners of a design. For least
squares the expected product of a residual and the same run's residual from a fit without it is the variance of its
noise, exactly: its root is what stands in for the noise here, as in the HC2 estimator (MacKinnon and White 1985).
"""

from collections.abc import Sequence

import numpy as np

from trainer.mixture.arrays import Floats
from trainer.mixture.predictors.predictor import Fitted

SIGNS = 11
FOLDS = 12
"""Purposes of seeds beside the experiment's."""
LEFT_OUT = 16
"""Fits without a part of the runs, of which residuals are made."""


def resampled(fitted: Fitted, weights_NPK: Floats, values_NM: Floats, resamples: int, seed: int) -> Sequence[Fitted]:
    """`fitted`, which is of these runs, fitted to `resamples` other outcomes of them; deterministic."""
    signs_RN = _generator(seed, SIGNS).choice([-1.0, 1.0], (resamples, len(values_NM)))
    noise_NM = noise_of(fitted, weights_NPK, values_NM, seed)
    return fitted.refit(fitted.predict(weights_NPK) + signs_RN[:, :, None] * noise_NM)


def noise_of(fitted: Fitted, weights_NPK: Floats, values_NM: Floats, seed: int) -> Floats:
    """What stands in for the noise of every run, with the sign of its residual, (N, M)."""
    inside_NM = values_NM - fitted.predict(weights_NPK)
    folds = min(LEFT_OUT, len(values_NM))
    fold_N = _generator(seed, FOLDS).permutation(np.arange(len(values_NM)) % folds)
    counts_RN = (fold_N != np.arange(folds)[:, None]).astype(np.float64)
    without = fitted.refit(np.broadcast_to(values_NM, (folds, *values_NM.shape)), counts_RN)
    outside_NM = np.empty_like(values_NM)
    for fold, one in enumerate(without):
        rows = fold_N == fold
        outside_NM[rows] = values_NM[rows] - one.predict(weights_NPK[rows])
    found: Floats = np.sign(inside_NM) * np.sqrt(np.maximum(inside_NM * outside_NM, 0))
    return found


def interval(values_RX: Floats, coverage: float) -> tuple[Floats, Floats]:
    """Lower and upper end of what lies in the middle: percentiles over resamples."""
    low_X, high_X = np.quantile(values_RX, [(1 - coverage) / 2, (1 + coverage) / 2], axis=0)
    return low_X, high_X


def _generator(seed: int, purpose: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence([seed, purpose]))
