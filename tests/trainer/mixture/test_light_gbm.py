"""Trees: the same as LightGBM by itself, and fitted to swarms that its defaults could not split."""

import sys

import lightgbm
import numpy as np
import pytest

from datapipe.output import RunError
from tests.trainer.mixture.laws import random_law, random_weights
from trainer.mixture.experiment import Fitting
from trainer.mixture.predictors.choosing import predictor_of

TREES = predictor_of("light_gbm", Fitting())


def test_with_many_runs_it_is_lightgbm_as_regmix_sets_it() -> None:
    weights_NPK = random_weights(256, 1, 3, 0)
    values_NM = random_law(1, 3, 1, 0).values(weights_NPK)
    settings = {"learning_rate": 0.01, "num_leaves": 31, "min_data_in_leaf": 20, "min_data_in_bin": 1, "verbosity": -1}
    scaled_N = (values_NM[:, 0] - values_NM.mean()) / values_NM.std()
    data = lightgbm.Dataset(weights_NPK[:, 0], scaled_N, params=settings)
    expected_N = lightgbm.train(settings | {"num_threads": 1}, data, 1000).predict(weights_NPK[:, 0])
    said_NM = TREES.fit(weights_NPK, values_NM).predict(weights_NPK)
    assert said_NM[:, 0] == pytest.approx(values_NM.mean() + values_NM.std() * expected_N, rel=1e-6)


def test_sixteen_runs_are_enough_to_split() -> None:
    weights_NPK = random_weights(16, 1, 2, 0)
    values_NM = weights_NPK[:, 0, :1]
    said_N = TREES.fit(weights_NPK, values_NM).predict(weights_NPK)[:, 0]
    assert np.corrcoef(said_N, values_NM[:, 0])[0, 1] > 0.9


def test_a_run_that_is_not_in_a_resample_says_nothing() -> None:
    weights_NPK = random_weights(16, 1, 2, 0)
    values_NM = weights_NPK[:, 0, :1].copy()
    law = TREES.fit(weights_NPK, values_NM)
    other_NM = values_NM.copy()
    other_NM[5] += 1000
    counts_RN = np.ones((2, 16))
    counts_RN[:, 5] = 0
    one, other = law.refit(np.stack([values_NM, other_NM]), counts_RN)
    assert np.array_equal(one.predict(weights_NPK), other.predict(weights_NPK))


def test_a_mean_with_trees_in_it_has_no_gradient() -> None:
    weights_NPK = random_weights(16, 1, 2, 0)
    mean = predictor_of("mean", Fitting(predictors=("square_root_ridge", "light_gbm")))
    assert not mean.smooth
    with pytest.raises(NotImplementedError, match="light_gbm"):
        mean.fit(weights_NPK, weights_NPK[:, 0, :1]).gradient(weights_NPK[0])


def test_without_the_library_the_message_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    with pytest.raises(RunError, match=r"pip install 'corpusmill\[lightgbm\]'"):
        TREES.fit(random_weights(4, 1, 2, 0), np.ones((4, 1)))


def test_a_mean_of_no_laws_is_refused() -> None:
    with pytest.raises(RunError, match="no law to take the mean of; there are log_linear, square_root_ridge"):
        predictor_of("mean", Fitting(predictors=("mean",)))


def test_runs_count_as_often_as_they_are_drawn() -> None:
    weights_NPK = np.repeat(random_weights(1, 1, 2, 0), 4, axis=0)
    values_NM = np.array([[0.0], [0.0], [1.0], [1.0]])
    (law,) = TREES.fit(weights_NPK, values_NM).refit(values_NM[None], np.array([[3.0, 3.0, 1.0, 1.0]]))
    assert law.predict(weights_NPK)[:, 0] == pytest.approx(0.25)
