"""A plan that loads is one that can be reckoned; another says in one line where, what, and what is possible."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from datapipe.loading.located_yaml import RecipeError
from datapipe.recipe import Sampling
from trainer.load import load, loads
from trainer.plan import DomainBlend, Execution, Optimizer, Plan, Start
from trainer.shapes import NEMOTRON4_15B, Shape

RECIPES = Path(__file__).parents[2] / "recipes"
HEAD = "name: small\noutput: out/small-model\n"
OTHERS = {
    "model": "model: {preset: nemotron4_15b}",
    "sizes": "sizes: {english: {web: 1_000_000, books: 500_000}, code: {python: 500_000}}",
    "blends": "blends: {mix: {english: {weight: 0.7}, code: {weight: 0.3}}}",
    "phases": "phases: [{name: one, tokens: 1_000_000, batch: 8, blend: mix, learning_rate: [{shape: constant, "
    "start: 1e-3}]}]",
}
"""Lines that a plan needs beside `HEAD`, by their key."""
DATA = ("data:", "megatron:")


def whole(rest: str) -> str:
    """A plan of `rest` and whatever it does not say itself."""
    has_data = rest.startswith(DATA) or "\nmegatron:" in rest
    missing = [line for key, line in OTHERS.items() if not re.search(rf"^{key}:", rest, re.MULTILINE)]
    return "\n".join([HEAD + rest, *(line for line in missing if not (has_data and line.startswith("sizes:")))])


def plan(rest: str = "", *settings: str) -> Plan:
    return loads(whole(rest), "plan.yaml", settings)


def error(text: str, *settings: str) -> str:
    """What loading says behind the name of the file: always one line with a number."""
    with pytest.raises(RecipeError) as caught:
        loads(text, "plan.yaml", settings)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert re.match(r"plan\.yaml:\d+: ", message), message
    return message.removeprefix("plan.yaml:")


@pytest.mark.parametrize(
    "path",
    sorted([*RECIPES.glob("*/pretrain.yaml"), *RECIPES.glob("*/continue.yaml")]),
    ids=lambda path: f"{path.parent.name}-{path.stem}",
)
def test_every_plan_that_ships_loads(path: Path) -> None:
    assert load(path).folder == path.parent


def test_what_is_left_out_is_what_the_paper_and_its_launch_scripts_have() -> None:
    found = plan()
    assert found.optimizer == Optimizer(betas=(0.9, 0.95), eps=1e-8, weight_decay=0.1, clip=1.0, z_loss=0.0)
    assert (found.execution.precision, found.execution.document_mask, found.seq_len) == ("bf16", False, None)
    assert found.shape == NEMOTRON4_15B


def test_a_plan_is_what_its_text_says() -> None:
    found = plan(
        """\
data: out/small
tokenizer: small-8192
start: {checkpoint: out/earlier, cursors: fresh}
execution: {micro_batch: 4, precision: fp32}
blends:
  mix: {english: {weight: 0.7}, code: {weight: 0.3, sampling: {alpha: 1.3}}}
"""
    )
    assert found.blends == {"mix": {"english": DomainBlend(0.7), "code": DomainBlend(0.3, Sampling(alpha=1.3))}}
    assert found.start == Start("out/earlier", cursors="fresh")
    assert found.execution == Execution(micro_batch=4, precision="fp32")
    assert (found.data, found.tokenizer, found.sizes) == ("out/small", "small-8192", {})


def test_sizes_that_are_left_out_follow_from_the_others() -> None:
    found = plan("model: {n_layer: 2, n_head: 4, n_kv_head: 2, d_model: 64}")
    assert found.shape == Shape(n_layer=2, n_head=4, n_kv_head=2, d_model=64, d_ff=256, d_head=16, vocab_size=1)


def test_single_sizes_of_a_preset_can_be_changed() -> None:
    found = plan("model: {preset: nemotron4_15b, n_layer: 4, norm: rms_norm}").shape
    assert found is not None
    assert (found.n_layer, found.norm, found.d_model) == (4, "rms_norm", 6144)


def test_sizes_may_stand_beside_data_that_has_no_tokens_yet() -> None:
    found = plan("sizes: {code: {python: 5}}\ndata: out/small\ntokenizer: small-8192")
    assert (found.data, found.sizes) == ("out/small", {"code": {"python": 5}})


def test_a_blend_of_data_may_name_domains_that_only_the_data_knows() -> None:
    rest = "data: out/small\ntokenizer: small-8192\nblends: {mix: {art: {weight: 1}}}"
    assert plan(rest).blends == {"mix": {"art": DomainBlend(1)}}


def test_weights_that_miss_1_by_the_rounding_of_decimals_sum_to_1() -> None:
    thirds = "blends: {mix: {english: {weight: 0.333333}, code: {weight: 0.666667}}}"
    assert plan(thirds).blends["mix"]["english"].weight == 0.333333


def test_settings_change_one_value_and_are_checked_like_it() -> None:
    found = plan("", "phases.one.batch=4", "optimizer.eps=1e-5")
    assert (found.phases[0].batch, found.optimizer.eps) == (4, 1e-5)
    assert error(whole(""), "seed=many") == "1: seed: expected an integer, found 'many'"


def mistakes() -> Iterator[tuple[str, str]]:
    """Of `mistakes.txt`: what stands below the two good lines, and how the error begins."""
    lines = (Path(__file__).parent / "mistakes.txt").read_text("utf-8").splitlines()
    entries = [line for line in lines if line and not line.startswith("#")]
    for rest, message in zip(entries[::2], entries[1::2], strict=True):
        yield rest.replace("\\n", "\n"), message.strip()


@pytest.mark.parametrize(("rest", "message"), list(mistakes()))
def test_a_mistake_is_told_by_its_line_its_place_and_what_is_possible(rest: str, message: str) -> None:
    assert error(whole(rest)).startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1: expected a mapping of recipe keys, found null"),
        ("name: small\noutput: out/small", "1: key 'phases' is missing"),
        ("name: small\nphases: []", "1: key 'output' is missing"),
        ("name: [", "1: not valid YAML: "),
        (whole("").replace("name: small\n", "name: Small\n"), "1: name: expected text that matches "),
        (whole("").replace("out/small-model", "s3://a/b"), "2: output: 's3://a/b': checkpoints are written on disks"),
        (whole("").replace("out/small-model", "''"), "2: output: expected text, found ''"),
    ],
)
def test_a_plan_without_what_every_plan_needs_is_one_line(text: str, message: str) -> None:
    assert error(text).startswith(message)


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"no\.yaml: cannot be read: No such file or directory$"):
        load(tmp_path / "no.yaml")
