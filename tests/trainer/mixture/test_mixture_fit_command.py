"""`trainer mix fit` on files: what it reads, writes and refuses."""

from pathlib import Path

import pytest

from datapipe.output import RunError
from tests.trainer.mixture.written_experiment import write_experiment
from trainer.mixture.evidence import evidence_digest
from trainer.mixture.fit import fit
from trainer.mixture.fit_file import FILE, Fit
from trainer.mixture.json_file import read_json
from trainer.mixture.results import read_results, write_results

QUICK = ("fit.predictors=[log_linear, square_root_ridge]", "fit.folds=3")


def fitted(file: Path, *settings: str) -> Fit:
    """What stands in the file behind the command."""
    fit(file, str(file.parent), (*QUICK, *settings), False)
    return read_json(file.parent / "out" / FILE, Fit, "fit")


def test_a_swarm_of_two_phases_is_fitted_and_its_effects_are_told_by_phase(tmp_path: Path) -> None:
    file = write_experiment(tmp_path, "results", phases=2)
    found = fitted(file)
    assert (found.experiment, found.runs, found.mixtures) == ("written", 24, 23)
    assert found.predictors == ("log_linear", "square_root_ridge", "mean")
    assert found.swarm_digest == evidence_digest(tmp_path / "out")
    assert [(one.phase, one.component) for one in found.interactions if one.target == "t0"] == [
        (phase, component) for phase in ("p0", "p1") for component in ("c0", "c1", "c2")
    ]
    rules = {one.predictor for one in found.scores if one.is_trivial}
    assert {"near to uniform", "near to proportional"} <= rules
    assert any(rule.startswith("more c") and rule.endswith((" in p0", " in p1")) for rule in rules)


def test_the_same_evidence_is_fitted_to_the_same_bytes_again(tmp_path: Path) -> None:
    file = write_experiment(tmp_path, "results")
    fitted(file)
    first = (tmp_path / "out" / FILE).read_bytes()
    fitted(file)
    assert (tmp_path / "out" / FILE).read_bytes() == first
    fitted(file, "seed=18")
    assert (tmp_path / "out" / FILE).read_bytes() != first


def test_a_run_without_a_result_is_left_out_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write_experiment(tmp_path, "results")
    write_results(tmp_path / "out", [one for one in read_results(tmp_path / "out") if one.run != "0007"])
    assert fitted(file).left_out == (("0007", "has no result yet"),)
    assert "left out: run 0007: has no result yet" in capsys.readouterr().out


def test_a_swarm_that_never_ran_is_refused_in_one_line(tmp_path: Path) -> None:
    file = write_experiment(tmp_path, "swarm")
    with pytest.raises(
        RunError, match=r"0 of 24 runs can be used, two are the least; 0000: has no result yet"
    ) as failure:
        fitted(file)
    assert "\n" not in str(failure.value)


def test_an_experiment_without_a_swarm_is_told_which_command_makes_one(tmp_path: Path) -> None:
    file = write_experiment(tmp_path, "results")
    (tmp_path / "out" / "swarm.json").unlink()
    with pytest.raises(
        RunError, match=r"swarm.json: not there; `trainer mix design` or `trainer mix import` writes it"
    ):
        fitted(file)
