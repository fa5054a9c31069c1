"""`trainer plan`: how it reads on terminals and in programs, and what it refuses."""

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
from tests.trainer.small_plans import SMALL
from trainer.cli import main
from trainer.load import load, loads
from trainer.planning import outlook_of
from trainer.reckoning.plan_report import large, print_outlook

NEMOTRON4 = Path(__file__).parents[2] / "recipes" / "nemotron4_15b"


@pytest.fixture
def trainer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal("trainer", main, tmp_path, monkeypatch, capsys)


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
    "phases.memory": "activations assumes casts gathered gradients loss megatron_states moment optimizer "
    "short_lived weights",
    "phases.cost": "days flops gpu_hours gpus is_measured mfu step_seconds tokens_per_s",
    "phases.cost.mfu": "causal full high is_inside low published",
    "totals": "days flops gpu_hours overshoot_samples samples steps tokens",
}
"""What programs may rely on: names are added, and none is changed or taken away."""
