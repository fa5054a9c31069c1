"""Intervals and tied sets, held against swarms whose law is known: they hold the true optimum as often as they say."""

import dataclasses
import functools

import numpy as np
import pytest

from tests.trainer.mixture.laws import evidence_from, random_law, random_weights
from tests.trainer.mixture.test_optimum import Known, aim_of, room
from trainer.mixture.arrays import Floats
from trainer.mixture.bootstrap import interval, noise_of, resampled
from trainer.mixture.objective import objective_of
from trainer.mixture.optimum import Aim, optimum
from trainer.mixture.predictors.log_linear import LogLinear
from trainer.mixture.predictors.square_root_ridge import SquareRootRidge
from trainer.mixture.search import Search, search
from trainer.mixture.space import broken, draw
from trainer.mixture.ties import nearest_tied, tied

NOISE = 0.01
SPACE = room(1, 4)
POOL = draw(SPACE, 100, 1)


def swarm_aim(seed: int, weights_NPK: Floats, kl: float = 0.05) -> Aim:
    """The objective of a swarm without noise."""
    law = random_law(1, 4, 4, seed)
    objective = objective_of(evidence_from(law, weights_NPK, 0.0, 1), {})
    return dataclasses.replace(aim_of(law, kl, 1, 4), objective=objective)


@functools.cache
def once() -> Search:
    """One of them."""
    return searched(1, random_weights(48, 1, 4, 2), 1, 30)


def searched(seed: int, weights_NPK: Floats, repetition: int, resamples: int) -> Search:
    """What one swarm of the law comes to."""
    evidence = evidence_from(random_law(1, 4, 4, seed), weights_NPK, NOISE, repetition)
    aim = swarm_aim(seed, weights_NPK)
    return search(LogLinear(), evidence, SPACE, aim, POOL, resamples, 0.8, repetition)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_of_two_hundred_swarms_four_fifths_of_the_intervals_hold_the_optimum(seed: int) -> None:
    """48 runs, noise of 3 to 11 % of the targets' spread, 80 % intervals, and a tied set for 95 %."""
    weights_NPK = random_weights(48, 1, 4, seed + 1)
    aim, known = swarm_aim(seed, weights_NPK), Known(random_law(1, 4, 4, seed))
    true_PK = optimum(aim, known, True, SPACE, POOL)
    assert (true_PK > SPACE.lower_PK + 0.01).all()

    holds, holds_tied = [], []
    for repetition in range(200):
        found = searched(seed, weights_NPK, repetition, 60)
        low_PK, high_PK = found.weight_intervals()
        holds.append((low_PK <= true_PK) & (true_PK <= high_PK))
        holds_tied.append(found.is_tied(true_PK[None])[0])

    coverage_K = np.mean(holds, axis=(0, 1))
    assert ((coverage_K >= 0.75) & (coverage_K <= 0.90)).all(), coverage_K
    assert np.mean(holds_tied) >= 0.90


def test_four_fifths_of_a_tenth_one_lie_between_the_ends_of_nine() -> None:
    """It is as likely in each of the ten gaps between and around them."""
    low, high = interval(np.arange(1.0, 10.0)[:, None], 0.8)

    assert (low[0], high[0]) == pytest.approx((1, 9))


def test_the_noise_of_a_known_law_is_found_again() -> None:
    weights_NPK = random_weights(300, 1, 4, 5)
    evidence = evidence_from(random_law(1, 4, 4, 3), weights_NPK, NOISE, 1)
    fitted = LogLinear().fit(weights_NPK, evidence.values_NM)
    scale_NM, standard_NM = noise_of(fitted, weights_NPK, evidence.values_NM, 1)

    assert np.sqrt(np.square(scale_NM).mean(axis=0)) == pytest.approx(np.full(4, NOISE), rel=0.15)
    assert np.square(standard_NM).mean(axis=0) == pytest.approx(np.ones(4))


def test_noise_is_that_of_runs_a_law_was_not_fitted_to() -> None:
    """Nine coefficients take residuals of 24 runs below it."""
    weights_NPK = random_weights(24, 1, 8, 5)
    evidence = evidence_from(random_law(1, 8, 4, 3), weights_NPK, NOISE, 1)
    fitted = SquareRootRidge().fit(weights_NPK, evidence.values_NM)
    scale_NM, _ = noise_of(fitted, weights_NPK, evidence.values_NM, 1)
    residuals_NM = evidence.values_NM - fitted.predict(weights_NPK)

    assert (np.square(scale_NM).mean(axis=0) > 1.4 * np.square(residuals_NM).mean(axis=0)).all()


@dataclasses.dataclass(frozen=True)
class Nothing:
    """A law that says 0 of every mixture, and keeps what it is fitted to."""

    values_NM: Floats

    def predict(self, weights_NPK: Floats) -> Floats:
        return np.zeros((len(weights_NPK), self.values_NM.shape[1]))

    def gradient(self, weights_PK: Floats) -> Floats:
        return np.zeros((self.values_NM.shape[1], *weights_PK.shape))

    def refit(self, values_RNM: Floats, counts_RN: Floats | None = None) -> "list[Nothing]":
        return [Nothing(values_NM) for values_NM in values_RNM]


def test_noise_of_resamples_has_either_sign_and_what_targets_have_in_common() -> None:
    noise_N = np.random.default_rng(1).exponential(1.0, 400) - 1
    values_NM = np.column_stack([noise_N, 10 * noise_N])
    many = resampled(Nothing(values_NM), random_weights(400, 1, 3, 5), values_NM, 20, 1)
    first_X, second_X = np.concatenate([one.values_NM for one in many if isinstance(one, Nothing)]).T

    assert np.mean(first_X > 0) == pytest.approx(0.5, abs=0.02)  # of the noise itself a share of 1 / e
    assert second_X == pytest.approx(10 * first_X)


def test_mixtures_with_more_noise_have_more_of_it_in_resamples() -> None:
    weights_NPK = random_weights(200, 1, 4, 5)
    is_loud = weights_NPK[:, 0, 0] > 0.4
    law = random_law(1, 4, 2, 3)
    noise = np.random.default_rng(1).normal(0, 1, (200, 2)) * np.where(is_loud, 0.1, 0.005)[:, None]
    values_NM = law.values(weights_NPK) + noise
    fitted = SquareRootRidge().fit(weights_NPK, values_NM)
    scale_NM, _ = noise_of(fitted, weights_NPK, values_NM, 1)

    assert (scale_NM[is_loud].mean(axis=0) > 1.2 * scale_NM[~is_loud].mean(axis=0)).all()


def test_targets_that_never_vary_stay_as_they_are() -> None:
    weights_NPK = random_weights(20, 1, 3, 5)
    values_NM = np.column_stack([np.full(20, 2.0), weights_NPK[:, 0, 0]])
    fitted = SquareRootRidge().fit(weights_NPK, values_NM)

    for one in resampled(fitted, weights_NPK, values_NM, 3, 1):
        assert one.predict(weights_NPK)[:, 0] == pytest.approx(np.full(20, 2.0))


def test_resamples_follow_from_the_seed() -> None:
    weights_NPK = random_weights(20, 1, 3, 5)
    values_NM = random_law(1, 3, 2, 1).values(weights_NPK) + np.random.default_rng(1).normal(0, 0.01, (20, 2))
    fitted = SquareRootRidge().fit(weights_NPK, values_NM)
    first, again, other = (
        np.array([one.predict(weights_NPK) for one in resampled(fitted, weights_NPK, values_NM, 3, seed)])
        for seed in (1, 1, 2)
    )

    assert (first == again).all()
    assert (first != other).any()


def test_more_noise_makes_wider_intervals_and_more_ties() -> None:
    weights_NPK = random_weights(48, 1, 4, 2)
    aim, law = swarm_aim(1, weights_NPK), random_law(1, 4, 4, 1)
    quiet, loud = (
        search(LogLinear(), evidence_from(law, weights_NPK, noise, 1), SPACE, aim, POOL, 30, 0.8, 1)
        for noise in (0.002, 0.02)
    )

    widths = [np.subtract(*found.weight_intervals()[::-1]).mean() for found in (quiet, loud)]
    assert widths[1] > 3 * widths[0]
    assert loud.slack > 3 * quiet.slack


def test_what_is_tied_is_allowed_and_as_good_up_to_the_slack() -> None:
    found = once()
    mixtures = tied(found, {"best": found.best_PK, "uniform": np.full((1, 4), 0.25)})

    assert "best" in mixtures
    assert "uniform" not in mixtures
    assert len(mixtures) > 10
    assert not any(broken(SPACE, one) for one in mixtures.values())
    aims = found.aim.of(found.fitted, np.array([found.best_PK, *mixtures.values()]))
    assert (aims[1:] <= aims[0] + found.slack).all()


def test_a_mixture_that_is_as_good_but_not_allowed_is_not_tied() -> None:
    found = once()
    narrow = dataclasses.replace(found, space=dataclasses.replace(SPACE, upper_PK=found.best_PK + 1e-3))
    inside, outside = found.best_PK.copy(), found.best_PK.copy()
    inside[0, :2] += [5e-4, -5e-4]
    outside[0, :2] += [2e-3, -2e-3]

    assert found.is_tied(np.array([inside, outside])) == [True, True]
    named = {"inside": inside, "outside": outside}
    assert [name for name in tied(narrow, named) if name in named] == ["inside"]


def test_of_a_law_without_slopes_the_nearest_is_the_last_on_the_way_to_today_that_is_tied() -> None:
    found, today = dataclasses.replace(once(), smooth=False), np.full((1, 4), 0.25)
    nearest = nearest_tied(found, today)

    way_K = (today - found.best_PK)[0]
    shares_K = (nearest - found.best_PK)[0] / way_K
    assert shares_K == pytest.approx(np.full(4, shares_K[0]))
    assert 0.01 < shares_K[0] < 1
    assert list(found.is_tied(np.array([nearest, nearest + 0.01 * way_K]))) == [True, False]


def test_the_nearest_tied_mixture_is_nearer_than_all_others_that_are_tied() -> None:
    found = once()
    today = np.full((1, 4), 0.25)
    nearest = nearest_tied(found, today)

    def distance(one: Floats) -> float:
        return float(np.square(one - today).sum())

    assert found.is_tied(nearest[None])[0]
    assert broken(SPACE, nearest) == []
    assert all(distance(nearest) <= distance(one) + 1e-6 for one in tied(found, {"best": found.best_PK}).values())
    assert distance(nearest) < distance(found.best_PK)


def test_a_mixture_of_today_that_is_tied_stays() -> None:
    found = once()

    assert (nearest_tied(found, found.best_PK) == found.best_PK).all()
