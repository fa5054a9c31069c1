"""Evidence: what runs came to, and what cannot be used of it, told."""

import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest

from datapipe.output import RunError
from tests.trainer.mixture.laws import names, random_law, random_weights, results_of, swarm_of
from trainer.mixture.evidence import Evidence, evidence_digest, evidence_of, read_evidence, same_mixtures
from trainer.mixture.experiment import Experiment
from trainer.mixture.materials import Material
from trainer.mixture.results import Measurement, read_results, write_results
from trainer.mixture.swarm import Swarm, read_swarm, write_swarm


def a_swarm(runs: int = 12) -> Swarm:
    return swarm_of(random_weights(runs, 1, 3, seed=1))


def results(swarm: Swarm):
    return results_of(swarm, random_law(len(swarm.phases), 3, 2, seed=2).values(swarm.weights_NPK))


def evidence(swarm: Swarm, **changed) -> Evidence:
    """Of the swarm's results, with these runs' replaced; None leaves one out."""
    found = results(swarm) | {f"{int(name[1:]):04}": result for name, result in changed.items()}
    return evidence_of(swarm, {name: one for name, one in found.items() if one is not None}, names("t", 2))


def test_a_whole_swarm_is_evidence_without_notes() -> None:
    found = evidence(a_swarm())
    assert (found.left_out, found.notes, len(found.runs), found.noise_M) == ((), (), 12, None)


def test_runs_that_failed_or_are_missing_are_left_out_and_told() -> None:
    swarm = a_swarm()
    failed = dataclasses.replace(results(swarm)["0004"], status="failed", why="no memory")
    diverged = dataclasses.replace(results(swarm)["0005"], status="diverged", why="loss 11.2 at step 90")
    found = evidence(swarm, r2=None, r4=failed, r5=diverged)
    assert found.left_out == (
        ("0002", "has no result yet"),
        ("0004", "failed: no memory"),
        ("0005", "diverged: loss 11.2 at step 90"),
    )
    assert "0004" not in {run.id for run in found.runs}
    assert found.weights_NPK.shape == (9, 1, 3)


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), -1e308])
def test_a_loss_that_is_no_number_leaves_its_run_out(value: float | None) -> None:
    swarm = a_swarm()
    broken = dataclasses.replace(results(swarm)["0003"], measurements=(Measurement(10, {"t0": 1.0, "t1": value}),))
    assert evidence(swarm, r3=broken).left_out == (("0003", "no finite t1"),)


def test_a_target_of_zero_is_a_number() -> None:
    swarm = a_swarm()
    zero = dataclasses.replace(results(swarm)["0003"], measurements=(Measurement(10, {"t0": 0.0, "t1": 1.0}),))
    assert evidence(swarm, r3=zero).values_NM[3].tolist() == [0.0, 1.0]


def test_a_run_without_a_measurement_is_left_out() -> None:
    swarm = a_swarm()
    never = dataclasses.replace(results(swarm)["0003"], measurements=())
    assert evidence(swarm, r3=never).left_out == (("0003", "was never measured"),)


def test_the_last_measurement_counts() -> None:
    swarm = a_swarm()
    both = (Measurement(10, {"t0": 9.0, "t1": 9.0}), Measurement(20, {"t0": 2.0, "t1": 3.0}))
    found = evidence(swarm, r3=dataclasses.replace(results(swarm)["0003"], measurements=both))
    assert found.values_NM[3].tolist() == [2.0, 3.0]


def test_less_than_two_runs_are_none() -> None:
    swarm = a_swarm(3)
    with pytest.raises(RunError, match=r"1 of 3 runs can be used, two are the least; 0001: has no result yet"):
        evidence(swarm, r1=None, r2=None)


def test_runs_of_one_mixture_are_nothing_to_compare() -> None:
    weights_NPK = np.repeat(random_weights(1, 1, 3, seed=1), 4, axis=0)
    with pytest.raises(RunError, match=r"all 4 runs that can be used are of one mixture: there is nothing to compare"):
        evidence(swarm_of(weights_NPK))


def test_why_a_run_has_failed_is_one_line() -> None:
    swarm = a_swarm()
    failed = dataclasses.replace(results(swarm)["0004"], status="failed", why="OSError:\n  no space\n")
    assert evidence(swarm, r4=failed).left_out == (("0004", "failed: OSError: no space"),)


def test_a_component_that_never_varies_is_told() -> None:
    weights_NPK = random_weights(12, 2, 3, seed=1)
    weights_NPK[:, 1] = [0.5, 0.25, 0.25]
    weights_NPK[:, 1, 1:] = random_weights(12, 1, 2, seed=4)[:, 0] * 0.5
    found = evidence(swarm_of(weights_NPK))
    assert found.notes == ("c0 never varies in p1: nothing can be said of its weight",)


def test_a_mixture_that_stands_there_twice_by_accident_is_told_and_counts_as_a_repeat() -> None:
    weights_NPK = random_weights(12, 1, 3, seed=1)
    weights_NPK[7] = weights_NPK[3]
    found = evidence(swarm_of(weights_NPK))
    assert found.notes == ("1 mixtures stand there before already, and count as repeats: 0007",)
    assert found.noise_degrees == 1


def test_repeats_that_are_meant_are_not_told() -> None:
    weights_NPK = random_weights(12, 1, 3, seed=1)
    weights_NPK[7] = weights_NPK[3]
    swarm = swarm_of(weights_NPK)
    runs = [dataclasses.replace(run, kind="repeat") if run.id == "0007" else run for run in swarm.runs]
    assert evidence(dataclasses.replace(swarm, runs=tuple(runs))).notes == ()


def test_fewer_mixtures_than_parameters_are_told() -> None:
    """Three components in one phase: two slopes, a scale and a floor."""
    assert evidence(a_swarm(4)).notes == ()
    notes = evidence(a_swarm(3)).notes
    assert notes == (
        "3 mixtures for 4 parameters of each target's law: it is regularised, and says little beyond what it has seen",
    )


def test_noise_is_that_inside_repeats_pooled_by_degrees_of_freedom() -> None:
    """0, 2 and 4, 4, 7: squares 2 and 6 around their means, on 1 + 2 degrees."""
    weights_NPK = random_weights(2, 1, 3, seed=1)[[0, 0, 1, 1, 1]]
    swarm = swarm_of(weights_NPK)
    values = np.array([[0.0], [2], [4], [4], [7]])
    found = evidence_of(swarm, results_of(swarm, values), names("t", 1))
    assert found.noise_degrees == 3
    assert found.noise_M == pytest.approx(np.sqrt((2 + 6) / 3))


def test_mixtures_are_the_same_up_to_rounding() -> None:
    weights_NPK = np.array([[[0.1, 0.9]], [[0.3, 0.7]], [[0.1 + 1e-12, 0.9 - 1e-12]]])
    assert same_mixtures(weights_NPK) == [0, 1, 0]


def written(folder: Path, swarm: Swarm) -> Path:
    write_swarm(folder, swarm)
    write_results(folder, results(swarm).values())
    return folder


def test_results_stand_for_runs_whatever_their_order_in_the_file(tmp_path: Path) -> None:
    swarm = a_swarm()
    written(tmp_path, swarm)
    lines = (tmp_path / "results.jsonl").read_text().splitlines()
    (tmp_path / "results.jsonl").write_text("\n".join(reversed(lines)))
    found = read_evidence(Experiment("x", "out"), swarm.materials, tmp_path)
    assert found.targets == ("t0", "t1")
    assert found.values_NM.tolist() == evidence(swarm).values_NM.tolist()


def test_evidence_of_other_text_is_refused_unless_told_otherwise(tmp_path: Path) -> None:
    swarm = a_swarm()
    then = Material("c0", {"web": 1.0}, 10**9, None, {"web": "one"})
    swarm = dataclasses.replace(
        swarm, materials=dataclasses.replace(swarm.materials, components={**swarm.materials.components, "c0": then})
    )
    written(tmp_path, swarm)
    now = dataclasses.replace(
        swarm.materials,
        components={**swarm.materials.components, "c0": dataclasses.replace(then, digests={"web": "two"})},
    )
    with pytest.raises(RunError, match="trained on other text: web of c0 is other text; design a new swarm"):
        read_evidence(Experiment("x", "out"), now, tmp_path)
    found = read_evidence(Experiment("x", "out"), now, tmp_path, other_text=True)
    assert found.notes == ("evidence of other text: web of c0 is other text",)


def test_a_target_that_no_run_measured_is_refused_with_what_there_is(tmp_path: Path) -> None:
    swarm = a_swarm()
    written(tmp_path, swarm)
    with pytest.raises(RunError, match=r"mix.yaml: targets: no run measured 't9'; .*t0, t1"):
        read_evidence(Experiment("x", "out", targets=("t9",), file="mix.yaml"), swarm.materials, tmp_path)


def test_a_swarm_for_other_components_than_its_materials_is_none(tmp_path: Path) -> None:
    write_swarm(tmp_path, dataclasses.replace(a_swarm(), components=("c0", "c0", "c2")))
    with pytest.raises(RunError, match=r"components are \['c0', 'c0', 'c2'\], but its materials have"):
        read_swarm(tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", r"swarm.json: Invalid JSON: EOF"),
        ("{}", r"swarm.json, components: Field required"),
        (f'{{"components": [{"[" * 9}', r"swarm.json: Invalid JSON: EOF"),
    ],
)
def test_a_swarm_that_is_damaged_is_refused_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "swarm.json").write_text(text)
    with pytest.raises(RunError, match=said):
        read_swarm(tmp_path)


def test_a_result_of_endless_seconds_is_refused_with_its_line(tmp_path: Path) -> None:
    written(tmp_path, a_swarm())
    path = tmp_path / "results.jsonl"
    path.write_text(re.sub(r'"seconds": [^,]+', '"seconds": 1e999', path.read_text(), count=1))
    with pytest.raises(RunError, match=r"results.jsonl, line 1: 1e999 is no finite number"):
        read_results(tmp_path)


def test_weights_stand_in_the_order_of_the_experiment_not_of_the_swarm(tmp_path: Path) -> None:
    swarm = a_swarm()
    written(tmp_path, swarm)
    there = swarm.materials.components
    other = dataclasses.replace(swarm.materials, components={name: there[name] for name in ("c2", "c0", "c1")})
    found = read_evidence(Experiment("x", "out"), other, tmp_path)
    assert found.components == ("c2", "c0", "c1")
    assert found.weights_NPK.tolist() == swarm.weights_NPK[:, :, [2, 0, 1]].tolist()


def test_a_swarm_of_other_phases_is_refused(tmp_path: Path) -> None:
    swarm = a_swarm()
    written(tmp_path, swarm)
    other = dataclasses.replace(swarm.materials, phase_tokens={"p0": 10**9, "last": 10**9})
    with pytest.raises(RunError, match=r"the swarm has the phases p0, the experiment p0, last"):
        read_evidence(Experiment("x", "out"), other, tmp_path)


def test_the_digest_of_evidence_changes_with_what_was_designed_and_with_what_came_of_it(tmp_path: Path) -> None:
    written(tmp_path, a_swarm())
    digests = [evidence_digest(tmp_path)]
    write_results(tmp_path, list(results(a_swarm()).values())[:-1])
    digests.append(evidence_digest(tmp_path))
    write_swarm(tmp_path, a_swarm(13))
    digests.append(evidence_digest(tmp_path))
    assert len(set(digests)) == 3
    written(tmp_path, a_swarm())
    assert evidence_digest(tmp_path) == digests[0]


def test_the_time_that_runs_took_is_no_part_of_the_evidence(tmp_path: Path) -> None:
    """What follows from a swarm is the same, byte for byte, when it is trained again."""
    written(tmp_path, a_swarm())
    before = evidence_digest(tmp_path)
    write_results(tmp_path, [dataclasses.replace(one, seconds=99.0) for one in results(a_swarm()).values()])
    assert evidence_digest(tmp_path) == before
