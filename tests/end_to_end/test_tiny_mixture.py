"""The tiny experiment from tokens to a page and a plan; smaller ones killed on the way, and in two phases."""

import dataclasses
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tokenizer.load import load as load_tokenizer
from tokenizer.run import run as run_tokenizer
from trainer.load import load as load_plan
from trainer.mixture.everything import everything
from trainer.mixture.fit_file import FILE as FIT
from trainer.mixture.fit_file import Fit
from trainer.mixture.json_file import read_json
from trainer.mixture.proposal_file import FILE as PROPOSAL
from trainer.mixture.proposal_file import Proposal
from trainer.mixture.results import read_results
from trainer.mixture.validate import validate
from trainer.mixture.validation_file import PREDICTION, VALIDATION, Prediction, ValidationResult
from trainer.planning import outlook_of

TINY = Path(__file__).parents[2] / "recipes" / "tiny"
EXPERIMENT = TINY / "mixture.yaml"
OUTPUT = Path("out/tiny-mixture")
SMALL = [
    "swarm.runs=9",
    "swarm.anchors=[proportional]",
    "proxy.tokens=8_000",
    "proxy.max_validation_tokens=512",
    "propose.resamples=20",
]
"""Less to train, to compare two ways to the same end."""
TWO_PHASES = ["phases=[{name: ramp, of: [ramp-1, ramp-2]}, {name: main, of: [main]}]", "swarm.runs=12"]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def tokens(demo: Path | None, tiny_output: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root below which the tokens are."""
    if demo is not None:
        return demo
    root = tmp_path_factory.mktemp("tokens")
    shutil.copytree(tiny_output, root / "out/tiny", ignore=shutil.ignore_patterns("documents", "annotations"))
    assert run_tokenizer(load_tokenizer(TINY / "tokenizer.yaml"), root=str(root))
    return root


def below(tokens: Path, folder: Path) -> Path:
    """A root with the same tokens and an output of its own."""
    (folder / "out").mkdir(parents=True)
    (folder / "out/tiny").symlink_to(tokens / "out/tiny")
    return folder


@pytest.fixture(scope="module")
def swarm(demo: Path | None, tokens: Path, ray_cluster: None) -> Path:
    """The recipe as it is, on Ray: its output folder."""
    if demo is None:
        everything(EXPERIMENT, str(tokens), [], "ray", 2)
    return tokens / OUTPUT


@pytest.fixture(scope="module")
def small(tokens: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a smaller budget."""
    root = below(tokens, tmp_path_factory.mktemp("small") / "root")
    everything(EXPERIMENT, str(root), SMALL, "inline", None)
    return root / OUTPUT


def evidence(output: Path) -> dict[str, object]:
    """All that follows from the seed: files byte for byte, and results but for the time they took."""
    files = {name: (output / name).read_bytes() for name in ("swarm.json", FIT, PROPOSAL, "proposal.yaml")}
    return {**files, "results": [dataclasses.replace(one, seconds=0.0) for one in read_results(output)]}


def test_the_law_ranks_unseen_runs_or_the_fit_says_that_it_does_not(swarm: Path) -> None:
    """A rank correlation of 0.9 on two of three domains, and more than the best trivial rule; else a warning."""
    fit = read_json(swarm / FIT, Fit, "fit")
    targets = [one.target for one in fit.targets]
    ranks = {one.target: one.spearman or 0.0 for one in fit.scores if one.predictor == "mean"}
    trivial = {
        target: max(one.spearman or 0.0 for one in fit.scores if one.is_trivial and one.target == target)
        for target in targets
    }
    good = [target for target in targets if ranks[target] >= 0.9 and ranks[target] > trivial[target]]
    warned = [target for target in targets if any(one.startswith(f"{target}:") for one in fit.warnings)]
    assert targets == ["code", "english", "multilingual"]
    assert len(good) >= 2 or len(good) + len(warned) >= 3, (ranks, trivial, fit.warnings)


def test_the_proposal_is_a_plan_that_can_be_trained(swarm: Path) -> None:
    proposal = read_json(swarm / PROPOSAL, Proposal, "propose")
    plan = load_plan(swarm / proposal.plan)

    reckoned = outlook_of(plan, str(swarm.parents[1]))

    given = {one.domain: one.given for one in reckoned.phases[-1].domains}
    expected = dict(zip(proposal.components, proposal.best.weights[0], strict=True))
    assert given == pytest.approx(expected, abs=1e-5)


def test_the_page_needs_nothing_else(swarm: Path) -> None:
    page = (swarm / "report.html").read_text("utf-8")
    assert len(page) < 5_000_000
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_a_swarm_that_was_killed_half_way_ends_as_one_that_was_not(tokens: Path, small: Path, tmp_path: Path) -> None:
    root = below(tokens, tmp_path / "root")
    sets = [word for one in SMALL for word in ("--set", one)]
    command = [sys.executable, "-m", "trainer.cli", "mix", "all", str(EXPERIMENT), "--root", str(root), *sets]
    process = subprocess.Popen([*command, "--executor", "inline"])
    while len(list((root / OUTPUT).glob("runs/*/result.json"))) < 3:
        assert process.poll() is None
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not (root / OUTPUT / "results.jsonl").exists()

    everything(EXPERIMENT, str(root), SMALL, "inline", None)

    assert evidence(root / OUTPUT) == evidence(small)


def test_a_finished_experiment_is_trained_no_more(small: Path) -> None:
    before, began = evidence(small), (small / "runs/0000/result.json").stat().st_mtime_ns

    everything(EXPERIMENT, str(small.parents[1]), SMALL, "inline", None)

    assert evidence(small) == before
    assert (small / "runs/0000/result.json").stat().st_mtime_ns == began


def test_a_proposal_is_tried_in_pairs_against_what_was_foretold(small: Path) -> None:
    """As large as a proxy here, to be quick."""
    settings = [*SMALL, "validate.tokens=8_000", "validate.model.n_layer=2", "validate.model.d_model=64"]

    validate(EXPERIMENT, str(small.parents[1]), settings, "inline", None)

    prediction = read_json(small / PREDICTION, Prediction, "validate")
    found = read_json(small / VALIDATION, ValidationResult, "validate")
    assert [pair.seed for pair in found.pairs] == list(prediction.seeds)
    assert [one.target for one in found.targets] == ["objective", "code", "english", "multilingual"]
    assert all(one.low < one.gain < one.high for one in found.targets)


def test_two_phases_are_planned_run_fitted_and_exported(tokens: Path, tmp_path: Path) -> None:
    root = below(tokens, tmp_path / "root")

    everything(EXPERIMENT, str(root), [*SMALL, *TWO_PHASES], "inline", None)

    proposal = read_json(root / OUTPUT / PROPOSAL, Proposal, "propose")
    reckoned = outlook_of(load_plan(root / OUTPUT / proposal.plan), str(root))
    assert proposal.phases == ("ramp", "main")
    assert [phase.name for phase in reckoned.phases] == ["ramp-1", "ramp-2", "main"]
    for phase, weights in zip(reckoned.phases, [proposal.best.weights[place] for place in (0, 0, 1)], strict=True):
        expected = dict(zip(proposal.components, weights, strict=True))
        assert {one.domain: one.given for one in phase.domains} == pytest.approx(expected, abs=1e-5)
