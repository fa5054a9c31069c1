"""Cross-validation: nothing is predicted by a law that has seen it, nor a repeat of it."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trainer.mixture.laws import random_weights
from trainer.mixture.cross_validation import cross_validate, folds_of, mean_of, mixtures_of
from trainer.mixture.experiment import Fitting
from trainer.mixture.learning_curve import curve_sizes, learning_curve
from trainer.mixture.predictors.choosing import predictor_of


@dataclass
class Memory:
    """A law that knows what it has seen, and says 0 of everything else."""

    name: ClassVar[str] = "memory"
    smooth: ClassVar[bool] = False
    seen: dict = field(default_factory=dict)
    sizes: list = field(default_factory=list)

    def fit(self, weights_NPK, values_NM):
        self.sizes.append(len(weights_NPK))
        return Memory({one.tobytes(): values_M for one, values_M in zip(weights_NPK, values_NM, strict=True)})

    def predict(self, weights_NPK):
        return np.array([self.seen.get(one.tobytes(), np.zeros(1)) for one in weights_NPK])


def repeated_weights() -> np.ndarray:
    """Ten mixtures; the first three times, the fifth twice."""
    return random_weights(10, 1, 3, seed=1)[[0, 1, 0, 2, 3, 4, 4, 5, 0, 6, 7, 8, 9]]


def test_repeats_of_a_mixture_are_one_with_their_mean() -> None:
    weights_NPK = repeated_weights()
    values_NM = np.arange(13.0)[:, None]
    mixtures = mixtures_of(weights_NPK, values_NM)
    assert len(mixtures.weights_NPK) == 10
    assert mixtures.of_run.tolist() == [0, 1, 0, 2, 3, 4, 4, 5, 0, 6, 7, 8, 9]
    assert mixtures.values_NM[[0, 4], 0].tolist() == [(0 + 2 + 8) / 3, 5.5]


@pytest.mark.parametrize("folds", [2, 3, 8, 50])
def test_no_mixture_is_predicted_by_a_law_that_has_seen_it(folds: int) -> None:
    weights_NPK = repeated_weights()
    values_NM = np.ones((13, 1))
    mixtures = mixtures_of(weights_NPK, values_NM)
    found = cross_validate(Memory(), weights_NPK, values_NM, mixtures, folds_of(10, folds, seed=3))
    assert found.values_NM.tolist() == [[0.0]] * 10
    assert len(found.fits) == min(folds, 10)


def test_every_mixture_that_is_not_in_the_fold_is_seen_with_its_repeats() -> None:
    weights_NPK = repeated_weights()
    values_NM = np.ones((13, 1))
    law = Memory()
    folds = folds_of(10, 5, seed=3)
    cross_validate(law, weights_NPK, values_NM, mixtures_of(weights_NPK, values_NM), folds)
    assert sum(13 - size for size in law.sizes) == 13


@given(st.integers(2, 200), st.integers(2, 12), st.integers(0, 2**61))
def test_folds_are_of_one_size_and_always_the_same(mixtures: int, folds: int, seed: int) -> None:
    dealt = folds_of(mixtures, folds, seed)
    sizes = np.bincount(dealt)
    assert len(sizes) == min(folds, mixtures)
    assert np.ptp(sizes) <= 1
    assert dealt.tolist() == folds_of(mixtures, folds, seed).tolist()


def test_one_mixture_cannot_be_cross_validated() -> None:
    with pytest.raises(ValueError, match="both sides"):
        folds_of(1, 8, 0)


def test_the_mean_of_fits_is_the_fit_of_the_mean() -> None:
    """Members are fitted once: what is said of their mean must be what the mean law would have come to."""
    weights_NPK = random_weights(12, 1, 3, seed=5)
    values_NM = np.exp(-weights_NPK[:, 0, :2])
    fitting = Fitting(predictors=("log_linear", "square_root_ridge"))
    mixtures, folds = mixtures_of(weights_NPK, values_NM), folds_of(12, 4, seed=3)
    members = {
        name: cross_validate(predictor_of(name, fitting), weights_NPK, values_NM, mixtures, folds)
        for name in fitting.predictors
    }
    alone = cross_validate(predictor_of("mean", fitting), weights_NPK, values_NM, mixtures, folds)
    assert mean_of(members).values_NM == pytest.approx(alone.values_NM)
    some = mixtures.weights_NPK[:2]
    assert mean_of(members).fits[1].predict(some) == pytest.approx(alone.fits[1].predict(some))


def test_sizes_of_a_learning_curve_end_with_all_mixtures() -> None:
    assert curve_sizes(512) == [32, 64, 128, 256, 512]
    assert curve_sizes(22) == [6, 8, 11, 16, 22]
    assert curve_sizes(6) == [6]
    assert curve_sizes(3) == [3]


@dataclass
class Counting:
    """A fitted law that says 0 of everything, and keeps what it is fitted to again."""

    counts: list = field(default_factory=list)

    def predict(self, weights_NPK):
        return np.zeros((len(weights_NPK), 1))

    def refit(self, values_RNM, counts_RN):
        self.counts.append(counts_RN)
        return [self] * len(counts_RN)


def test_a_learning_curve_sees_no_more_than_it_says_and_nothing_of_what_it_predicts() -> None:
    weights_NPK = random_weights(24, 1, 3, seed=7)
    values_NM = weights_NPK[:, 0, :1]
    mixtures, law, folds = mixtures_of(weights_NPK, values_NM), Counting(), folds_of(24, 4, 3)
    curve = learning_curve(law, values_NM, mixtures, folds, ("t0",), lambda values: values, seed=3, draws=2)
    sizes = [one.runs for one in curve]
    assert sizes == curve_sizes(24)[:-1]
    for size, of_draw in zip(np.repeat(sizes, 2), law.counts, strict=True):
        assert of_draw.shape == (4, 24)
        assert (of_draw > 0).any(axis=0).sum() == size
        assert not any(of_draw[fold, folds == fold].any() for fold in range(4))
    assert [one.spearman for one in curve] == [0.0] * len(sizes)
