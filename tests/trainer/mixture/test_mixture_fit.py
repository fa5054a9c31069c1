"""`trainer mix fit`: what it finds of swarms from known laws, what it warns of, and that it is the same every time."""

import dataclasses
import json
from functools import cache

import numpy as np
import pytest

from tests.trainer.mixture.laws import Law, evidence_from, names, random_law, random_weights, results_of, swarm_of
from trainer.mixture.cross_validation import cross_validate, folds_of, mixtures_of
from trainer.mixture.evidence import Evidence, evidence_of
from trainer.mixture.experiment import Experiment, Fitting
from trainer.mixture.fit import fit_of
from trainer.mixture.fit_file import FILE, Fit
from trainer.mixture.fit_report import print_fit
from trainer.mixture.interactions import interactions, moved
from trainer.mixture.json_file import read_json, write_json
from trainer.mixture.predictors.choosing import predictor_of
from trainer.mixture.results import Measurement

EXPERIMENT = Experiment("small", "out", fit=Fitting(predictors=("log_linear", "square_root_ridge"), folds=4))


def repeated(runs: int, phases: int, components: int, seed: int):
    """The last mixture stands there three times."""
    weights_NPK = random_weights(runs, phases, components, seed)
    weights_NPK[-2:] = weights_NPK[-3]
    return weights_NPK


def fitted(evidence: Evidence, results=None) -> Fit:
    phases, components = evidence.weights_NPK.shape[1:]
    uniform_PK = np.full((phases, components), 1 / components)
    results = results or results_of(swarm_of(evidence.weights_NPK), evidence.values_NM)
    return fit_of(EXPERIMENT, evidence, results, {"uniform": uniform_PK}, uniform_PK, "digest")


@cache
def good() -> Fit:
    """Two targets, each of which depends on two of three components; hardly any noise."""
    law = Law(np.array([0.8, 0.7]), np.array([1.0, 1.0]), np.array([[-2.0, -1, 0], [0, 1, -1]]))
    return fitted(evidence_from(law, repeated(26, 1, 3, 1), 0.002, 2))


@cache
def noisy() -> Fit:
    """One target that depends on nothing."""
    law = Law(np.array([0.8]), np.array([0.0]), np.zeros((1, 3)))
    return fitted(evidence_from(law, repeated(26, 1, 3, 1), 0.1, 2))


def test_laws_find_a_law_again_out_of_fold() -> None:
    scores = {(one.predictor, one.target): one for one in good().scores}
    for target in ("t0", "t1", "objective"):
        assert scores["log_linear", target].spearman > 0.98
        assert scores["mean", target].spearman > 0.9


def test_laws_and_trivial_rules_stand_in_one_table() -> None:
    rows = [one.predictor for one in good().scores if one.target == "t0"]
    assert rows == ["log_linear", "square_root_ridge", "mean", "more c0", "near to uniform"]
    assert [one.is_trivial for one in good().scores if one.target == "t0"] == [False] * 3 + [True] * 2


def test_the_rule_of_one_component_is_the_best_of_them() -> None:
    """The first target falls fastest with c0, the second one with c2."""
    rules = {one.target: one.predictor for one in good().scores if one.predictor.startswith("more ")}
    assert (rules["t0"], rules["t1"]) == ("more c0", "more c2")


def test_every_run_has_what_was_said_of_it_before_it_was_seen() -> None:
    found = good().out_of_fold
    assert [(one.run, one.target) for one in found[:3]] == [("0000", "t0"), ("0000", "t1"), ("0001", "t0")]
    assert len(found) == 26 * 2
    repeats = [one.predicted for one in found if one.run in ("0023", "0024", "0025") and one.target == "t0"]
    assert len(set(repeats)) == 1
    assert all(abs(one.predicted - one.observed) < 5 * one.spread + 0.01 for one in found)


def test_the_learning_curve_ends_with_the_scores_of_cross_validation() -> None:
    scores = {one.target: one.spearman for one in good().scores if one.predictor == "mean"}
    ends = {one.target: one.spearman for one in good().learning if one.runs == good().mixtures}
    assert ends == scores
    assert [one.runs for one in good().learning if one.target == "t0"] == [6, 8, 12, 17, 24]


def test_spread_noise_and_their_ratio_are_told() -> None:
    for one in good().targets:
        assert one.signal_to_noise == pytest.approx(one.spread / one.noise)
        assert one.signal_to_noise > 10


def test_mixtures_spread_by_the_standard_deviation_of_their_means() -> None:
    values = [one.observed for one in noisy().out_of_fold]
    assert noisy().targets[0].spread == pytest.approx(np.std([*values[:-3], np.mean(values[-3:])], ddof=1))


def test_noise_of_the_size_of_the_signal_is_warned_of_and_so_is_a_law_that_finds_nothing() -> None:
    warnings = noisy().warnings
    assert any(one.startswith("t0: noise of the size of the signal") for one in warnings)
    assert any("as well as the mean law, or better" in one for one in warnings)
    assert {one.predictor for one in noisy().scores} >= {"mean", "near to uniform"}


def test_a_swarm_without_repeats_is_warned_of() -> None:
    found = fitted(evidence_from(random_law(1, 3, 1, 5), random_weights(16, 1, 3, 1), 0.001, 2))
    assert found.targets[0].noise is None
    assert any("no mixture was trained twice" in one for one in found.warnings)


def test_a_single_target_is_the_objective() -> None:
    assert {one.target for one in noisy().scores} == {"t0"}


def test_interactions_are_those_of_the_law_and_their_intervals_hold_them() -> None:
    """exp(t . w) moves by its own difference, whatever the floor: at least 10 of 12 inside twice the interval."""
    law = random_law(2, 3, 2, 7)
    found = fitted(evidence_from(law, repeated(60, 2, 3, 1), 0.002, 2)).interactions
    reference_PK = np.full((2, 3), 1 / 3)
    assert [(one.phase, one.component, one.target) for one in found[:3]] == [
        ("p0", "c0", "t0"),
        ("p0", "c0", "t1"),
        ("p0", "c1", "t0"),
    ]
    inside = 0
    for place, one in enumerate(found):
        phase, component, target = place // 6, place // 2 % 3, place % 2
        there = np.array([moved(reference_PK, phase, component), reference_PK])
        true = (law.values(there)[0] - law.values(there)[1])[target]
        assert one.low <= one.effect <= one.high
        inside += abs(true - one.effect) <= one.high - one.low
    assert inside >= 10


def test_moving_tokens_keeps_the_others_in_proportion() -> None:
    weights_PK = np.array([[0.5, 0.3, 0.2]])
    assert moved(weights_PK, 0, 0) == pytest.approx(np.array([[0.51, 0.294, 0.196]]))
    assert moved(np.array([[1.0, 0, 0]]), 0, 0, -0.01) == pytest.approx(np.array([[0.99, 0.005, 0.005]]))


def test_the_interval_of_an_effect_is_that_of_the_jackknife() -> None:
    """Folds that say 1, 2 and 3 hundredths: variance 2 / 3 of 2, and t of 2 degrees at 0.9 is 1.886."""
    slopes = [np.array([[slope, 0.0]]) for slope in (1.0, 2, 3)]
    fits = [_Linear(slope) for slope in slopes]
    (one, other) = interactions(_Linear(slopes[1]), fits, np.array([[0.5, 0.5]]), ("p",), ("a", "b"), ("t",))
    assert one.effect == pytest.approx(0.02)
    assert one.high - one.effect == pytest.approx(1.885618 * np.sqrt(2 / 3 * 2) * 0.01)
    assert (other.effect, other.low) == (pytest.approx(-0.02), pytest.approx(-one.high))


class _Linear:
    """Values that are slopes times weights."""

    def __init__(self, slopes_PK):
        self.slopes_PK = slopes_PK

    def predict(self, weights_NPK):
        return (weights_NPK * self.slopes_PK).sum(axis=(1, 2))[:, None]


def test_anchors_and_deletions_are_predicted_from_all_other_mixtures() -> None:
    law = random_law(1, 3, 1, 5)
    weights_NPK = repeated(40, 1, 3, 1)
    weights_NPK[0] = [[0, 0.5, 0.5]]
    swarm = swarm_of(weights_NPK)
    kinds = {"0000": ("deletion", "c0"), "0037": ("anchor", "uniform"), "0038": ("repeat", "uniform")}
    named = [(run, *kinds.get(run.id, ("row", ""))) for run in swarm.runs]
    runs = [dataclasses.replace(run, kind=kind, of=of) for run, kind, of in named]
    values_NM = law.values(weights_NPK)
    values_NM[37:, 0] += [0.1, 0.2, 0.3]
    results = results_of(swarm, values_NM)
    evidence = evidence_of(dataclasses.replace(swarm, runs=tuple(runs)), results, names("t", 1))
    found = fitted(evidence, results)
    assert [(one.run, one.kind) for one in found.anchors] == [("0000", "deletion"), ("0037", "anchor")]
    true = law.values(weights_NPK)[:, 0]
    assert found.anchors[1].observed == pytest.approx(true[37] + 0.2)
    assert abs(found.anchors[1].predicted - true[37]) < 0.05
    assert any("extrapolation fails at anchor uniform (0037)" in one for one in found.warnings)


def test_checkpoints_that_rank_otherwise_are_warned_of() -> None:
    law = random_law(1, 3, 1, 5)
    evidence = evidence_from(law, repeated(20, 1, 3, 1), 0.001, 2)
    results = results_of(swarm_of(evidence.weights_NPK), evidence.values_NM)
    with_earlier = {
        name: dataclasses.replace(
            one,
            measurements=(
                Measurement(250, {"t0": -one.measurements[0].targets["t0"]}),
                Measurement(500, {"t0": one.measurements[0].targets["t0"] + (name == "0003")}),
                *one.measurements,
            ),
        )
        for name, one in results.items()
    }
    found = fitted(evidence, with_earlier)
    assert [(tokens, target) for tokens, target, _ in found.checkpoints] == [(250, "t0"), (500, "t0")]
    assert found.checkpoints[0][2] == pytest.approx(-1)
    assert found.checkpoints[1][2] < 1


def test_fewer_mixtures_than_parameters_are_fitted_and_said() -> None:
    found = fitted(evidence_from(random_law(1, 8, 2, 5), repeated(9, 1, 8, 1), 0.001, 2))
    assert any("regularised" in note for note in found.notes)
    assert all(np.isfinite(one.predicted) for one in found.out_of_fold)


def test_a_constant_target_does_not_stop_the_others() -> None:
    law = Law(np.array([0.8, 0.7]), np.array([1.0, 0.0]), np.array([[-2.0, -1, 0], [0, 0, 0]]))
    found = fitted(evidence_from(law, repeated(20, 1, 3, 1), 0.0, 2))
    assert {one.target: one.signal_to_noise for one in found.targets} == {"t0": None, "t1": None}
    assert next(one for one in found.scores if (one.predictor, one.target) == ("mean", "t1")).spearman is None


def test_equal_evidence_has_equal_bytes_and_comes_back(tmp_path) -> None:
    write_json(tmp_path / FILE, good())
    first = (tmp_path / FILE).read_bytes()
    good.cache_clear()
    write_json(tmp_path / FILE, good())
    assert (tmp_path / FILE).read_bytes() == first
    assert read_json(tmp_path / FILE, Fit, "fit") == good()
    assert json.loads(first)["swarm_digest"] == "digest"


def test_the_terminal_shows_laws_beside_rules_and_all_that_must_not_be_overlooked(capsys) -> None:
    print_fit(noisy(), "out/fit.json")
    said = capsys.readouterr().out
    for expected in ("small: 26 runs, 24 mixtures, targets: 1", "log_linear", "near to uniform", "out/fit.json"):
        assert expected in said
    assert [f"warning: {one}" in said for one in noisy().warnings] == [True] * len(noisy().warnings)
    tables = said.partition("\nwarning: ")[0]
    assert max(map(len, tables.splitlines())) <= 80


def test_names_of_imported_columns_act_on_no_terminal(capsys) -> None:
    target = "\x1b[31m[red]t"
    scores = [dataclasses.replace(one, target=target) for one in noisy().scores]
    targets = [dataclasses.replace(one, target=target) for one in noisy().targets]
    print_fit(dataclasses.replace(noisy(), scores=tuple(scores), targets=tuple(targets)), "fit.json")
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "[red]t" in said


@pytest.mark.slow
def test_intervals_of_effects_hold_the_truth_as_often_as_they_say() -> None:
    """Eight effects in each of 40 swarms of a log-linear law, noise a tenth of the spread: of 80 % intervals 75 to 90 %
    must hold it."""
    held = []
    for seed in range(40):
        law, weights_NPK = random_law(1, 4, 2, seed), random_weights(32, 1, 4, seed + 500)
        clean = law.values(weights_NPK)
        values_NM = clean + np.random.default_rng(seed).normal(0, 0.1, clean.shape) * clean.std(axis=0)
        mixtures, folds = mixtures_of(weights_NPK, values_NM), folds_of(32, 8, seed)
        predictor, reference_PK = predictor_of("log_linear", Fitting()), np.full((1, 4), 0.25)
        validated = cross_validate(predictor, weights_NPK, values_NM, mixtures, folds)
        fitted_law = predictor.fit(weights_NPK, values_NM)
        found = interactions(fitted_law, validated.fits, reference_PK, ("p0",), names("c", 4), names("t", 2))
        there = np.array([reference_PK, *(moved(reference_PK, 0, component) for component in range(4))])
        effects_KM = law.values(there)[1:] - law.values(there)[0]
        held += [one.low <= true <= one.high for one, true in zip(found, effects_KM.ravel(), strict=True)]
    assert 0.75 <= np.mean(held) <= 0.9, np.mean(held)
