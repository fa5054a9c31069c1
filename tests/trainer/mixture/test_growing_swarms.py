"""Swarms as `trainer mix design` makes and appends to them: which runs stand in them, and what is refused."""

import dataclasses
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from datapipe.output import RunError
from tests.trainer.mixture.sized import THREE, sized
from trainer.mixture.design import design
from trainer.mixture.designing.growing import check_same_design, listed, more_runs, new_swarm
from trainer.mixture.evidence import same_mixtures
from trainer.mixture.materials import Materials
from trainer.mixture.space import broken, space_of
from trainer.mixture.swarm import Swarm, read_swarm

OPEN = "caps: {max_epochs: 16, min_weight: 0.01}"
TWO_PHASES = {"stable": 750_000, "anneal": 250_000}
Kept = tuple[str, str, int]


def swarm_of(rest: str = OPEN, phases: Mapping[str, int] | None = None) -> tuple[Swarm, list[str]]:
    experiment, materials = sized(rest, phases=phases)
    return new_swarm(experiment, materials, space_of(experiment, materials))


def more(swarm: Swarm, count: int, rest: str = OPEN, materials: Materials | None = None) -> Swarm:
    experiment, now = sized(rest)
    return more_runs(experiment, materials or now, space_of(experiment, now), swarm, count)


def weights(swarm: Swarm, kind: str, of: str) -> list[float]:
    found = next(run for run in swarm.runs if run.kind == kind and run.of == of)
    return [round(weight, 6) for weight in found.weights[0]]


def test_a_swarm_has_anchors_repeats_deletions_and_rows() -> None:
    """max(16, 4 x 3) + 3 runs; today's mixture is the proportional one, and stands there once."""
    swarm, notes = swarm_of()
    assert Counter(run.kind for run in swarm.runs) == {"anchor": 2, "repeat": 3, "deletion": 3, "row": 11}
    assert notes == ["current is the same mixture as proportional, which stands there already"]
    assert [run.id for run in swarm.runs[:2]] == ["0000", "0001"]


def test_there_are_as_many_repeats_as_asked_and_no_deletions_where_none_are() -> None:
    swarm, _ = swarm_of(f"{OPEN}\nswarm: {{repeats: 5, deletions: false}}")
    assert Counter(run.kind for run in swarm.runs) == {"anchor": 2, "repeat": 5, "row": 14}


def test_a_deletion_leaves_the_least_and_others_grow_in_proportion() -> None:
    """English 0.6, multilingual 0.3, code 0.1: without English 0.99 is divided 3 : 1."""
    swarm, _ = swarm_of()
    assert weights(swarm, "deletion", "english") == [0.01, 0.7425, 0.2475]


def test_repeats_are_one_mixture_with_seeds_of_their_own() -> None:
    swarm, _ = swarm_of()
    same = [run for run in swarm.runs if run.weights == swarm.runs[0].weights]
    assert [run.kind for run in same] == ["anchor", "repeat", "repeat", "repeat"]
    assert len({run.seed for run in swarm.runs}) == len(swarm.runs)


@pytest.mark.parametrize("rows", ["d_optimal", "space_filling", "dirichlet"])
@pytest.mark.parametrize("phases", [None, TWO_PHASES])
def test_all_runs_are_allowed_and_none_but_repeats_is_there_twice(rows: str, phases: Mapping[str, int] | None) -> None:
    rest = (
        f"{OPEN}\nswarm: {{rows: {rows}, runs: 24}}\ngroups: {{western: {{of: [english, code], min: 0.3, max: 0.95}}}}"
    )
    experiment, materials = sized(rest, phases=phases)
    space = space_of(experiment, materials)
    swarm, _ = new_swarm(experiment, materials, space)
    assert len(swarm.runs) == 24
    assert [broken(space, run_PK) for run_PK in swarm.weights_NPK] == [[]] * 24
    first = same_mixtures(swarm.weights_NPK)
    again = [run.kind for place, run in enumerate(swarm.runs) if first[place] != place]
    assert again == ["repeat"] * 3


def test_two_phases_have_weights_of_their_own() -> None:
    swarm, _ = swarm_of(phases=TWO_PHASES)
    assert len(swarm.runs) == 4 * 2 * 3 + 3
    assert np.linalg.matrix_rank(swarm.weights_NPK.reshape(len(swarm.runs), -1)) == 5  # 2 x (3 - 1) + 1


def test_an_anchor_that_caps_forbid_is_moved_to_the_nearest_and_that_is_said() -> None:
    """A third of a million tokens are 3.3 epochs of code: at most 2 are 0.2, and what is over goes to both others."""
    swarm, notes = swarm_of("caps: {max_epochs: 2, min_weight: 0.01}")
    assert weights(swarm, "anchor", "uniform") == [0.4, 0.4, 0.2]
    assert notes[0] == "uniform is moved by 13.3% of its tokens, to what is allowed: code epochs: 3.333, at most 2"


def test_more_runs_leave_those_there_as_they_are_and_complement_them() -> None:
    swarm, _ = swarm_of()
    grown = more(swarm, 5)
    assert grown.runs[: len(swarm.runs)] == swarm.runs
    assert [run.id for run in grown.runs[-5:]] == ["0019", "0020", "0021", "0022", "0023"]
    assert Counter(same_mixtures(grown.weights_NPK))[0] == 4
    assert len(set(same_mixtures(grown.weights_NPK))) == len(grown.runs) - 3


def test_more_runs_may_be_chosen_in_another_way_inside_other_caps() -> None:
    swarm, _ = swarm_of()
    rest = (
        f"{OPEN}\nswarm: {{rows: space_filling}}\ncomponents: {{english: {{min: 0.5}}, multilingual: {{}}, code: {{}}}}"
    )
    grown = more(swarm, 4, rest)
    assert min(run.weights[0][0] for run in grown.runs[-4:]) >= 0.5 - 1e-9


def test_more_runs_are_refused_where_text_or_proxy_are_others() -> None:
    swarm, _ = swarm_of()
    proxy = f"{OPEN}\nproxy: {{model: {{preset: 1m}}, tokens: 1000, batch: 1}}"
    with pytest.raises(RunError, match=r"cannot be compared with new ones: proxy was nothing, is given"):
        more(swarm, 1, proxy)
    with pytest.raises(RunError, match=r"proxy.tokens was 1,000, is 2,000"):
        more(swarm_of(proxy)[0], 1, proxy.replace("1000", "2000"))
    _, other = sized(OPEN, sizes={**THREE, "code": 100_001})
    with pytest.raises(RunError, match=r"tokens.code was 100,000, is 100,001"):
        more(swarm, 1, materials=other)
    with pytest.raises(RunError, match=r"imported from regmix"):
        more(dataclasses.replace(swarm, origin="regmix"), 1)


def test_a_swarm_of_other_settings_is_not_taken_for_this_one() -> None:
    swarm, _ = swarm_of()
    experiment, materials = sized(f"{OPEN}\nseed: 5\nswarm: {{runs: 40}}")
    with pytest.raises(RunError, match=r"swarm.runs was nothing, is 40; seed was 17, is 5; give another output"):
        check_same_design(experiment, materials, space_of(experiment, materials), swarm)


def test_limits_that_have_changed_since_leave_a_swarm_as_it_is_and_are_told() -> None:
    swarm, _ = swarm_of()
    experiment, materials = sized("caps: {max_epochs: 3, min_weight: 0.01}")
    assert check_same_design(experiment, materials, space_of(experiment, materials), swarm) == [
        "it was designed inside other limits: caps.max_epochs was 16.0, is 3.0; --more appends rows inside these"
    ]


def test_of_many_differences_three_are_named() -> None:
    assert listed(["a", "b", "c"]) == "a; b; c"
    assert listed([f"unit {place} is other text" for place in range(120)]) == (
        "unit 0 is other text; unit 1 is other text; unit 2 is other text; and 117 more"
    )


def test_fewer_runs_than_stand_in_every_swarm_are_refused_with_their_numbers() -> None:
    with pytest.raises(RunError, match=r"swarm.runs: 7, but 2 anchors, 3 repeats, 3 deletions make 8 already"):
        swarm_of(f"{OPEN}\nswarm: {{runs: 7}}")


def test_dirichlet_rows_that_caps_forbid_are_refused_with_what_else_there_is() -> None:
    rest = "groups: {western: {of: [english, code], min: 0.6, max: 0.60001}}"
    with pytest.raises(RunError, match=r"0 of 1,600 Dirichlet draws hold caps and floors, of 4 .* take `d_optimal`"):
        swarm_of(f"{rest}\nswarm: {{rows: dirichlet, runs: 9, deletions: false}}")


def test_a_space_of_one_mixture_has_no_rows() -> None:
    rest = "components: {english: {min: 0.6}, multilingual: {min: 0.3}, code: {min: 0.1}}"
    with pytest.raises(RunError, match=r"caps and floors leave no more than 0 mixtures"):
        swarm_of(rest)


def test_the_command_writes_equal_bytes_and_leaves_a_swarm_that_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sizes = ", ".join(f"{name}: {tokens}" for name, tokens in THREE.items())
    text = f"name: small\noutput: out\nsizes: {{{sizes}}}\nphases: [{{name: all, tokens: 1_000_000}}]\n{OPEN}\n"
    file = tmp_path / "mixture.yaml"
    file.write_text(text)
    written = []
    for folder in ("one", "other"):
        design(file, str(tmp_path / folder), (), None)
        written.append((tmp_path / folder / "out" / "swarm.json").read_bytes())
    assert written[0] == written[1]
    said = capsys.readouterr().out
    assert "19 runs: 2 anchors, 3 repeats, 3 deletions, 11 rows" in said
    assert "cannot tell" not in said
    design(file, str(tmp_path / "one"), (), None)
    assert "was there already" in capsys.readouterr().out
    assert (tmp_path / "one" / "out" / "swarm.json").read_bytes() == written[0]
    design(file, str(tmp_path / "one"), (), 3)
    assert len(read_swarm(tmp_path / "one" / "out").runs) == 22


def test_there_is_nothing_to_append_to_before_the_first_swarm(tmp_path: Path) -> None:
    file = tmp_path / "mixture.yaml"
    file.write_text("name: small\noutput: out\nsizes: {a: 10, b: 10}\nphases: [{name: all, tokens: 10}]\n")
    with pytest.raises(RunError, match="nothing to append to"):
        design(file, str(tmp_path), (), 3)
