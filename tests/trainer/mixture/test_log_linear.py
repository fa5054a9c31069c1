"""The log-linear law: found again without noise, robust, bounded, and as good as SciPy's own search."""

import numpy as np
import pytest
from scipy.optimize import minimize

from tests.trainer.mixture.laws import Law, random_law, random_weights
from trainer.mixture.arrays import Floats
from trainer.mixture.predictors import exponentials
from trainer.mixture.predictors.exponential_steps import solve
from trainer.mixture.predictors.exponentials import Problems
from trainer.mixture.predictors.log_linear import LogLinear


def test_a_law_without_noise_is_found_again() -> None:
    law = Law(np.array([0.7, 0.9]), np.array([1.0, 0.4]), np.array([[-2.0, 0.5, 0.0], [0.0, -1.0, 1.0]]))
    weights_NPK = random_weights(40, 1, 3, 0)
    found = LogLinear().fit(weights_NPK, law.values(weights_NPK))
    assert found.predict(weights_NPK) == pytest.approx(law.values(weights_NPK), abs=3e-3)
    assert found.floors_M == pytest.approx(law.floors_M, abs=0.05)


def test_three_mad_runs_of_forty_change_little() -> None:
    law = random_law(1, 3, 2, 0)
    weights_NPK = random_weights(40, 1, 3, 0)
    values_NM = law.values(weights_NPK)
    values_NM[[3, 17, 30]] += 3 * values_NM.std(axis=0)
    error_NM = LogLinear().fit(weights_NPK, values_NM).predict(weights_NPK) - law.values(weights_NPK)
    assert np.sqrt(np.square(error_NM).mean(axis=0) / law.values(weights_NPK).var(axis=0)).max() < 0.1


def test_floors_of_what_cannot_be_negative_are_not() -> None:
    weights_NPK = random_weights(20, 1, 3, 0)
    straight_NM = 0.1 + weights_NPK[:, 0, :1]
    assert LogLinear().fit(weights_NPK, straight_NM).floors_M[0] >= 0
    assert LogLinear().fit(weights_NPK, straight_NM - 1).floors_M[0] < -1


def problem(seed: int, bounds: tuple[float, float] = (-20.0, -0.5)) -> Problems:
    rng = np.random.default_rng(seed)
    features_NF = rng.normal(0, 0.5, (30, 3))
    values_BN = np.exp(features_NF @ rng.normal(0, 1, 3))[None] - 1.5 + rng.normal(0, 0.1, (1, 30))
    low, high = (np.array([bound]) for bound in bounds)
    return Problems(features_NF, values_BN, np.ones((1, 30)), np.array([0.1]), low, high, 0.2)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("bounds", [(-20.0, -0.5), (-1.0, -0.5)])
def test_costs_are_as_low_as_scipys_search_finds(seed: int, bounds: tuple[float, float]) -> None:
    one = problem(seed, bounds)
    start_BQ = exponentials.straight(one, np.array([bounds[1] - 0.1]))
    cost = exponentials.costs(one, solve(one, start_BQ))[0]

    def cost_of(found_Q: Floats) -> float:
        floor, level, scale = found_Q[0], found_Q[1], np.exp(found_Q[1])
        return float(exponentials.costs(one, np.array([[floor + scale, level, *scale * found_Q[2:]]]))[0])

    expected = minimize(
        cost_of,
        [bounds[1] - 0.1, 0.0, 0.0, 0.0, 0.0],
        method="L-BFGS-B",
        bounds=[bounds, *[(None, None)] * 4],
        options={"maxiter": 2000, "ftol": 1e-12},
    )
    assert cost <= expected.fun * (1 + 1e-5)


def test_many_fits_at_once_are_the_fits_one_by_one() -> None:
    ones = [problem(seed) for seed in range(3)]
    features_NF = ones[0].features_NF
    together = Problems(
        features_NF,
        np.concatenate([one.values_BN for one in ones]),
        np.ones((3, 30)),
        np.full(3, 0.1),
        np.full(3, -20.0),
        np.full(3, -0.5),
        0.2,
    )
    starts_BQ = exponentials.straight(together, np.full(3, -2.0))
    found_BQ = solve(together, starts_BQ)
    for place in range(3):
        alone = together.some(np.arange(3) == place)
        found_Q = solve(alone, starts_BQ[place : place + 1])[0]
        assert found_BQ[place] == pytest.approx(found_Q, abs=1e-6)


def test_values_are_those_of_floor_level_and_slopes() -> None:
    features_NF = np.array([[0.0, 0.0], [1.0, -1.0]])
    middle, scale = 2.0, 0.5
    said_BN = exponentials.said(features_NF, np.array([[middle, np.log(scale), 0.3, 0.1]]))
    assert said_BN[0] == pytest.approx([2.0, 1.5 + 0.5 * np.exp((0.3 - 0.1) / 0.5)])


def test_sixteen_noisy_runs_of_seventeen_components_do_not_run_away() -> None:
    law = random_law(1, 17, 8, 0)
    weights_NPK, others_NPK = random_weights(16, 1, 17, 100), random_weights(400, 1, 17, 300)
    clean_NM = law.values(weights_NPK)
    values_NM = clean_NM + np.random.default_rng(0).normal(0, 0.5, clean_NM.shape) * clean_NM.std(axis=0)
    error_NM = LogLinear().fit(weights_NPK, values_NM).predict(others_NPK) - law.values(others_NPK)
    assert np.sqrt(np.square(error_NM / clean_NM.std(axis=0)).mean()) < 1.3


def test_copies_of_runs_do_not_make_the_ridge_weaker() -> None:
    """Left out one by one, a copy would tell the law the noise of the run that it is asked for."""
    weights_NPK = random_weights(20, 1, 12, 0)
    values_NM = random_law(1, 12, 3, 0).values(weights_NPK)
    values_NM = values_NM + np.random.default_rng(0).normal(0, 1, values_NM.shape) * values_NM.std(axis=0)
    once = LogLinear().fit(weights_NPK, values_NM)
    order = np.random.default_rng(1).permutation(np.tile(np.arange(20), 2))
    twice = LogLinear().fit(weights_NPK[order], values_NM[order])
    assert (twice.setting.ridge_M >= once.setting.ridge_M / 4).all()
