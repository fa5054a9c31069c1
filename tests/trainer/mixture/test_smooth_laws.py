"""What every smooth law promises: gradients, equal treatment of components, resamples, few runs, constant targets."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trainer.mixture.laws import random_law, random_weights
from trainer.mixture.arrays import Floats
from trainer.mixture.experiment import Fitting
from trainer.mixture.predictors.choosing import predictor_of
from trainer.mixture.predictors.predictor import Fitted
from trainer.mixture.predictors.standard import standard_of

LAWS = ("log_linear", "square_root_ridge", "hellinger_ridge", "gaussian_process", "mean")
FITTING = Fitting()


def swarm(runs: int, phases: int = 1, components: int = 3, targets: int = 2, seed: int = 3) -> tuple[Floats, Floats]:
    weights_NPK = random_weights(runs, phases, components, seed)
    values_NM = random_law(phases, components, targets, seed).values(weights_NPK)
    noise_NM = np.random.default_rng(seed).normal(0, 0.1, values_NM.shape) * values_NM.std(axis=0)
    return weights_NPK, values_NM + noise_NM


def fitted(name: str, weights_NPK: Floats, values_NM: Floats) -> Fitted:
    return predictor_of(name, FITTING).fit(weights_NPK, values_NM)


@pytest.mark.parametrize("name", LAWS)
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000), phases=st.integers(1, 2))
def test_gradients_are_differences(name: str, seed: int, phases: int) -> None:
    weights_NPK, values_NM = swarm(20, phases, seed=seed)
    law = fitted(name, weights_NPK, values_NM)
    at_PK = np.clip(weights_NPK[0], 0.01, None)
    step = 1e-5
    for phase, component in np.ndindex(*at_PK.shape):
        up, down = at_PK.copy(), at_PK.copy()
        up[phase, component] += step
        down[phase, component] -= step
        difference_M = (law.predict(up[None]) - law.predict(down[None]))[0] / (2 * step)
        assert law.gradient(at_PK)[:, phase, component] == pytest.approx(difference_M, rel=1e-3, abs=1e-5)


@pytest.mark.parametrize("name", LAWS)
def test_the_order_of_components_says_nothing(name: str) -> None:
    weights_NPK, values_NM = swarm(24, components=4)
    order = [2, 0, 3, 1]
    plain = fitted(name, weights_NPK, values_NM).predict(weights_NPK)
    turned = fitted(name, weights_NPK[..., order], values_NM).predict(weights_NPK[..., order])
    assert turned == pytest.approx(plain, abs=1e-5)


@pytest.mark.parametrize("name", LAWS)
def test_a_resample_of_all_runs_once_is_the_fit(name: str) -> None:
    weights_NPK, values_NM = swarm(24)
    law = fitted(name, weights_NPK, values_NM)
    (again,) = law.refit(values_NM[None])
    assert again.predict(weights_NPK) == pytest.approx(law.predict(weights_NPK), abs=1e-5)


@pytest.mark.parametrize("name", LAWS)
def test_a_run_that_counts_twice_is_that_run_twice(name: str) -> None:
    weights_NPK, values_NM = swarm(24)
    weights_NPK[7], values_NM[7] = weights_NPK[3], values_NM[3]
    law = fitted(name, weights_NPK, values_NM)
    counts_RN = np.ones((2, 24))
    counts_RN[1, 3], counts_RN[1, 7] = 2, 0
    once, twice = law.refit(np.stack([values_NM, values_NM]), counts_RN)
    assert twice.predict(weights_NPK) == pytest.approx(once.predict(weights_NPK), abs=1e-4)


@pytest.mark.parametrize("name", LAWS)
def test_a_run_that_is_not_in_a_resample_says_nothing(name: str) -> None:
    weights_NPK, values_NM = swarm(24)
    law = fitted(name, weights_NPK, values_NM)
    other_NM = values_NM.copy()
    other_NM[5] += 1000
    counts_RN = np.ones((2, 24))
    counts_RN[:, 5] = 0
    one, other = law.refit(np.stack([values_NM, other_NM]), counts_RN)
    assert other.predict(weights_NPK) == pytest.approx(one.predict(weights_NPK), abs=1e-9)


@pytest.mark.parametrize("name", LAWS)
def test_fewer_runs_than_parameters_are_fitted_all_the_same(name: str) -> None:
    weights_NPK, values_NM = swarm(6, phases=2, components=8)
    said_NM = fitted(name, weights_NPK, values_NM).predict(random_weights(50, 2, 8, 9))
    low_M, high_M = values_NM.min(axis=0), values_NM.max(axis=0)
    assert np.all(said_NM > low_M - 3 * (high_M - low_M))
    assert np.all(said_NM < high_M + 3 * (high_M - low_M))


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize("constant", [0.0, 0.9, -2.0])
def test_a_target_that_never_varies_stays_what_it_is(name: str, constant: float) -> None:
    weights_NPK, values_NM = swarm(12)
    values_NM[:, 1] = constant
    law = fitted(name, weights_NPK, values_NM)
    assert law.predict(weights_NPK)[:, 1] == pytest.approx(constant, abs=1e-12)
    assert law.gradient(weights_NPK[0])[1] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("name", LAWS)
def test_one_mixture_alone_is_the_mean_of_its_runs(name: str) -> None:
    weights_NPK = np.repeat(random_weights(1, 1, 3, 0), 4, axis=0)
    law = fitted(name, weights_NPK, np.array([[1.0], [1.1], [0.9], [1.0]]))
    assert law.predict(weights_NPK[:1]) == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("name", LAWS)
def test_two_runs_are_enough_for_something_finite(name: str) -> None:
    weights_NPK, values_NM = swarm(2, phases=2, components=4)
    said_NM = fitted(name, weights_NPK, values_NM).predict(random_weights(20, 2, 4, 0))
    assert np.all(np.isfinite(said_NM))
    assert np.all(np.abs(said_NM - values_NM.mean(axis=0)) < 10 * np.ptp(values_NM, axis=0))


@pytest.mark.parametrize("name", LAWS)
def test_a_component_that_never_varies_changes_nothing(name: str) -> None:
    weights_NPK, values_NM = swarm(24)
    wide_NPK = np.concatenate([0.8 * weights_NPK, np.full((24, 1, 1), 0.2)], axis=2)
    law = fitted(name, wide_NPK, values_NM)
    plain = fitted(name, 0.8 * weights_NPK, values_NM)
    assert law.predict(wide_NPK) == pytest.approx(plain.predict(0.8 * weights_NPK), abs=1e-5)


def test_a_target_whose_last_bits_differ_does_not_vary() -> None:
    standard = standard_of(np.array([[0.3, 1.0], [0.1 + 0.2, 3.0]]))
    assert standard.spread_M == pytest.approx([1.0, 1.0])
    assert standard.scaled(np.array([[0.3, 3.0]]))[0] == pytest.approx([0.0, 1.0])
