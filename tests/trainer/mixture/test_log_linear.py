"""The log-linear law: found again without noise, robust, bounded, and as good as SciPy's own search."""

import numpy as np
import pytest
from scipy.optimize import minimize

from tests.trainer.mixture.laws import Law, random_law, random_weights
from trainer.mixture.predictors import exponentials
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
    cost = exponentials.costs(one, exponentials.solve(one, start_BQ))[0]
    expected = minimize(
        lambda found_Q: exponentials.costs(one, found_Q[None])[0],
        start_BQ[0],
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
    found_BQ = exponentials.solve(together, starts_BQ)
    for place in range(3):
        alone = together.some(np.arange(3) == place)
        found_Q = exponentials.solve(alone, starts_BQ[place : place + 1])[0]
        assert found_BQ[place] == pytest.approx(found_Q, abs=1e-6)
