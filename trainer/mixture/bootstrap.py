"""A law fitted again and again to what might have been measured: a residual bootstrap.

Every resample has the runs there are, with the fitted law's values and noise of another run: its errors in all targets
together, which keeps what they have in common, with a random sign. Drawing runs themselves with replacement instead
loses corners of a designed swarm, and parameters with them.

How large that noise is: its level is that of errors at runs that a law was not fitted to. Residuals are too small,
because a fit pulls its curve towards each run, and these errors hold what the law cannot say, too. Noise differs
between mixtures (25-fold between proportional and code alone, by repeats), but one residual is little to go by: it is
in part each run's own, in part one for all. For least squares the expected product of a run's residual and of its error
without it is the variance of its noise, exactly.

Laws are resampled, too: of a mean of several every resample has some, drawn with replacement, which are fitted to what
these say. Noise alone leaves out that no law is the true one: of a power law, which none of ours is, 80 % intervals of
the mean held the best weights in 29 % of cases and ties the optimum in 60 %; with laws drawn in 75 % and 100 %.
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

DRAWN = 2
"""Laws in a resample of their mean. With one, intervals are too wide (they hold 95 % where a law is right), with as
many as there are too narrow (50 % where none is): laws have errors in common."""


def resampled(fitted: Fitted, weights_NPK: Floats, values_NM: Floats, resamples: int, seed: int) -> Sequence[Fitted]:
    """`fitted`, which is of these runs, fitted to `resamples` other outcomes of them; deterministic."""
    rng = _generator(seed, NOISE)
    scale_NM, standard_NM = noise_of(fitted, weights_NPK, values_NM, seed)
    rows_RN = rng.integers(0, len(values_NM), (resamples, len(values_NM)))
    signs_RN = rng.choice([-1.0, 1.0], rows_RN.shape)
    noise_RNM = signs_RN[:, :, None] * standard_NM[rows_RN] * scale_NM
    if isinstance(fitted, MeanFit) and len(fitted.members) > 1:
        return _of_drawn_laws(fitted, weights_NPK, noise_RNM, rng)
    return fitted.refit(fitted.predict(weights_NPK) + noise_RNM)


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


def _of_drawn_laws(
    fitted: MeanFit, weights_NPK: Floats, noise_RNM: Floats, rng: np.random.Generator
) -> Sequence[Fitted]:
    """Each resample by laws of its own, to what their mean says, and noise."""
    members = fitted.members
    drawn_RD = rng.integers(0, len(members), (len(noise_RNM), DRAWN))
    said_LNM = np.array([one.predict(weights_NPK) for one in members])
    values_RNM = said_LNM[drawn_RD].mean(axis=1) + noise_RNM
    refitted = []
    for law, member in enumerate(members):
        rows = np.flatnonzero((drawn_RD == law).any(axis=1))
        refitted.append(dict(zip(rows.tolist(), member.refit(values_RNM[rows]) if len(rows) else (), strict=True)))
    return [MeanFit(tuple(refitted[law][row] for law in laws)) for row, laws in enumerate(drawn_RD.tolist())]


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
