"""What runs came to stands beside what the law says: no proposal is better than a mixture that did as well."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from tests.trainer.mixture.laws import names, random_law, random_weights, results_of, swarm_of
from tests.trainer.mixture.test_propose import COMPONENTS, EXPERIMENT, proposed, written
from trainer.mixture.arrays import Floats
from trainer.mixture.evidence import Evidence, evidence_of
from trainer.mixture.objective import objective_of
from trainer.mixture.predictors.log_linear import LogLinear
from trainer.mixture.predictors.square_root_ridge import SquareRootRidge
from trainer.mixture.proposal_file import Mixture, Proposal
from trainer.mixture.proposal_warnings import _of_promise
from trainer.mixture.tried import Tried, tried_of

HALVES = np.array([[[0.5, 0.5]], [[0.5, 0.5]], [[0.5, 0.5]], [[0.9, 0.1]], [[0.1, 0.9]]])
VALUES = np.array([[1.0, 4.0], [2.0, 6.0], [3.0, 8.0], [5.0, 1.0], [0.0, 9.0]])


def evidence(weights_NPK: Floats, values_NM: Floats) -> Evidence:
    swarm = swarm_of(weights_NPK)
    return evidence_of(swarm, results_of(swarm, values_NM), names("t", values_NM.shape[1]))


def tried(weights_NPK: Floats, values_NM: Floats) -> Tried:
    found = evidence(weights_NPK, values_NM)
    return tried_of(found, objective_of(found, {}), SquareRootRidge().fit(weights_NPK, values_NM), 1)


def test_repeats_of_a_mixture_tell_its_objective_and_the_noise_of_both_targets_together() -> None:
    """By hand: the three repeats rise in both targets at once, so noise of the objective is no mean of independent
    ones."""
    found = tried(HALVES, VALUES)
    by_hand_N = ((VALUES - VALUES.mean(axis=0)) / VALUES.std(axis=0)).mean(axis=1)

    assert found.objective(np.array([[0.5, 0.5]])) == pytest.approx(by_hand_N[:3].mean())
    assert found.noise == pytest.approx(by_hand_N[:3].std(ddof=1))
    assert found.degrees == 2
    assert found.error(np.array([[0.5, 0.5]])) == pytest.approx(found.noise / np.sqrt(3))
    assert found.error(np.array([[0.9, 0.1]])) == pytest.approx(found.noise)


def test_a_mixture_is_as_good_up_to_students_bound_and_one_that_was_never_trained_is_not() -> None:
    found = tried(HALVES, VALUES)
    came_to = found.objective(HALVES[0])
    assert came_to is not None
    bound = stats.t.ppf(0.95, 2) * found.noise / np.sqrt(3)

    assert found.is_as_good(HALVES[0], came_to - 0.99 * bound)
    assert not found.is_as_good(HALVES[0], came_to - 1.01 * bound)
    assert found.is_as_good(HALVES[0], came_to + 100)
    assert not found.is_as_good(np.array([[0.4, 0.6]]), 100.0)


def test_without_repeats_noise_is_what_the_law_is_off_by() -> None:
    rng = np.random.default_rng(1)
    weights_NPK = rng.dirichlet(np.ones(3), (60, 1))
    values_NM = np.sqrt(weights_NPK[:, 0]) @ rng.normal(0, 1, (3, 2)) + rng.normal(0, 0.05, (60, 2))
    found = tried(weights_NPK, values_NM)

    truth = np.sqrt(np.square(0.05 / values_NM.std(axis=0)).sum()) / 2
    assert found.degrees == 60
    assert found.noise == pytest.approx(truth, rel=0.3)


def with_today_off_by(folder: Path, off: float) -> Proposal:
    """A law's swarm, in which today's mixture came to what the law says and `off`, four times a little up or down."""
    path = written(folder, EXPERIMENT)
    output = folder / "out" / "weights"
    today = {"english": 0.7, "multilingual": 0.15, "code": 0.15}
    swarm = json.loads((output / "swarm.json").read_text())
    lines = [json.loads(line) for line in (output / "results.jsonl").read_text().splitlines()]
    weights_K = [today[name] for name in swarm["components"]]
    values_M = random_law(1, 3, 3, 2).values(np.array([[weights_K]]))[0]
    for place, (run, line) in enumerate(zip(swarm["runs"][:4], lines[:4], strict=True)):
        run["weights"] = [weights_K]
        noisy = (values_M + off + 0.005 * (-1) ** place).tolist()
        line["measurements"][-1]["targets"] = dict(zip(COMPONENTS, noisy, strict=True))
    (output / "swarm.json").write_text(json.dumps(swarm))
    (output / "results.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return proposed(path)


def test_a_mixture_of_today_that_did_well_when_it_was_trained_is_tied_whatever_the_law_says(tmp_path: Path) -> None:
    found = with_today_off_by(tmp_path, -0.3)
    today = next(one for one in found.statics if one.name == "current")

    assert today.observed is not None and today.observed < found.best.objective < today.objective
    assert today.is_tied
    assert found.nearest_tied.weights == today.weights
    assert {"run 0000", "current"} < {one.name for one in found.tied}
    assert any("today's mixture is tied with the best (trained, it came to" in one for one in found.warnings)
    assert sum("of current came to" in one for one in found.warnings) == 1
    assert not any("nemotron4 came to" in one for one in found.warnings)


def test_a_mixture_of_today_that_came_to_what_the_law_says_is_not_tied(tmp_path: Path) -> None:
    found = with_today_off_by(tmp_path, 0.0)
    today = next(one for one in found.statics if one.name == "current")

    assert today.observed == pytest.approx(today.objective, abs=0.1)
    assert not today.is_tied
    assert not any("today's mixture is tied" in one or "runs of" in one for one in found.warnings)
    assert next(one for one in found.statics if one.name == "uniform").observed is None


def test_a_promise_below_all_runs_by_more_than_the_law_misses_is_told() -> None:
    """Runs near uniform only, of a law that falls far outwards, with nothing that holds the best near them."""
    weights_NPK = 0.9 / 3 + 0.1 * random_weights(24, 1, 3, 4)
    law = random_law(1, 3, 3, 2)
    found = evidence(weights_NPK, law.values(weights_NPK))
    objective = objective_of(found, {"t0": 1})
    fitted = LogLinear().fit(weights_NPK, found.values_NM)
    known = tried_of(found, objective, fitted, 1)

    def told(promised: float) -> list[str]:
        return list(_of_promise(Mixture("best", ((0.8, 0.1, 0.1),), promised, promised, promised, (), True), known))

    assert known.least == pytest.approx(objective.of(found.values_NM).min())
    assert told(known.least - 0.9 * known.missed) == []
    assert [f"the best run came to {known.least:+.3f}" in one for one in told(known.least - 1.1 * known.missed)] == [
        True
    ]


def test_what_the_law_misses_is_the_error_of_runs_that_it_has_not_seen() -> None:
    """A line through noise alone: its errors without a run are those of the mean of the others, or more."""
    weights_NPK = random_weights(40, 1, 3, 4)
    values_NM = np.random.default_rng(1).normal(2, 0.1, (40, 1))
    found = tried(weights_NPK, values_NM)

    assert 0.95 < found.missed < 1.3  # in spreads of the swarm
    assert found.noise == found.missed
