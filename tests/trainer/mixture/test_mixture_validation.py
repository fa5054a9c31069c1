"""A prediction stands before the runs and is not changed after; what came of pairs has Student's interval."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import ttest_rel

from datapipe.output import RunError
from tests.trainer.mixture.laws import evidence_from, random_law, random_weights
from tests.trainer.mixture.test_propose import EXPERIMENT as PROPOSING
from tests.trainer.mixture.test_propose import written
from trainer.mixture.experiment import Experiment, Proxy, ProxyRate, Validating
from trainer.mixture.objective import Objective, objective_of
from trainer.mixture.proposal_file import Mixture, Proposal
from trainer.mixture.propose import propose
from trainer.mixture.results import Measurement, Result, read_results, write_results
from trainer.mixture.validate import validate
from trainer.mixture.validating.outcome import outcome, paired_interval
from trainer.mixture.validating.pairs import larger_proxy, runs_of
from trainer.mixture.validating.prediction import Trial, predict, seeds_of, write_first
from trainer.mixture.validating.table import verdict
from trainer.mixture.validation_file import ObservedTarget, PredictedTarget, Prediction
from trainer.plan import Model

SMALL, LARGE = Model(n_layer=2, d_model=64, n_head=2), Model(n_layer=4, d_model=128, n_head=4)
EXPERIMENT = Experiment(
    "tiny",
    "out",
    proxy=Proxy(SMALL, tokens=1000, batch=4),
    validate=Validating(tokens=5000, model=LARGE),
    propose=dataclasses.replace(Experiment("tiny", "out").propose, predictor="log_linear", resamples=40),
)
PREDICTION = Prediction(
    experiment="tiny",
    swarm_digest="s",
    proposal_digest="p",
    written_at="2026-11-23T00:00:00+00:00",
    interval=0.8,
    proposal=((0.25, 0.75),),
    baseline=((0.5, 0.5),),
    seeds=(11, 12, 13),
    proxy={},
    tokens=5000,
    parameters=10,
    targets=(
        PredictedTarget("objective", -1.0, 0.0, 1.0, 0.5, 1.5),
        PredictedTarget("t0", 1.0, 2.0, 1.0, 0.5, 1.5),
    ),
)


def result(name: str, value: float | None, status: str = "done") -> Result:
    assert status in ("done", "diverged")
    measured = (Measurement(5000, {"t0": value}),)
    return Result(
        name, "done" if status == "done" else "diverged", "" if status == "done" else "up", measured, 2, 1, ""
    )


def pairs(*values: tuple[float, float]) -> list[Result]:
    """Results of proposals and baselines."""
    return [
        result(f"{place:02}-{side}", one)
        for place, pair in enumerate(values)
        for side, one in zip(("proposal", "baseline"), pair, strict=True)
    ]


def one_target() -> Objective:
    evidence = evidence_from(random_law(1, 2, 1, 0), random_weights(8, 1, 2, 0), 0.0, 0)
    return objective_of(dataclasses.replace(evidence, values_NM=np.array([[0.0], [4.0]])), {})


def test_the_interval_is_that_of_a_paired_t_test() -> None:
    rng = np.random.default_rng(3)
    proposal, baseline = rng.normal(0, 1, (2, 5, 3))

    gain, half = paired_interval(baseline - proposal, 0.8)

    expected = ttest_rel(baseline, proposal).confidence_interval(0.8)
    np.testing.assert_allclose(gain - half, expected.low)
    np.testing.assert_allclose(gain + half, expected.high)


def test_three_pairs_by_hand() -> None:
    """Gains 1, 2, 3: mean 2, standard error 1 / sqrt(3), and t is 1.8856 for 80 % and two degrees of freedom."""
    found = outcome(PREDICTION, "d", pairs((1, 2), (1, 3), (1, 4)), one_target())

    target = found.targets[1]
    assert (target.proposal, target.baseline, target.gain) == (1, 3, 2)
    assert target.high - target.gain == pytest.approx(1.8856 / 3**0.5, abs=1e-4)
    assert target.is_better
    assert target.sign_as_predicted
    assert found.seconds == 12


def test_the_objective_is_in_units_of_the_swarms_spread() -> None:
    """Values 0 and 4 of the swarm: centre and standard deviation are 2."""
    found = outcome(PREDICTION, "d", pairs((1, 2), (1, 3), (1, 4)), one_target())

    assert found.targets[0].target == "objective"
    assert found.targets[0].gain == 1
    assert [pair.proposal for pair in found.pairs] == [(-0.5, 1.0)] * 3


def test_a_pair_with_a_run_that_diverged_is_left_out_and_told() -> None:
    results = [*pairs((1, 2), (1, 3)), result("02-proposal", 9, "diverged"), result("02-baseline", 4)]

    found = outcome(PREDICTION, "d", results, one_target())

    assert [pair.seed for pair in found.pairs] == [11, 12]
    assert found.notes == ("seed 13: 02-proposal diverged: up: the pair is left out",)


def test_fewer_than_two_pairs_say_nothing() -> None:
    with pytest.raises(RunError, match=r"1 of 3 pairs are whole, two are the least; seed 12: 01-proposal has no resul"):
        outcome(PREDICTION, "d", pairs((1, 2)), one_target())


def test_pairs_have_one_seed_and_both_mixtures() -> None:
    runs = runs_of(PREDICTION)

    assert [(run.id, run.seed, run.weights[0]) for run in runs[:3]] == [
        ("00-proposal", 11, (0.25, 0.75)),
        ("00-baseline", 11, (0.5, 0.5)),
        ("01-proposal", 12, (0.25, 0.75)),
    ]


def test_more_seeds_keep_the_first_ones() -> None:
    assert seeds_of(17, 5)[:3] == seeds_of(17, 3)
    assert len(set(seeds_of(17, 5))) == 5
    assert seeds_of(18, 3) != seeds_of(17, 3)


def test_what_is_trained_is_the_proxy_with_other_sizes() -> None:
    keys, proxy = larger_proxy(EXPERIMENT)

    assert keys is EXPERIMENT.validate
    assert (proxy.model, proxy.tokens, proxy.batch) == (LARGE, 5000, 4)
    with pytest.raises(RunError, match="validate is missing"):
        larger_proxy(dataclasses.replace(EXPERIMENT, validate=None))


def test_what_validate_says_itself_is_not_the_proxys() -> None:
    assert EXPERIMENT.validate is not None
    said = dataclasses.replace(EXPERIMENT.validate, batch=16, learning_rate=ProxyRate(2e-3))
    _, proxy = larger_proxy(dataclasses.replace(EXPERIMENT, validate=said))

    assert (proxy.batch, proxy.learning_rate.peak) == (16, 2e-3)


@pytest.mark.parametrize(
    ("settings", "runs", "message"),
    [
        ((), 23, "proposal.json: is of other results: run `trainer mix propose` again"),
        (("propose.predictor=log_linear",), 24, "proposal.json: is by mean: run `trainer mix propose` again"),
    ],
)
def test_a_proposal_of_other_evidence_or_another_law_is_not_validated(
    tmp_path: Path, settings: tuple[str, ...], runs: int, message: str
) -> None:
    model = "{n_layer: 1, n_head: 1, n_kv_head: 1, d_model: 8}"
    keys = f"proxy: {{model: {model}, tokens: 1000, batch: 4}}\nvalidate: {{model: {model}, tokens: 4000}}\n"
    file, output = written(tmp_path, f"{PROPOSING}{keys}"), tmp_path / "out" / "weights"
    propose(file, str(tmp_path), (), False)
    write_results(output, read_results(output)[:runs])

    with pytest.raises(RunError, match=message):
        validate(file, str(tmp_path), settings, "inline", None)
    assert not (output / "prediction.json").exists()


def test_a_prediction_is_the_laws_difference_with_an_interval_around_it() -> None:
    law = random_law(1, 3, 2, 5)
    weights = random_weights(30, 1, 3, 6)
    evidence = evidence_from(law, weights, 0.01, 7)
    best, baseline = weights[0], weights[1]
    mixture = Mixture("best", tuple(map(tuple, best.tolist())), 0, 0, 0, (), True)
    proposal = Proposal(**{one.name: () for one in dataclasses.fields(Proposal)} | {"best": mixture})  # type: ignore[arg-type]
    trial = Trial(baseline, "p", larger_proxy(EXPERIMENT)[1], 10, 3)

    found = predict(EXPERIMENT, evidence, dataclasses.replace(proposal, swarm_digest="s"), trial)

    truth = (law.values(baseline[None]) - law.values(best[None]))[0]
    assert [one.target for one in found.targets] == ["objective", "t0", "t1"]
    assert [one.gain for one in found.targets[1:]] == pytest.approx(truth, abs=0.03)
    assert all(one.low < one.gain < one.high for one in found.targets)
    assert all(one.gain == pytest.approx(one.baseline - one.proposal) for one in found.targets)


def test_a_prediction_is_written_once(tmp_path: Path) -> None:
    """Time and figures stay when the command goes on, on another machine too; before anything runs all may change."""
    nearly = tuple(dataclasses.replace(one, gain=one.gain + 1e-9) for one in PREDICTION.targets)
    later = dataclasses.replace(PREDICTION, written_at="2026-11-24T00:00:00+00:00", targets=nearly)
    other = dataclasses.replace(PREDICTION, proposal_digest="q", tokens=6000)

    assert write_first(tmp_path, PREDICTION, []) == PREDICTION
    assert write_first(tmp_path, later, [tmp_path / "validation/00-proposal"]) == PREDICTION
    with pytest.raises(RunError, match="was written for another proposal digest, another tokens, and its runs have"):
        write_first(tmp_path, other, [tmp_path / "validation/00-proposal"])
    assert write_first(tmp_path, other, []) == other


@pytest.mark.parametrize(
    ("low", "high", "sign", "said"),
    [
        (0.1, 0.3, True, "better"),
        (0.1, 0.3, False, "better, not as predicted"),
        (-0.3, -0.1, False, "worse, not as predicted"),
        (-0.1, 0.3, True, "not told apart"),
    ],
)
def test_a_verdict_needs_an_interval_that_leaves_out_zero(low: float, high: float, sign: bool, said: str) -> None:
    assert verdict(ObservedTarget("t", 1, 1, 0, low, high, low > 0, sign)) == said
