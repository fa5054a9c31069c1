"""`trainer plan`: what a plan comes to, from sizes or from tokens, and what it refuses."""

import io
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tests.terminal import Terminal
from trainer.cli import main
from trainer.load import load, loads
from trainer.outlook import Outlook
from trainer.plan_report import large, print_outlook
from trainer.planning import outlook_of

RECIPES = Path(__file__).parents[2] / "recipes"
NEMOTRON4 = RECIPES / "nemotron4_15b"

SMALL = """
name: small
output: out
model: {n_layer: 2, n_head: 2, n_kv_head: 1, d_model: 8, vocab_size: 100}
seq_len: 10
sizes:
  a: {x: 601, y: 301, tiny: 10}    # 60 and 30 windows, and none
  b: {z: 1001}                     # 100 windows
blends:
  even: {a: {weight: 0.5, sampling: {weights: {x: 0.5, y: 0.5}}}, b: {weight: 0.5}}
  mostly_a: {a: {weight: 0.75}, b: {weight: 0.25}}
execution: {tensor_parallel: 1}
hardware: {gpu: a100, mfu: 0.5}
phases:
  - name: one
    tokens: 1190
    batch: 8
    blend: even
    learning_rate: [{shape: linear, start: 0, end: 0.5, tokens: 80}, {shape: linear, end: 0}]
    max_epochs: {a/x: 1, a: 2, all: 3}
  - name: two
    tokens: 800
    batch: 16
    gpus: 2
    blend: mostly_a
"""


@pytest.fixture
def trainer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal("trainer", main, tmp_path, monkeypatch, capsys)


def small() -> Outlook:
    return outlook_of(loads(SMALL))


def test_phases_have_their_steps_and_samples_with_the_overshoot() -> None:
    one, two = small().phases
    assert (one.steps, one.first_step, one.last_step) == (15, 1, 15)
    assert (one.first_sample, one.edge_sample, one.end_sample, one.tokens) == (0, 119, 120, 1200)
    assert (two.steps, two.first_step, two.last_step) == (5, 16, 20)
    assert (two.first_sample, two.edge_sample, two.end_sample, two.tokens) == (120, 199, 200, 800)
    totals = small().totals
    assert (totals.steps, totals.samples, totals.tokens, totals.overshoot_samples) == (20, 200, 2000, 1)


def test_rates_at_the_edges_are_those_of_the_first_and_the_last_step() -> None:
    """The warm-up is 8 samples, one step; then the rate falls over 191 samples."""
    one, two = small().phases
    assert one.first_rate == 0.5
    assert one.last_rate == pytest.approx(0.5 * (199 - 120) / 191)
    assert two.first_rate == pytest.approx(0.5 * (199 - 136) / 191)
    assert two.last_rate == 0


def test_epochs_are_counted_through_the_phases() -> None:
    one, two = small().phases
    first = {f"{unit.domain}/{unit.unit}": unit for unit in one.units}
    # a quarter of 120 samples each, and half
    assert {name: unit.samples for name, unit in first.items()} == {"a/x": 30, "a/y": 30, "b/z": 60}
    assert {name: unit.epochs for name, unit in first.items()} == {"a/x": 0.5, "a/y": 1, "b/z": 0.6}
    # of 80 samples, 60 and 20; a by tokens: 2 of 3 and 1 of 3
    second = {f"{unit.domain}/{unit.unit}": unit for unit in two.units}
    assert {name: unit.samples for name, unit in second.items()} == {"a/x": 40, "a/y": 20, "b/z": 20}
    assert second["a/x"].epochs == pytest.approx(70 / 60)
    assert second["b/z"].epochs == 0.8
    assert sum(unit.given for unit in two.units) == pytest.approx(1)


def test_caps_stand_beside_the_units_they_are_for() -> None:
    one, two = small().phases
    assert {unit.unit: unit.cap for unit in one.units} == {"x": 1, "y": 2, "z": 3}
    assert {unit.cap for unit in two.units} == {None}


def test_domains_are_asked_for_and_given() -> None:
    a, b = small().phases[1].domains
    assert (a.domain, a.asked, a.given, a.samples, a.windows) == ("a", 0.75, 0.75, 60, 90)
    assert a.epochs == pytest.approx(120 / 90)
    assert a.of_unit == "y" and 0 < a.largest_deviation < 1e-6  # a third is no whole number of 2^20 parts
    assert (b.asked, b.largest_deviation) == (0.25, 0)


def test_costs_follow_from_the_hardware() -> None:
    outlook = small()
    one, two = outlook.phases
    assert one.cost.flops == one.tokens * outlook.flops_per_token.full
    assert (one.cost.gpus, two.cost.gpus) == (1, 2)
    assert outlook.totals.flops == one.cost.flops + two.cost.flops
    assert outlook.totals.gpu_hours == pytest.approx(one.cost.gpu_hours + two.cost.gpu_hours)
    assert (outlook.gpu, outlook.peak_flops) == ("A100", 312e12)


def test_notes_say_what_the_numbers_rest_on() -> None:
    notes = " ".join(small().notes)
    assert "those of its `sizes`" in notes
    assert "left out: a/tiny" in notes


def test_a_plan_that_would_not_fit_into_a_gpu_says_so() -> None:
    alone = ["execution.tensor_parallel=1", "execution.micro_batch=1", "phases.ramp_384.gpus=384"]
    outlook = outlook_of(
        load(NEMOTRON4 / "pretrain.yaml", [*alone, "phases.ramp_768.gpus=768", "phases.ramp_1152.gpus=1152"])
    )
    assert any("ramp_384 would take" in note and "H100 has 74.5" in note for note in outlook.notes)


def test_nemotron4_comes_to_what_the_paper_says() -> None:
    outlook = outlook_of(load(NEMOTRON4 / "pretrain.yaml"))
    assert [phase.steps for phase in outlook.phases] == [127_157, 63_579, 1_610_650]
    assert [round(phase.cost.days, 1) for phase in outlook.phases] == [0.8, 0.4, 11.9]
    assert [round(phase.cost.mfu.full, 1) for phase in outlook.phases] == [34.1, 33.6, 30.4]
    assert [phase.cost.mfu.published for phase in outlook.phases] == [34.3, 33.3, 30.5]
    assert all(phase.cost.mfu.is_inside for phase in outlook.phases)
    assert [round(phase.memory.states / 2**30, 2) for phase in outlook.phases] == [11.14, 11.03, 10.99]
    assert round(outlook.totals.gpu_hours, -3) == 691_000
    assert f"{outlook.totals.flops:.3g}" == "7.52e+23"
    assert outlook.totals.overshoot_samples == 760
    assert outlook.notes == (
        "there are no tokens of nemotron4_15b-256000 in out/nemotron4_15b yet: units and epochs are those of its "
        "`sizes`, and will be others with tokens",
    )


def test_nemotron4_s_continued_training_can_be_met_and_says_that_its_start_is_not_there() -> None:
    outlook = outlook_of(load(NEMOTRON4 / "continue.yaml"))
    assert outlook.start is not None and not outlook.start.is_there
    assert any("no checkpoint" in note and "as if nothing had been read" in note for note in outlook.notes)
    qa = next(unit for unit in outlook.phases[-1].units if unit.domain == "qa")
    assert 3 < qa.epochs < 4


# ----- the command


@pytest.mark.parametrize("width", [60, 80, 200])
@pytest.mark.parametrize("file", ["pretrain.yaml", "continue.yaml"])
def test_it_reads_on_terminals_of_any_width(width: int, file: str) -> None:
    page = io.StringIO()
    print_outlook(outlook_of(load(NEMOTRON4 / file)), Console(file=page, width=width))
    lines = page.getvalue().splitlines()
    assert max(map(len, lines[1:])) <= width  # the first line has a path
    text = " ".join(page.getvalue().split())
    for said in ("full attention", "causal half", "reckoned, not measured", "GPU-hours", "shares of units are met"):
        assert said in text
    assert "…" not in text


def test_the_terminal_names_the_convention_and_the_published_numbers(trainer: Terminal) -> None:
    said = trainer("plan", str(NEMOTRON4 / "pretrain.yaml"))
    text = " ".join(said.out.split())
    assert said.code == 0
    assert "127,157 of 384 sequences: 1 to 127,157" in text
    assert "34.1 % with full attention (33.85 to 34.45 by the rounding of the seconds); 32.4 % with the causal" in text
    assert text.count("inside that interval") == 3 and "OUTSIDE" not in text
    assert "93.99 G with full attention, which MFU and FLOPs below are reckoned with; 89.16 G" in text
    assert "4.5e-05 at the last" in text
    assert "there are no tokens of nemotron4_15b-256000" in text


def test_json_has_everything_under_names_that_stay(trainer: Terminal) -> None:
    (trainer.folder / "plan.yaml").write_text(SMALL)
    said = trainer("plan", "plan.yaml", "--json", "--set", "phases.two.gpus=4")
    outlook = json.loads(said.out)
    assert outlook["phases"][1]["cost"]["gpus"] == 4
    assert keys_of(outlook) == JSON_KEYS


def test_what_cannot_be_met_is_one_line_with_the_numbers(trainer: Terminal) -> None:
    (trainer.folder / "plan.yaml").write_text(SMALL.replace("{a/x: 1, a: 2, all: 3}", "{a/x: 0.25}"))
    assert trainer.error("plan", "plan.yaml").startswith(
        "plan.yaml:20: phases.0.max_epochs: by the end of phase one a/x needs 0.5 epochs, the cap is 0.25: 30 samples"
    )


def test_it_needs_no_torch(tmp_path: Path) -> None:
    blocked = "import sys; sys.modules['torch'] = None; sys.argv = ['trainer', 'plan', sys.argv[1]]"
    code = f"{blocked}; from trainer.cli import main; main()"
    said = subprocess.run(
        [sys.executable, "-c", code, str(NEMOTRON4 / "pretrain.yaml")],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert said.returncode == 0, said.stderr
    assert "1,801,386" in said.stdout


@pytest.mark.parametrize(
    ("number", "shown"),
    [(8e12, "8 T"), (2.5e9, "2.5 B"), (1.2345e6, "1.234 M"), (999.0, "999"), (1000, "1 k"), (0, "0")],
)
def test_large_numbers_have_four_digits_and_a_unit(number: float, shown: str) -> None:
    assert large(number) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"), [(86_400, "1.0 days"), (8_000, "2.2 hours"), (60, "1.0 minutes"), (3, "3.0 sec")]
)
def test_durations_are_told_in_a_unit_that_says_something(seconds: float, shown: str) -> None:
    plan = SMALL.replace("    batch: 8\n", f"    batch: 8\n    iteration_seconds: {seconds / 15}\n")
    page = io.StringIO()
    print_outlook(outlook_of(loads(plan)), Console(file=page, width=200))
    assert f"time     {shown}" in page.getvalue()


def keys_of(value: Mapping[str, Any], place: str = "") -> dict[str, str]:
    """The names in a JSON object, by where it stands; of a list of objects those of its first."""
    found = {place: " ".join(sorted(value))}
    for key, inside in value.items():
        first = inside[0] if isinstance(inside, list) and inside else inside
        if isinstance(first, dict) and key != "corpus_tokens":  # domains are nobody's names
            found |= keys_of(first, f"{place}.{key}" if place else key)
    return found


JSON_KEYS = {
    "": "attention_of_mfu corpus corpus_tokens flops_per_token gpu memory_bytes model name notes output parameters "
    "peak_flops phases seq_len start totals",
    "model": "d_ff d_head d_model init_std n_head n_kv_head n_layer norm norm_eps rope_base rope_fraction vocab_size",
    "flops_per_token": "causal full",
    "phases": "batch blend cost domains edge_sample end_sample first_rate first_sample first_step last_rate last_step "
    "memory memory_bytes name steps tokens units",
    "phases.domains": "asked domain epochs given largest_deviation of_unit samples windows",
    "phases.units": "asked cap domain epochs given samples unit windows",
    "phases.memory": "activations assumes casts gradients loss optimizer weights",
    "phases.cost": "days flops gpu_hours gpus is_measured mfu step_seconds tokens_per_s",
    "phases.cost.mfu": "causal full high is_inside low published",
    "totals": "days flops gpu_hours overshoot_samples samples steps tokens",
}
"""What programs may rely on: names are added, and none is changed or taken away."""
