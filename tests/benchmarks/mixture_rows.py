"""Which rows of a swarm let laws predict best: designed ones against random draws and Dirichlet ones as RegMix has.

Truth is that of `tests.trainer.mixture.look_alike`: 17 domains, 13 losses, noise that grows with the loss. Swarms stand
inside four epochs of a run as long as the data; the mean of the default laws is fitted to them, and asked of 2,000
mixtures that no swarm has, near the middle and near the corners. Spearman's rank correlation and root mean square error
in units of the targets' spread, means over targets and three seeds. No part of `passed` is speed. Bar: with 32 runs
D-optimal rows err less than random draws and than Dirichlet rows.
"""

import json
import os
import time

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import numpy as np
from scipy.stats import spearmanr

from tests.trainer.mixture.look_alike import losses, noise, shares
from trainer.mixture.arrays import Floats
from trainer.mixture.designing.candidates import corners
from trainer.mixture.designing.growing import new_swarm
from trainer.mixture.experiment import Experiment, Fitting
from trainer.mixture.load import loads
from trainer.mixture.materials import Materials, read_materials
from trainer.mixture.predictors.choosing import predictor_of
from trainer.mixture.space import Space, draw, space_of

RUNS = (16, 32, 64, 128)
SEEDS = (1, 2, 3)
ASKED = 2_000
KINDS = {
    "random": "d_optimal, deletions: false",
    "dirichlet": "dirichlet, deletions: false",
    "space_filling": "space_filling, deletions: false",
    "d_optimal": "d_optimal, deletions: false",
    "d_optimal_and_deletions": "d_optimal",
}
"""What `swarm` says; of random ones the rows are draws from the space instead."""
Scores = dict[str, float]


def experiment_of(rows: str, runs: int, seed: int) -> tuple[Experiment, Materials, Space]:
    tokens = np.round(1e9 * shares()).astype(int)
    sizes = ", ".join(f"c{place}: {count}" for place, count in enumerate(tokens))
    experiment = loads(
        f"name: rows\noutput: out\nsizes: {{{sizes}}}\nphases: [{{name: all, tokens: {tokens.sum()}}}]\nseed: {seed}\n"
        f"swarm: {{runs: {runs}, rows: {rows}}}\n"
    )
    materials = read_materials(experiment)
    return experiment, materials, space_of(experiment, materials)


def asked_of(space: Space) -> Floats:
    """Mixtures all over the space, half of them pulled by random shares of the way to its corners."""
    rng = np.random.default_rng(99)
    inside, found = draw(space, ASKED, 99), corners(space, 64, 99)
    pulled = np.where(np.arange(ASKED) % 2, rng.random(ASKED), 0)[:, None, None]
    return (1 - pulled) * inside + pulled * found[rng.integers(len(found), size=ASKED)]


def scores_of(kind: str, runs: int, seed: int) -> tuple[float, float]:
    """Rank correlation and error of one swarm."""
    experiment, materials, space = experiment_of(KINDS[kind], runs, seed)
    swarm, _ = new_swarm(experiment, materials, space)
    weights = swarm.weights_NPK
    if kind == "random":
        rows = [place for place, run in enumerate(swarm.runs) if run.kind == "row"]
        weights[rows] = draw(space, len(rows), seed)
    true = losses(weights[:, 0], 0)
    values = true + np.random.default_rng(seed).normal(size=true.shape) * noise(weights[:, 0], 0)
    asked = asked_of(space)
    wanted, found = losses(asked[:, 0], 0), predictor_of("mean", Fitting()).fit(weights, values).predict(asked)
    ranks = [spearmanr(one, other).statistic for one, other in zip(wanted.T, found.T, strict=True)]
    return float(np.mean(ranks)), float(np.sqrt(np.mean(((found - wanted) / wanted.std(axis=0)) ** 2)))


def main() -> None:
    """Print one JSON line."""
    start = time.process_time()
    spearman: dict[str, Scores] = {}
    error: dict[str, Scores] = {}
    for runs in RUNS:
        for kind in KINDS:
            if kind == "d_optimal_and_deletions" and runs < 2 * len(shares()):
                continue
            found = np.mean([scores_of(kind, runs, seed) for seed in SEEDS], axis=0)
            spearman.setdefault(str(runs), {})[kind] = round(float(found[0]), 3)
            error.setdefault(str(runs), {})[kind] = round(float(found[1]), 3)
    designed = error["32"]["d_optimal"]
    result = {
        "name": "mixture_rows",
        "spearman": spearman,
        "error": error,
        "cpu_seconds": round(time.process_time() - start),
        "bar": {"error": {"32": "d_optimal below random and dirichlet"}},
        "passed": designed < error["32"]["random"] and designed < error["32"]["dirichlet"],
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
