"""From a swarm whose law is known to a proposal, and to a plan that `trainer plan` takes."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from datapipe.loading.located_yaml import RecipeError
from datapipe.output import RunError
from tests.trainer.mixture.laws import random_law, random_weights, results_of, swarm_of
from trainer.load import load as load_plan
from trainer.mixture.evidence import evidence_of
from trainer.mixture.json_file import read_json
from trainer.mixture.load import load
from trainer.mixture.materials import read_materials
from trainer.mixture.proposal_file import FILE, PLAN, Proposal
from trainer.mixture.proposal_plan import refusal
from trainer.mixture.propose import propose
from trainer.mixture.repetition import effective_tokens
from trainer.mixture.results import write_results
from trainer.mixture.space import broken, space_of
from trainer.mixture.swarm import write_swarm
from trainer.planning import outlook_of

COMPONENTS = ("english", "multilingual", "code")
BASE = """\
# The plan of a small model.
name: small
output: out/small-model
model: {n_layer: 2, n_head: 2, n_kv_head: 2, d_model: 64, vocab_size: 512}
seq_len: 128
sizes:  # of everything
  english: {web: 400_000, books: 200_000}
  multilingual: {de: 300_000}
  code: {python: 100_000}
blends:
  mix: {english: {weight: 0.7}, multilingual: {weight: 0.15}, code: {weight: 0.15}}
phases:
  - name: stable  # most of it
    tokens: 600_000
    batch: 8
    blend: mix
    learning_rate: [{shape: constant, start: 1e-3}]
  - {name: decay, tokens: 200_000, batch: 8}
"""
EXPERIMENT = """\
name: weights
output: out/weights
plan: base.yaml
groups: {natural: {of: [english, multilingual], min: 0.3}, code: {of: [code]}}
propose: {resamples: 20}
fit: {predictors: [log_linear, square_root_ridge]}
"""


@pytest.fixture
def experiment(tmp_path: Path) -> Path:
    return written(tmp_path, EXPERIMENT)


def written(folder: Path, text: str, phases: int = 1, base: str = BASE) -> Path:
    """An experiment of 24 runs with a law's results, and a little noise: each target falls most with its domain."""
    (folder / "base.yaml").write_text(base)
    path = folder / "mixture.yaml"
    path.write_text(text)
    loaded = load(path)
    materials = read_materials(loaded)
    weights_NPK = random_weights(24, phases, 3, 1)
    law = random_law(phases, 3, 3, 2)
    swarm = dataclasses.replace(
        swarm_of(weights_NPK), components=COMPONENTS, phases=tuple(materials.phase_tokens), materials=materials
    )
    noise = np.random.default_rng(3).normal(0, 0.005, (24, 3))
    results = results_of(swarm, law.values(weights_NPK) + noise)
    renamed = [
        dataclasses.replace(
            one,
            measurements=tuple(
                dataclasses.replace(last, targets=dict(zip(COMPONENTS, last.targets.values(), strict=True)))
                for last in one.measurements
            ),
        )
        for one in results.values()
    ]
    output = folder / "out" / "weights"
    output.mkdir(parents=True)
    write_swarm(output, swarm)
    write_results(output, renamed)
    return path


def proposed(experiment: Path) -> Proposal:
    propose(experiment, str(experiment.parent), (), False)
    return read_json(experiment.parent / "out" / "weights" / FILE, Proposal, "propose")


def test_the_proposal_is_allowed_and_better_than_every_static_mixture_that_is(experiment: Path) -> None:
    found = proposed(experiment)
    loaded = load(experiment)
    space = space_of(loaded, read_materials(loaded))

    assert broken(space, np.array(found.best.weights)) == []
    assert broken(space, np.array(found.nearest_tied.weights)) == []
    assert all(one.objective <= found.worst.objective + 1e-9 for one in (found.best, *found.tied, found.nearest_tied))
    allowed = [one for one in found.statics if not broken(space, np.array(one.weights))]
    assert allowed
    assert all(found.best.objective < one.objective for one in allowed if not one.is_tied)


def test_intervals_hold_the_weight_and_the_figures_of_the_full_run_add_up(experiment: Path) -> None:
    found = proposed(experiment)

    assert [one.component for one in found.weights] == ["code", "english", "multilingual"]
    assert all(one.low <= one.weight <= one.high for one in found.weights)
    assert sum(one.weight for one in found.weights) == pytest.approx(1)
    assert sum(one.tokens for one in found.weights) == pytest.approx(800_000, abs=3)
    assert len(found.resampled) == 20
    for one, size in zip(found.weights, (100_000, 600_000, 300_000), strict=True):
        assert one.epochs == pytest.approx(one.tokens / size, rel=0.02)
        assert one.effective_tokens is not None
        assert one.effective_tokens <= one.tokens * 1.001


def test_stronger_divergence_stays_nearer_to_the_reference(experiment: Path) -> None:
    found = proposed(experiment)

    assert [point.kl for point in found.kl_path] == [0.005, 0.01, 0.02, 0.05, 0.1, 0.2]
    divergences = [point.divergence for point in found.kl_path]
    assert divergences == sorted(divergences, reverse=True)
    assert divergences[0] > divergences[-1]


def test_no_point_of_the_front_beats_another(experiment: Path) -> None:
    found = proposed(experiment)

    assert found.objectives == ("natural", "code")
    assert len(found.pareto) > 2
    values = np.array([point.objectives for point in found.pareto])
    assert not any((one < other - 1e-9).all() for one in values for other in values)


def test_the_plan_is_the_base_plan_with_other_blends_and_is_taken(experiment: Path) -> None:
    found = proposed(experiment)

    path = experiment.parent / "out" / "weights" / PLAN
    plan = load_plan(path)
    assert found.plan == PLAN
    assert [phase.blend for phase in plan.phases] == ["proposed", "proposed"]
    weights = {name: one.weight for name, one in plan.blends["proposed"].items()}
    assert weights == pytest.approx({one.component: one.weight for one in found.weights})
    assert "# most of it" in path.read_text()
    assert plan.output == "out/small-model-weights"
    assert outlook_of(plan).phases
    assert not any("refuses" in warning for warning in found.warnings)


def test_two_phases_have_blends_of_their_own(tmp_path: Path) -> None:
    phases = "phases: [{name: most, of: [stable]}, {name: end, of: [decay]}]\n"
    found = proposed(written(tmp_path, EXPERIMENT + phases, 2))

    plan = load_plan(tmp_path / "out" / "weights" / PLAN)
    assert [phase.blend for phase in plan.phases] == ["proposed_most", "proposed_end"]
    assert plan.blends["proposed_most"] != plan.blends["proposed_end"]
    assert [one.phase for one in found.weights] == ["most"] * 3 + ["end"] * 3
    first, last = found.weights[1], found.weights[4]
    assert first.epochs == pytest.approx(first.weight, rel=1e-3)
    assert last.epochs == pytest.approx((first.weight * 600_000 + last.weight * 200_000) / 600_000, rel=1e-3)
    read, unique = np.array([first.tokens + last.tokens]), np.array([300_000])
    assert first.effective_tokens + last.effective_tokens == pytest.approx(effective_tokens(read, unique)[0], rel=1e-3)
    assert last.effective_tokens < last.tokens


def test_a_weight_that_stands_at_a_limit_says_which(experiment: Path) -> None:
    """English wants all there is, and without a divergence gets its ceiling."""
    text = experiment.read_text().replace("resamples: 20", "resamples: 20, kl: 0, objective: {english: 1}")
    experiment.write_text(f"{text}components: {{english: {{max: 0.6}}, multilingual: {{}}, code: {{}}}}\n")

    english = proposed(experiment).weights[0]
    assert (english.weight, english.at_limit) == (pytest.approx(0.6, abs=1e-6), "max 0.6")


def test_the_order_of_the_swarm_and_that_of_the_plan_may_differ(experiment: Path) -> None:
    """The law has English fall most with English alone: so it must in the proposal."""
    text = experiment.read_text()
    alone = "resamples: 20, kl: 0, objective: {english: 1}"
    experiment.write_text(text.replace("resamples: 20", alone))
    found = proposed(experiment)

    weights = {one.component: one.weight for one in found.weights}
    assert max(weights, key=lambda name: weights[name]) == "english"


def test_equal_evidence_gives_equal_bytes(experiment: Path) -> None:
    output = experiment.parent / "out" / "weights"
    proposed(experiment)
    before = [(output / name).read_bytes() for name in (FILE, PLAN)]
    proposed(experiment)

    assert [(output / name).read_bytes() for name in (FILE, PLAN)] == before
    assert json.loads(before[0])["experiment"] == "weights"


def test_what_the_trainer_has_against_a_plan_is_told(tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(BASE)
    assert refusal(plan, None) == ""

    plan.write_text(BASE.replace("batch: 8}", "batch: 8, max_epochs: {all: 0.1}}"))
    assert "0.1" in refusal(plan, None)


def test_caps_of_the_plan_that_leave_no_mixture_are_named(tmp_path: Path) -> None:
    strict = BASE.replace("batch: 8}", "batch: 8, max_epochs: {all: 0.1}}")

    named = r"english: epochs of english/books by the end of decay, as the plan says, <= 0\.0987.*; group natural floor"
    with pytest.raises(RecipeError, match=named):
        proposed(written(tmp_path, EXPERIMENT, base=strict))


def test_an_unknown_target_of_the_objective_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, EXPERIMENT.replace("resamples: 20", "resamples: 20, objective: {engish: 1}"))

    with pytest.raises(RunError, match="engish"):
        propose(path, str(tmp_path), (), False)


def test_evidence_without_runs_is_refused(experiment: Path) -> None:
    swarm = swarm_of(random_weights(4, 1, 3, 1))

    with pytest.raises(RunError, match="0 of 4 runs"):
        evidence_of(swarm, {}, ("t0",))
