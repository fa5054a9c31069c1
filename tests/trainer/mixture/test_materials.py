"""What there is to mix, of tokens on disk, of a plan's sizes, and of sizes alone.

The data has English (units left, right) and others (C++, a/b, song, tale, unknown), in windows of 32.
"""

from pathlib import Path

import numpy as np
import pytest

from datapipe.loading.located_yaml import RecipeError
from datapipe.output import RunError
from tests.tokenizer.encoded_run import EncodedRun
from tests.trainer.mixture.sized import sized
from tests.trainer.small_plans import SMALL
from tokenizer.encoding.manifest import read_manifest
from trainer.mixture.experiment import Experiment
from trainer.mixture.load import loads
from trainer.mixture.materials import Materials, read_materials
from trainer.mixture.polytope import Polytope
from trainer.mixture.proposal_file import Mixture
from trainer.mixture.proposal_plan import refusal, write_plan
from trainer.mixture.space import broken, space_of

HEAD = "name: small\noutput: mixture\n"
DATA = "data: out\nproxy: {model: {preset: 100m}, tokens: 1000, batch: 8, tokenizer: letters-384}\n"
PLAN = """\
name: model
output: model
data: out
tokenizer: letters-384
model: {preset: 100m}
blends:
  early: {english: {weight: 0.8, sampling: {weights: {left: 0.75, right: 0.25}}}, others: {weight: 0.2}}
  late: {english: {weight: 0.2}, others: {weight: 0.8}}
phases:
  - {name: ramp, tokens: 1_000, batch: 4, blend: early, learning_rate: [{shape: constant, start: 1e-4}]}
  - {name: main, tokens: 2_000, batch: 8}
  - {name: last, tokens: 1_000, batch: 8, blend: late}
"""
WINDOWS = {"left": 45, "right": 19, "C++": 121, "a/b": 100, "song": 80, "tale": 1140, "unknown": 66}


def materials(rest: str, encoded: EncodedRun) -> Materials:
    return read_materials(loads(HEAD + DATA + rest), str(encoded.folder))


def planned(rest: str, folder: Path, plan: str = PLAN) -> Experiment:
    (folder / "pretrain.yaml").write_text(plan)
    return loads(f"{HEAD}plan: pretrain.yaml\n{rest}", str(folder / "mixture.yaml"))


def test_sizes_alone_are_components_without_units() -> None:
    found = sized()[1]
    assert {name: one.tokens for name, one in found.components.items()} == {
        "english": 600_000,
        "multilingual": 300_000,
        "code": 100_000,
    }
    assert [(one.shares, one.bytes, one.digests) for one in found.components.values()] == [({}, None, {})] * 3
    assert (found.phase_tokens, found.current) == ({"all": 1_000_000}, {})


def test_every_domain_with_a_weight_is_a_component_where_nothing_is_said(encoded: EncodedRun) -> None:
    found = materials("", encoded)
    assert list(found.components) == ["english", "others"]
    english, others = found.components.values()
    assert (english.tokens, others.tokens) == (64 * 32, 1507 * 32)  # windows of 32 tokens
    assert (english.bytes, others.bytes) == (6963 + 2982, 19048 + 15767 + 12620 + 178603 + 10340)


def test_without_a_plan_units_today_and_the_budget_are_those_of_mixture_json(encoded: EncodedRun) -> None:
    found = materials("", encoded)
    assert found.components["english"].shares == pytest.approx({"left": 0.490106 / 0.7, "right": 0.209894 / 0.7}, 1e-5)
    assert found.current == {"all": pytest.approx((0.7, 0.3))}
    assert found.phase_tokens == {"all": 100_000}


def test_units_to_which_the_plan_gives_nothing_have_the_shares_of_their_tokens(
    encoded: EncodedRun, tmp_path: Path
) -> None:
    """Of a domain with weights of units only one has a weight: the others are a component that today has nothing of."""
    plan = PLAN.replace("others: {weight: 0.2}", "others: {weight: 0.2, sampling: {weights: {tale: 1}}}")
    rest = (
        "components: {english: {}, tale: {domain: others, units: [tale]}, more: {domain: others, units: [song, a/b]}}"
    )
    plan = plan.replace("others: {weight: 0.8}", "others: {weight: 0.8, sampling: {weights: {tale: 1}}}")
    plan = plan.replace("{name: main, tokens: 2_000, batch: 8}", "{name: main, tokens: 2_000, batch: 8, blend: late}")
    found = read_materials(planned(rest, tmp_path, plan), str(encoded.folder))
    assert found.components["more"].shares == pytest.approx({"song": 80 / 180, "a/b": 100 / 180})
    assert found.current["all"][2] == 0


def test_without_tokens_sizes_are_those_that_mixture_json_estimates(encoded: EncodedRun) -> None:
    """28.15 epochs of English are 0.7 of 100,000 tokens, and 0.51 of the others the rest."""
    found = read_materials(loads(f"{HEAD}data: out"), str(encoded.folder))
    assert {name: one.tokens for name, one in found.components.items()} == {
        "english": pytest.approx(70_000 / 28.154851684, abs=1),
        "others": pytest.approx(30_000 / 0.50766145750, abs=3),
    }
    assert found.current == {"all": pytest.approx((0.7, 0.3))}
    assert [(one.bytes, one.digests) for one in found.components.values()] == [(None, {})] * 2


def test_without_tokens_and_without_a_budget_nothing_tells_sizes(encoded: EncodedRun, tmp_path: Path) -> None:
    mixture = (encoded.data / "mixture.json").read_text()
    (tmp_path / "out").mkdir()
    with pytest.raises(RunError, match=r"out: no mixture\.json: no data, or `datapipe run` has not ended"):
        read_materials(loads(f"{HEAD}data: out"), str(tmp_path))
    (tmp_path / "out" / "mixture.json").write_text(mixture.replace('"budget_tokens": 100000', '"budget_tokens": null'))
    with pytest.raises(RunError, match=r"mixture\.json: no budget_tokens: name a plan, or proxy\.tokenizer"):
        read_materials(loads(f"{HEAD}data: out"), str(tmp_path))


def test_components_may_be_units_of_a_domain_and_the_rest_of_it(encoded: EncodedRun) -> None:
    rest = "components: {english: {}, tales: {domain: others, units: [tale, song]}, rest: {domain: others}}"
    found = materials(rest, encoded)
    assert {name: set(one.shares) for name, one in found.components.items()} == {
        "english": {"left", "right"},
        "tales": {"tale", "song"},
        "rest": {"C++", "a/b", "unknown"},
    }
    assert found.components["tales"].tokens == (1140 + 80) * 32
    tale, song = 0.22667464823291508, 0.016016718984000203  # in mixture.json
    assert found.components["tales"].shares == pytest.approx(
        {"tale": tale / (tale + song), "song": song / (tale + song)}
    )
    assert found.current["all"] == pytest.approx((0.7, tale + song, 0.3 - tale - song))


def test_digests_change_with_the_text_of_their_unit_alone(encoded: EncodedRun, tmp_path: Path) -> None:
    other = encoded.copied(tmp_path)
    units = read_manifest(str(encoded.tokens)).units
    last_of_three = units["others"]["tale"].shards[2].sha256[".bin"]
    manifest = other.tokens / "manifest.json"
    manifest.write_text(manifest.read_text().replace(last_of_three, "0" * 64))
    before, after = digests(encoded), digests(other)
    assert set(before) == set(WINDOWS)
    assert {unit for unit, digest in after.items() if digest != before[unit]} == {"tale"}


def digests(encoded: EncodedRun) -> dict[str, str]:
    return {unit: digest for one in materials("", encoded).components.values() for unit, digest in one.digests.items()}


def test_phases_and_units_are_those_of_the_plan(encoded: EncodedRun, tmp_path: Path) -> None:
    experiment = planned("phases: [{name: first, of: [ramp, main]}, {name: second, of: [last]}]", tmp_path)
    found = read_materials(experiment, str(encoded.folder))
    assert found.phase_tokens == {"first": 3_000, "second": 1_000}
    assert found.components["english"].shares == {"left": 0.75, "right": 0.25}
    assert found.current == {"first": pytest.approx((0.8, 0.2)), "second": pytest.approx((0.2, 0.8))}


def test_today_s_weights_of_a_phase_are_means_over_what_it_stands_for(encoded: EncodedRun, tmp_path: Path) -> None:
    found = read_materials(planned("", tmp_path), str(encoded.folder))
    assert found.current == {"all": pytest.approx((0.75 * 0.8 + 0.25 * 0.2, 0.75 * 0.2 + 0.25 * 0.8))}


def test_text_with_a_weight_today_must_be_in_a_component(encoded: EncodedRun, tmp_path: Path) -> None:
    rest = "components: {others: {}}"
    with pytest.raises(RecipeError, match=r"yaml:4: components: today 0\.65 of phase all is text of no component"):
        read_materials(planned(rest, tmp_path), str(encoded.folder))
    said = planned(f"{rest}\ncurrent: {{all: {{others: 1}}}}", tmp_path)
    assert read_materials(said, str(encoded.folder)).current == {}


def test_a_plan_with_sizes_needs_no_tokens(tmp_path: Path) -> None:
    """Windows of ten tokens: 60 of x and 30 of y, none of tiny; 100 of z."""
    found = read_materials(planned("", tmp_path, SMALL))
    assert {name: one.tokens for name, one in found.components.items()} == {"a": 900, "b": 1000}
    assert found.components["a"].shares == {"x": 0.5, "y": 0.5}
    assert [(one.bytes, one.digests) for one in found.components.values()] == [(None, {})] * 2


def test_caps_of_the_plan_are_those_of_the_unit_that_comes_to_them_first(tmp_path: Path) -> None:
    """By the end of two, 1,990 tokens and a batch of 16 x 10; half of a is x, 600 tokens, and half is y, 300."""
    by_one, by_two = SMALL.replace("    batch: 16", "    batch: 16\n    max_epochs: {a: 4}").split("  - name: two")
    plan = f"{by_one.replace('    max_epochs: {a/x: 1, a: 2, all: 3}', '')}  - name: two{by_two}"
    found = read_materials(planned("", tmp_path, plan))
    (cap,) = found.plan_caps
    assert (cap.phase, cap.component, cap.unit) == ("two", "a", "a/y")
    assert cap.epochs_P == (pytest.approx(0.5 * (1990 + 160) / 300),)
    assert cap.most == pytest.approx(4 - 2 / 30)


def test_mixtures_that_the_plan_would_refuse_are_outside_the_space(tmp_path: Path) -> None:
    """Of x one epoch by the end of one, less two of its 60 windows: 600 tokens of 1,190 and a batch of 8 x 10."""
    experiment = planned("caps: {min_weight: 0}", tmp_path, SMALL)
    allowed = space_of(experiment, read_materials(experiment))
    assert broken(allowed, np.array([[0.5, 0.5]])) == []
    assert broken(allowed, np.array([[0.95, 0.05]])) == ["a: epochs of a/x by the end of one: 1.005, at most 0.9667"]


@pytest.mark.parametrize("phases", ["", "phases: [{name: first, of: [one]}, {name: second, of: [two]}]"])
def test_the_plan_takes_every_mixture_at_the_edge_of_the_space(phases: str, tmp_path: Path) -> None:
    plan = SMALL.replace("    batch: 16", "    batch: 16\n    max_epochs: {a/y: 2.5, all: 1.5}")
    experiment = planned(f"caps: {{min_weight: 0.01, max_epochs: 16}}\n{phases}", tmp_path, plan)
    materials = read_materials(experiment)
    allowed = space_of(experiment, materials)
    corners = Polytope.of(allowed).vertices(1)
    assert len(np.unique(corners.round(6), axis=0)) > 1
    assert experiment.base is not None
    for corner in corners.reshape(-1, *allowed.shape):
        best = Mixture("best", tuple(tuple(row) for row in corner.tolist()), 0, 0, 0, (), False)
        write_plan(tmp_path / "proposal.yaml", experiment, experiment.base, materials, best)
        assert refusal(tmp_path / "proposal.yaml", None) == ""


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        (
            "components: {englisch: {}}",
            "5: components.englisch: no domain englisch with a window; did you mean 'english'? there are: english, ",
        ),
        (
            "components: {tales: {domain: others, units: [tales]}, english: {}}",
            "5: components.tales.units.0: no such unit with a window; did you mean 'tale'? there are: C++, a/b, song, ",
        ),
        (
            "components: {one: {domain: english, units: [left, right]}, two: {domain: english}}",
            "5: components.two: other components name all units of english: nothing is left for this one",
        ),
        ("groups: {all: {of: [others, code]}}", "5: groups.all.of.1: no such component; there are: english, others"),
        (
            "candidates: {ours: {englsh: 1}}",
            "5: candidates.ours.englsh: no such component; did you mean 'english'? there are: english, others",
        ),
        (
            "phases: [{name: one, tokens: 5}, {name: two, tokens: 5}]\ncurrent: {one: {x: 1}, two: {x: 1}}",
            "6: current.one.x",
        ),
    ],
)
def test_names_of_what_is_not_there_are_told_with_what_is(rest: str, message: str, encoded: EncodedRun) -> None:
    with pytest.raises(RecipeError) as error:
        materials(rest, encoded)
    assert str(error.value).startswith(f"mixture.yaml:{message}")


def test_tokens_that_are_not_there_are_told(encoded: EncodedRun) -> None:
    with pytest.raises(RunError, match="no tokens of 'letters-385'; did you mean 'letters-384'"):
        read_materials(loads(HEAD + DATA.replace("384", "385")), str(encoded.folder))
