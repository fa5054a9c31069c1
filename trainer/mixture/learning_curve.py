"""Would more runs help? The rank correlation out of fold that fewer of them come to."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from trainer.mixture.arrays import Floats
from trainer.mixture.cross_validation import Mixtures
from trainer.mixture.fit_file import Learning
from trainer.mixture.predictors.predictor import Fitted
from trainer.mixture.scores import spearman

POINTS = 5
LEAST = 6
"""Mixtures of the first point; a sixteenth of all where that is more."""
SPAN = 16
DRAWS = 4
SEED = 2
"""Purpose of a seed beside the experiment's."""

Scored = Callable[[Floats], Floats]
"""What is scored, of values_NM: targets, and what is made of them."""


def learning_curve(
    fitted: Fitted,
    values_NM: Floats,
    mixtures: Mixtures,
    folds: npt.NDArray[np.intp],
    names: tuple[str, ...],
    scored: Scored,
    seed: int,
    draws: int = DRAWS,
) -> tuple[Learning, ...]:
    """Spearman over all mixtures, of laws fitted to so many of them less those of the fold that is predicted.

    `fitted` is a law fitted to all runs, of values_NM; it is fitted again to fewer with the strengths and lengths that
    it has. The point of all mixtures is not among them: it is cross-validation itself.
    """
    count = len(mixtures.weights_NPK)
    rng = np.random.default_rng(np.random.SeedSequence([seed, SEED]))
    orders = [rng.permutation(count) for _ in range(draws)]
    observed_NM = scored(mixtures.values_NM)
    found: list[Learning] = []
    for size in curve_sizes(count)[:-1]:
        predicted = [_predicted(fitted, values_NM, mixtures, folds, order[:size]) for order in orders]
        correlations = np.array([_correlations(observed_NM, scored(one)) for one in predicted])
        for name, of_draws in zip(names, correlations.T, strict=True):
            deviation = float(of_draws.std(ddof=1)) if draws > 1 else 0.0
            found.append(Learning(size, name, float(of_draws.mean()), deviation))
    return tuple(found)


def curve_sizes(mixtures: int) -> list[int]:
    """Numbers of mixtures, evenly spaced on a logarithmic scale; the last is all of them."""
    least = min(mixtures, max(LEAST, mixtures // SPAN))
    return sorted({round(size) for size in np.geomspace(least, mixtures, POINTS)})


def _predicted(
    fitted: Fitted, values_NM: Floats, mixtures: Mixtures, folds: npt.NDArray[np.intp], chosen: npt.NDArray[np.intp]
) -> Floats:
    """values_NM of all mixtures, each from those that are chosen and in another fold."""
    every = np.arange(int(folds.max()) + 1)
    is_chosen = np.isin(np.arange(len(folds)), chosen)
    counts_RN = (is_chosen & (folds != every[:, None]))[:, mixtures.of_run].astype(np.float64)
    laws = fitted.refit(np.broadcast_to(values_NM, (len(every), *values_NM.shape)), counts_RN)
    found = np.empty_like(mixtures.values_NM)
    for fold, law in zip(every, laws, strict=True):
        found[folds == fold] = law.predict(mixtures.weights_NPK[folds == fold])
    return found


def _correlations(observed_NM: Floats, predicted_NM: Floats) -> list[float]:
    """By column; 0 where one of both does not vary: such a law ranks nothing."""
    pairs = zip(observed_NM.T, predicted_NM.T, strict=True)
    return [spearman(observed_N, predicted_N) or 0.0 for observed_N, predicted_N in pairs]
