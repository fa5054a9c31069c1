"""A law fitted again and again to what might have been measured: a residual bootstrap.

Every resample has the runs there are, with the fitted law's values and noise of another run: its errors in all targets
together, which keeps what they have in common, with a random sign. Drawing runs themselves with replacement instead
loses corners of a designed swarm, and parameters with them.

How large that noise is: its level is that of errors at runs that a law was not fitted to. Residuals are too small,
because a fit pulls its curve towards each run, and these errors hold what the law cannot say, too. Noise differs
between mixtures (25-fold between proportional and code alone, by repeats), but one residual is little to go by: it is
in part each run's own, in part one for all. For least squares the expected product of a run's residual and of its error
without it is the variance of its noise, exactly.

Noise is not all that is uncertain: laws that fit alike have optima of their own, and none is the true one. So resamples
of a mean are those of its members, as many of each, every one from its own curve and with its own errors: percentiles
are those of an equal mixture of what laws say (a linear opinion pool: Stone 1961, Annals of Mathematical Statistics
32:1339). What all of them get wrong alike is in none.
"""

from collections.abc import Sequence

import numpy as np

from trainer.mixture.arrays import Floats
from trainer.mixture.predictors.mean import MeanFit
from trainer.mixture.predictors.predictor import Fitted

NOISE = 11
FOLDS = 12
"""Purposes of seeds beside the experiment's."""
LEFT_OUT = 16
"""Fits without a part of the runs, of which errors are made."""
OWN = 0.25
"""What a run's own residual counts in the variance of its noise; all runs together count the rest. So intervals of
synthetic swarms hold the optimum as often as they say; with 1 less often, because single runs in corners decide."""


def resampled(fitted: Fitted, weights_NPK: Floats, values_NM: Floats, resamples: int, seed: int) -> Sequence[Fitted]:
    """`fitted`, which is of these runs, fitted to `resamples` other outcomes of them; deterministic.

    Of a mean, its members: as many of each, up to one.
    """
    rng = _generator(seed, NOISE)
    members = fitted.members if isinstance(fitted, MeanFit) else (fitted,)
    counts = [len(range(place, resamples, len(members))) for place in range(len(members))]
    again: list[Fitted] = []
    for member, count in zip(members, counts, strict=True):
        scale_NM, standard_NM = noise_of(member, weights_NPK, values_NM, seed)
        rows_RN = rng.integers(0, len(values_NM), (count, len(values_NM)))
        signs_RN = rng.choice([-1.0, 1.0], rows_RN.shape)
        noise_RNM = signs_RN[:, :, None] * standard_NM[rows_RN] * scale_NM
        again += member.refit(member.predict(weights_NPK) + noise_RNM) if count else ()
    return again


def noise_of(fitted: Fitted, weights_NPK: Floats, values_NM: Floats, seed: int) -> tuple[Floats, Floats]:
    """Standard deviation of the noise of every run, and the noise it had in units of that, both (N, M)."""
    inside_NM = values_NM - fitted.predict(weights_NPK)
    outside_NM = errors_without(fitted, weights_NPK, values_NM, seed)
    own_NM = np.maximum(inside_NM * outside_NM, 0)
    own_NM = np.where(own_NM.mean(axis=0) > 0, own_NM, np.square(outside_NM))  # a law that goes through every run
    mean_M = own_NM.mean(axis=0)
    mean_M = np.where(mean_M > 0, mean_M, 1.0)
    spread_NM = np.sqrt(1 - OWN + OWN * own_NM / mean_M)
    standard_NM = np.sign(outside_NM) * np.sqrt(own_NM / mean_M) / spread_NM
    size_M = np.sqrt(np.square(standard_NM).mean(axis=0))
    level_M = np.sqrt(np.square(outside_NM).mean(axis=0))
    return level_M * spread_NM, standard_NM / np.where(size_M > 0, size_M, 1.0)


def interval(values_RX: Floats, coverage: float) -> tuple[Floats, Floats]:
    """Lower and upper end of what lies in the middle over resamples: of few, as far out as one more lies on average."""
    low_X, high_X = np.quantile(values_RX, [(1 - coverage) / 2, (1 + coverage) / 2], axis=0, method="weibull")
    return low_X, high_X


def errors_without(fitted: Fitted, weights_NPK: Floats, values_NM: Floats, seed: int) -> Floats:
    """Of every run, by a law fitted to all runs but its part, (N, M)."""
    parts = min(LEFT_OUT, len(values_NM))
    part_N = _generator(seed, FOLDS).permutation(np.arange(len(values_NM)) % parts)
    counts_RN = (part_N != np.arange(parts)[:, None]).astype(np.float64)
    without = fitted.refit(np.broadcast_to(values_NM, (parts, *values_NM.shape)), counts_RN)
    found_NM = np.empty_like(values_NM)
    for part, one in enumerate(without):
        rows = part_N == part
        found_NM[rows] = values_NM[rows] - one.predict(weights_NPK[rows])
    return found_NM


def _generator(seed: int, purpose: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence([seed, purpose]))
