"""An experiment that loads says what its text says; one that contradicts itself is one line of what is possible."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from datapipe.loading.located_yaml import RecipeError
from trainer.mixture.experiment import Caps, Component, Experiment
from trainer.mixture.load import load, loads, output_of
from trainer.mixture.phases import mixture_phases, phase_tokens

HEAD = "name: small\noutput: out/small\n"
SIZES = "\nsizes: {english: 1_000_000, code: 500_000}"
PHASES = "\nphases: [{name: all, tokens: 1_000_000}]"
PLAN = """\
name: model
output: out/model
data: out/data
tokenizer: small-512
model: {preset: 100m}
blends: {even: {english: {weight: 0.5}, code: {weight: 0.5}}}
phases:
  - {name: ramp, tokens: 1_000_000, batch: 4, blend: even, learning_rate: [{shape: constant, start: 1e-4}]}
  - {name: main, tokens: 9_000_000, batch: 8}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pretrain.yaml").write_text(PLAN)
    return tmp_path


def experiment(rest: str, folder: Path) -> Experiment:
    return loads(HEAD + rest, str(folder / "mixture.yaml"))


def whole(rest: str) -> str:
    """With sizes and a phase, where it says nothing of them."""
    keys = {line.partition(":")[0] for line in rest.splitlines()}
    sizes = "" if keys & {"plan", "data", "sizes"} else SIZES
    return rest + sizes + ("" if keys & {"plan", "phases"} else PHASES)


def mistakes() -> Iterator[tuple[str, str]]:
    """Of `mistakes.txt`: what stands below the two good lines, and how the error begins."""
    lines = (Path(__file__).parent / "mistakes.txt").read_text("utf-8").splitlines()
    entries = [line for line in lines if line and not line.startswith("#")]
    for rest, message in zip(entries[::2], entries[1::2], strict=True):
        yield rest.replace("\\n", "\n"), message.strip()


@pytest.mark.parametrize(("rest", "message"), list(mistakes()))
def test_a_mistake_is_told_by_its_line_its_place_and_what_is_possible(rest: str, message: str, folder: Path) -> None:
    with pytest.raises(RecipeError) as error:
        experiment(whole(rest), folder)
    assert str(error.value).startswith(f"{folder}/mixture.yaml:{message.replace('FOLDER', str(folder))}")


def test_an_output_that_is_no_folder_of_a_disk_is_refused() -> None:
    with pytest.raises(RecipeError, match=r"^mixture\.yaml:2: output: 's3://a/b': experiments are written on disks"):
        loads(f"name: small\noutput: s3://a/b{SIZES}{PHASES}")


def test_output_inside_that_of_the_plan_is_refused(folder: Path) -> None:
    with pytest.raises(RecipeError, match="is in the folder of the run of the plan, out/model: choose another one"):
        loads("name: small\noutput: out/model/mixture\nplan: pretrain.yaml", str(folder / "mixture.yaml"))


def test_mistakes_of_the_plan_are_told_with_its_own_file_and_line(folder: Path) -> None:
    (folder / "pretrain.yaml").write_text(PLAN.replace("batch: 8", "batch_size: 8"))
    with pytest.raises(RecipeError, match=r"pretrain\.yaml:9: phases\.1\.batch_size: unknown key"):
        experiment("plan: pretrain.yaml", folder)


def test_an_experiment_over_a_plan_needs_nothing_else(folder: Path) -> None:
    found = experiment("plan: pretrain.yaml", folder)
    assert found.base is not None and found.base.name == "model"
    assert [phase.of for phase in mixture_phases(found)] == [("ramp", "main")]
    assert phase_tokens(found) == {"all": 10_000_000}
    assert found.caps == Caps(max_epochs=4, warn_epochs=2, refuse_epochs=16, force=False, min_weight=0.002)


def test_phases_stand_for_those_of_the_plan(folder: Path) -> None:
    found = experiment("plan: pretrain.yaml\nphases: [{name: early, of: [ramp]}, {name: late, of: [main]}]", folder)
    assert phase_tokens(found) == {"early": 1_000_000, "late": 9_000_000}


def test_keys_are_what_the_text_says(folder: Path) -> None:
    rest = "data: out/other\nproxy: {model: {preset: 100m}, tokens: 1000, batch: 8, tokenizer: small-512}\n"
    found = experiment(f"{rest}components: {{web: {{domain: english, units: [a, b], min: 0.1}}, code: {{}}}}", folder)
    assert found.components == {"web": Component("english", ("a", "b"), 0.1), "code": Component()}
    assert (found.data, found.base, found.seed) == ("out/other", None, 17)


def test_caps_above_what_is_sensible_need_a_word() -> None:
    assert loads(HEAD + whole("caps: {max_epochs: 20, force: true}")).caps.max_epochs == 20


def test_settings_change_one_value_and_are_checked_like_it(folder: Path) -> None:
    (folder / "mixture.yaml").write_text(HEAD + whole(""))
    assert load(folder / "mixture.yaml", ["phases.all.tokens=500"]).phases[0].tokens == 500
    with pytest.raises(RecipeError, match=r"caps\.epochs: unknown key"):
        load(folder / "mixture.yaml", ["caps.epochs=3"])


def test_output_stands_below_the_root(folder: Path) -> None:
    assert output_of(experiment("plan: pretrain.yaml", folder), "/data") == Path("/data/out/small")
