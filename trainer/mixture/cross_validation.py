"""What laws say of runs that they have not seen: repeats of one mixture are on the same side, always."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trainer.mixture.arrays import Floats
from trainer.mixture.predictors.mean import MeanFit
from trainer.mixture.predictors.mixtures import mixtures_of as distinct_mixtures
from trainer.mixture.predictors.predictor import Fitted, Predictor

SEED = 1
"""Purpose of a seed beside the experiment's."""


@dataclass(frozen=True)
class Mixtures:
    """Runs, with repeats of one mixture as one: what scores are taken over."""

    weights_NPK: Floats
    values_NM: Floats
    """Mean of the repeats."""
    of_run: npt.NDArray[np.intp]
    """The mixture of every run."""


@dataclass(frozen=True)
class CrossValidation:
    """One law, fitted once without each fold."""

    values_NM: Floats
    """What is said of each mixture by the law that has not seen it."""
    fits: tuple[Fitted, ...]
    """By fold."""


def mixtures_of(weights_NPK: Floats, values_NM: Floats) -> Mixtures:
    """Distinct mixtures, in the order in which they first stand there."""
    found = distinct_mixtures(weights_NPK)
    weights_UPK = found.flat_UF.reshape(-1, *weights_NPK.shape[1:])
    return Mixtures(weights_UPK, found.means(values_NM)[1], found.place_N)


def folds_of(mixtures: int, folds: int, seed: int) -> npt.NDArray[np.intp]:
    """The fold of every mixture, (mixtures,): sizes differ by one at most; one each where there are fewer mixtures."""
    if mixtures < 2:
        raise ValueError("one mixture cannot be on both sides")
    rng = np.random.default_rng(np.random.SeedSequence([seed, SEED]))
    dealt = np.arange(mixtures) % min(folds, mixtures)
    rng.shuffle(dealt)
    return dealt


def cross_validate(
    predictor: Predictor, weights_NPK: Floats, values_NM: Floats, mixtures: Mixtures, folds: npt.NDArray[np.intp]
) -> CrossValidation:
    """A law fitted to the runs (N is theirs) of all folds but one, for each in turn."""
    out_NM = np.empty_like(mixtures.values_NM)
    fits = []
    for fold in range(int(folds.max()) + 1):
        runs = folds[mixtures.of_run] != fold
        fitted = predictor.fit(weights_NPK[runs], values_NM[runs])
        out_NM[folds == fold] = fitted.predict(mixtures.weights_NPK[folds == fold])
        fits.append(fitted)
    return CrossValidation(out_NM, tuple(fits))


def mean_of(members: Mapping[str, CrossValidation]) -> CrossValidation:
    """The mean law, of fits that are there already: what its own cross-validation comes to, without fitting again."""
    all_of = tuple(members.values())
    values_NM: Floats = np.mean([one.values_NM for one in all_of], axis=0)
    return CrossValidation(values_NM, tuple(MeanFit(fits) for fits in zip(*(one.fits for one in all_of), strict=True)))
