"""How often intervals and ties of the mean law, the default, hold the best of laws that are known, and what it tells of
members that want something else."""

import dataclasses
from dataclasses import dataclass

import numpy as np
import pytest

from tests.trainer.mixture.laws import names, random_law, random_weights, results_of, swarm_of
from tests.trainer.mixture.test_optimum import Known, room
from trainer.mixture.arrays import Floats
from trainer.mixture.evidence import Evidence, evidence_of
from trainer.mixture.experiment import Caps, Fitting
from trainer.mixture.objective import objective_of
from trainer.mixture.optimum import Aim, optimum
from trainer.mixture.predictors.choosing import predictor_of
from trainer.mixture.predictors.mean import MeanFit
from trainer.mixture.predictors.predictor import Fitted
from trainer.mixture.proposal_warnings import warnings_of
from trainer.mixture.search import search
from trainer.mixture.space import Space, draw
from trainer.mixture.tried import tried_of

NOISE = 0.01


@dataclass(frozen=True)
class Powers:
    """values_M = floors_M + sum over k of scales_MK (weight_k + 0.01)^-powers_MK, as in BiMix (arXiv 2405.14908) each
    domain falls by a power of its share: a law that is none of ours. Each target falls most with one component."""

    floors_M: Floats
    scales_MK: Floats
    powers_MK: Floats

    def predict(self, weights_NPK: Floats) -> Floats:
        shares_NMK = weights_NPK[:, 0, None, :] + 0.01
        found: Floats = self.floors_M + (self.scales_MK * shares_NMK**-self.powers_MK).sum(axis=2)
        return found

    def gradient(self, weights_PK: Floats) -> Floats:
        slopes_MK = -self.scales_MK * self.powers_MK * (weights_PK + 0.01) ** (-self.powers_MK - 1)
        found: Floats = slopes_MK[:, None]
        return found

    def refit(self, values_RNM: Floats, counts_RN: Floats | None = None) -> "list[Powers]":
        raise NotImplementedError


def powers(components: int, targets: int, seed: int) -> Powers:
    rng = np.random.default_rng(seed)
    floors_M, shape = rng.uniform(0.6, 1, targets), (targets, components)
    scales_MK, powers_MK = rng.uniform(0.02, 0.08, shape), rng.uniform(0.15, 0.4, shape)
    for target in range(targets):
        scales_MK[target, target % (components - 1)] += rng.uniform(0.25, 0.5)
    return Powers(floors_M, scales_MK, powers_MK)


def evidence_with(values_NM: Floats, weights_NPK: Floats) -> Evidence:
    swarm = swarm_of(weights_NPK)
    return evidence_of(swarm, results_of(swarm, values_NM), names("t", values_NM.shape[1]))


def task(truth: Fitted, weights_NPK: Floats) -> tuple[Space, Aim, Floats]:
    """Where the best of a law is looked for, with the spread of its own values, and a pool to begin with."""
    components = weights_NPK.shape[2]
    exact = evidence_with(truth.predict(weights_NPK), weights_NPK)
    aim = Aim(objective_of(exact, {}), np.full((1, components), 1 / components), np.ones(1), 0.05)
    space = room(1, components)
    return space, aim, draw(space, 100, 1)


def coverage(truth: Fitted, weights_NPK: Floats, swarms: int) -> tuple[float, float, float]:
    """Shares of 80 % intervals and of tied sets that hold the true optimum, and how wide intervals are."""
    space, aim, pool = task(truth, weights_NPK)
    true_PK = optimum(aim, truth, True, space, pool)
    values_NM = truth.predict(weights_NPK)
    holds, ties, widths = [], [], []
    for repetition in range(swarms):
        noise_NM = np.random.default_rng(repetition + 1).normal(0, NOISE, values_NM.shape)
        evidence = evidence_with(values_NM + noise_NM, weights_NPK)
        found = search(predictor_of("mean", Fitting()), evidence, space, aim, pool, 60, 0.8, repetition)
        low_PK, high_PK = found.weight_intervals()
        holds.append((low_PK <= true_PK) & (true_PK <= high_PK))
        ties.append(found.is_tied(true_PK[None])[0])
        widths.append(high_PK - low_PK)
    return float(np.mean(holds)), float(np.mean(ties)), float(np.mean(widths))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("truth", "weights_NPK"),
    [
        pytest.param(Known(random_law(1, 4, 4, 1)), random_weights(48, 1, 4, 2), id="log-linear, 48 runs"),
        pytest.param(Known(random_law(1, 3, 3, 3)), random_weights(24, 1, 3, 4), id="log-linear, 24 runs, in a corner"),
        pytest.param(powers(3, 3, 2), random_weights(24, 1, 3, 3), id="powers, 24 runs"),
    ],
)
def test_intervals_and_ties_of_the_mean_hold_the_best_of_known_laws(truth: Fitted, weights_NPK: Floats) -> None:
    """80 % intervals no less than that but for the luck of 24 swarms, and no wider than a quarter of all.

    Measured: 86, 84 and all of a hundred weights, widths of 0.21, 0.17 and 0.19; tied 100, 98 and 100 %. By resamples
    of the mean itself, with noise alone: 69, 24 and all, widths of 0.12, 0.09 and 0.09; tied 87, 38 and 100 %.
    """
    holds, ties, width = coverage(truth, weights_NPK, 24)

    assert holds >= 0.75
    assert ties >= 0.9
    assert 0.1 < width < 0.25


def test_laws_that_would_move_a_fifth_of_the_tokens_are_named() -> None:
    truth, weights_NPK = Known(random_law(1, 3, 3, 3)), random_weights(24, 1, 3, 4)
    space, aim, pool = task(truth, weights_NPK)
    evidence = evidence_with(truth.predict(weights_NPK), weights_NPK)
    found = search(predictor_of("mean", Fitting()), evidence, space, aim, pool, 8, 0.8, 1)
    best, worst = found.judged(["best", "worst"], np.array([found.best_PK, pool[0]]))

    def told(alone: dict[str, Floats]) -> list[str]:
        said = dataclasses.replace(found, alone=alone)
        tried = tried_of(evidence, aim.objective, found.fitted, 1)
        warnings = warnings_of(said, evidence, tried, swarm_of(weights_NPK).materials, Caps(), ([], best, worst))
        return [one for one in warnings if "laws disagree" in one]

    assert list(found.alone) == ["log_linear", "square_root_ridge", "hellinger_ridge", "gaussian_process"]
    assert isinstance(found.fitted, MeanFit)
    for law, own_PK in zip(found.fitted.members, found.alone.values(), strict=True):
        assert aim.of(law, own_PK[None])[0] <= aim.of(law, np.concatenate([pool, found.best_PK[None]])).min()
    moved = np.array([[-0.21, 0.21, 0.0]]) * np.where(found.best_PK[0, 0] > 0.21, 1, -1)
    (one,) = told({"near": found.best_PK + moved / 2, "far": found.best_PK + moved})
    assert "far alone would move 21% of the tokens;" in one
    assert "near" not in one
    assert told({"near": found.best_PK}) == []
