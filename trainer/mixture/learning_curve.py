"""Would more runs help? The rank correlation out of fold that fewer of them come to."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from trainer.mixture.arrays import Floats
from trainer.mixture.cross_validation import Mixtures, subsets
from trainer.mixture.fit_file import Learning
from trainer.mixture.predictors.predictor import Predictor
from trainer.mixture.scores import spearman

POINTS = 5
LEAST = 6
"""Mixtures of the first point; a sixteenth of all where that is more."""
SPAN = 16
DRAWS = 4

Scored = Callable[[Floats], Floats]
"""What is scored, of values_NM: targets, and what is made of them."""


def learning_curve(
    predictor: Predictor,
    mixtures: Mixtures,
    folds: npt.NDArray[np.intp],
    names: tuple[str, ...],
    scored: Scored,
    seed: int,
    draws: int = DRAWS,
) -> tuple[Learning, ...]:
    """Spearman over all mixtures, of laws fitted to so many of them less those of the fold that is predicted.

    The point of all mixtures is not among them: it is cross-validation itself.
    """
    sizes = curve_sizes(len(mixtures.weights_NPK))[:-1]
    observed_NM = scored(mixtures.values_NM)
    found = []
    for place, size in enumerate(sizes):
        correlations = [
            _correlations(observed_NM, scored(_predicted(predictor, mixtures, folds, chosen[place])))
            for chosen in subsets(len(mixtures.weights_NPK), sizes, draws, seed)
        ]
        for name, of_draws in zip(names, np.array(correlations).T, strict=True):
            deviation = float(of_draws.std(ddof=1)) if draws > 1 else 0.0
            found.append(Learning(size, name, float(of_draws.mean()), deviation))
    return tuple(found)


def curve_sizes(mixtures: int) -> list[int]:
    """Numbers of mixtures, evenly spaced on a logarithmic scale; the last is all of them."""
    least = min(mixtures, max(LEAST, mixtures // SPAN))
    return sorted({round(size) for size in np.geomspace(least, mixtures, POINTS)})


def _predicted(
    predictor: Predictor, mixtures: Mixtures, folds: npt.NDArray[np.intp], chosen: npt.NDArray[np.intp]
) -> Floats:
    """values_NM of all mixtures, each from those that are chosen and in another fold."""
    found = np.empty_like(mixtures.values_NM)
    for fold in range(int(folds.max()) + 1):
        train = np.sort(chosen[folds[chosen] != fold])
        fitted = predictor.fit(mixtures.weights_NPK[train], mixtures.values_NM[train])
        found[folds == fold] = fitted.predict(mixtures.weights_NPK[folds == fold])
    return found


def _correlations(observed_NM: Floats, predicted_NM: Floats) -> list[float]:
    """By column; 0 where one of both does not vary: such a law ranks nothing."""
    pairs = zip(observed_NM.T, predicted_NM.T, strict=True)
    return [spearman(observed_N, predicted_N) or 0.0 for observed_N, predicted_N in pairs]
