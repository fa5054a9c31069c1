"""Which law is best where: the order that re-fitting RegMix's released runs gave must come out on runs that look alike.

There, on Pile-CC (mean of 5 draws, Spearman at 1M and at 1B): 32 runs: log-linear 0.902 and 0.960, LightGBM 0.872 and
0.728, square-root ridge 0.963 and 0.908, Hellinger ridge 0.959 and 0.918; 64 runs: log-linear 0.934 and 0.981, LightGBM
0.938 and 0.897; 512 runs: log-linear 0.962 and 0.987, LightGBM 0.990 and 0.960, Hellinger ridge 0.991 and 0.975, their
mean 0.992 and 0.986.
"""

from collections.abc import Mapping
from functools import cache

import numpy as np
import pytest

from tests.trainer.mixture.laws import random_law, random_weights
from tests.trainer.mixture.look_alike import SHARES, look_alike, noise, regmix_mixtures, shares
from trainer.mixture.experiment import Fitting, PredictorName
from trainer.mixture.predictors.choosing import predictor_of
from trainer.mixture.scores import regret, spearman

LAWS: tuple[PredictorName, ...] = (
    "log_linear",
    "square_root_ridge",
    "hellinger_ridge",
    "gaussian_process",
    "light_gbm",
    "mean",
)
SWARMS = {32: 40, 64: 12, 512: 4}
"""So many of each size: the fewer runs, the more chance there is in one of them."""


@cache
def on_pile_cc(runs: int) -> Mapping[str, np.ndarray]:
    """By law: Spearman at 1M and at 1B, and regret at 1B; means over swarms."""
    found = {law: [] for law in LAWS}
    for seed in range(SWARMS[runs]):
        data = look_alike(seed, runs)
        target = data.targets.index("pile_cc")
        small, large = data.test_values[:, target], data.large_values[:, target]
        for law in LAWS:
            predictor = predictor_of(law, Fitting(predictors=LAWS[:-1]))
            fitted = predictor.fit(data.weights, data.values[:, target : target + 1])
            at_small, at_large = (fitted.predict(one)[:, 0] for one in (data.test_weights, data.large_weights))
            found[law].append((spearman(small, at_small), spearman(large, at_large), regret(large, at_large, 1)))
    return {law: np.mean(scores, axis=0) for law, scores in found.items()}


@pytest.mark.slow
@pytest.mark.parametrize("runs", [32, 64])
def test_below_a_hundred_runs_the_log_linear_law_transfers_best(runs: int) -> None:
    """Of all single laws, by 0.02 or more, and what it picks has the least regret."""
    scores = {law: found for law, found in on_pile_cc(runs).items() if law != "mean"}
    others = [found for law, found in scores.items() if law != "log_linear"]
    assert scores["log_linear"][1] > max(found[1] for found in others) + 0.02, scores
    assert scores["log_linear"][2] < min(found[2] for found in others), scores


@pytest.mark.slow
def test_at_512_runs_trees_and_kernels_rank_small_models_better_than_the_log_linear_law() -> None:
    at_small = {law: scores[0] for law, scores in on_pile_cc(512).items()}
    assert min(at_small["light_gbm"], at_small["hellinger_ridge"]) > at_small["log_linear"], at_small


@pytest.mark.slow
@pytest.mark.parametrize("runs", [32, 64, 512])
def test_the_mean_is_never_far_from_the_best(runs: int) -> None:
    """At most 0.04 behind it, and better than most. (0.02 would be noise among 64 mixtures: with 32 runs kernels and
    ridges hold it back at 1B, where the log-linear law stands out.)"""
    scores = on_pile_cc(runs)
    for size in (0, 1):
        of_laws = [found[size] for law, found in scores.items() if law != "mean"]
        assert scores["mean"][size] > max(max(of_laws) - 0.04, np.median(of_laws)), scores


@pytest.mark.slow
def test_with_32_runs_the_mean_picks_better_large_models_than_trees_do() -> None:
    scores = on_pile_cc(32)
    assert scores["mean"][2] < scores["light_gbm"][2], scores


@pytest.mark.slow
def test_with_32_runs_of_a_known_law_the_mean_picks_better_mixtures_than_trees_do() -> None:
    """Of 2,000 mixtures nobody tried, by the mean of three targets; noise a tenth of their spread."""
    regrets = {"mean": [], "light_gbm": []}
    for seed in range(8):
        law = random_law(1, 5, 3, seed)
        weights_NPK, pool_NPK = random_weights(32, 1, 5, seed), random_weights(2000, 1, 5, seed + 1000)
        clean = law.values(weights_NPK)
        values_NM = clean + np.random.default_rng(seed).normal(0, 0.1, clean.shape) * clean.std(axis=0)
        for name, found in regrets.items():
            fitting = Fitting(predictors=(*Fitting().predictors, "light_gbm"))
            fitted = predictor_of(name, fitting).fit(weights_NPK, values_NM)
            found.append(regret(law.values(pool_NPK).mean(axis=1), fitted.predict(pool_NPK).mean(axis=1), 1))
    assert np.mean(regrets["mean"]) < np.mean(regrets["light_gbm"]), regrets


def test_runs_that_look_alike_keep_what_is_published_of_the_originals() -> None:
    """Nothing above 15 times its share, all of it in steps of 0.0002; noise at proportional as Marin measured it."""
    weights_NK = regmix_mixtures(200, np.random.default_rng(1))
    assert weights_NK.sum(axis=1) == pytest.approx(1)
    assert (weights_NK <= np.minimum(15 * shares(), 1) * 1.05).all()
    assert np.median((weights_NK > 0).sum(axis=1)) < len(SHARES)
    assert noise(shares()[None], 0) == pytest.approx(0.0016 * np.log(2) * 4)


def test_the_spread_of_look_alike_losses_is_that_of_the_originals() -> None:
    """Standard deviation of Pile-CC over the first 66 runs at 1M about 0.33, over the 64 at 1B 0.10; more Pile-CC alone
    ranks the large ones by 0.981. The look-alikes are within a third."""
    data = look_alike(0)
    target, component = data.targets.index("pile_cc"), data.components.index("pile_cc")
    assert 0.22 < data.values[:, target].std() < 0.44
    assert 0.06 < data.large_values[:, target].std() < 0.13
    rule = spearman(data.large_values[:, target], -data.large_weights[:, 0, component])
    assert rule is not None
    assert 0.95 < rule < 1
