"""Megatron-LM's scheduler on a clock of samples has the same rates, those of Nemotron-4's launch script among them."""

import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.trainer.small_plans import SMALL
from trainer.load import load, loads
from trainer.schedule import rate_at, settled_rates

PRETRAIN = Path(__file__).parents[2] / "recipes" / "nemotron4_15b" / "pretrain.yaml"

pytestmark = pytest.mark.slow  # Megatron takes seconds to import


def megatron(warm_up: int, end: int, style: str, highest: float, lowest: float, **more: object) -> Any:
    """Megatron's rate after so many samples."""
    pytest.importorskip("megatron.core")
    with warnings.catch_warnings(action="ignore"):
        from megatron.core.optimizer_param_scheduler import OptimizerParamScheduler

    scheduler = OptimizerParamScheduler(
        SimpleNamespace(param_groups=[]),
        init_lr=0.0,
        max_lr=highest,
        min_lr=lowest,
        lr_warmup_steps=warm_up,
        lr_decay_steps=end,
        lr_decay_style=style,
        start_wd=0.1,
        end_wd=0.1,
        wd_incr_steps=1,
        wd_incr_style="constant",
        **more,
    )

    def rate(samples_seen: int) -> float:
        scheduler.num_steps = samples_seen
        return float(scheduler.get_lr({}))

    return rate


def test_nemotron4_s_rate_is_that_of_the_launch_script_s_arguments() -> None:
    theirs = megatron(3_906_252, 1_949_218_748, "cosine", 4.5e-4, 4.5e-5)
    rates = settled_rates(load(PRETRAIN), 4096)
    edges = [0, 384, 3_906_252, 48_828_125, 97_656_250, 1_949_218_748, 1_953_125_000]
    for samples_seen in [*(edge + by for edge in edges for by in (-1, 0, 1)), *range(0, 1_953_125_000, 17_000_001)]:
        if samples_seen >= 0:
            assert rate_at(rates, samples_seen) == pytest.approx(theirs(samples_seen), rel=1e-12)


@pytest.mark.parametrize(
    ("piece", "style", "more"),
    [
        ("{shape: linear, end: 0.1}", "linear", {}),
        ("{shape: cosine, end: 0.1}", "cosine", {}),
        ("{shape: constant}", "constant", {}),
        ("{shape: inverse_square_root}", "inverse-square-root", {}),
        (
            "{shape: constant, tokens: 900}, {shape: linear, end: 0.1}",
            "WSD",
            {"wsd_decay_steps": 90, "lr_wsd_decay_style": "linear"},
        ),
        (
            "{shape: constant, tokens: 900}, {shape: one_minus_square_root, end: 0.1}",
            "WSD",
            {"wsd_decay_steps": 90, "lr_wsd_decay_style": "minus_sqrt"},
        ),
    ],
)
def test_shapes_are_those_of_megatron(piece: str, style: str, more: dict[str, object]) -> None:
    """199 samples: a warm-up of 19, and then the shape, or as a decay of the last 90."""
    pieces = f"{{shape: linear, start: 0, end: 0.5, tokens: 190}}, {piece}"
    plan = loads(SMALL.replace("{shape: linear, start: 0, end: 0.5, tokens: 80}, {shape: linear, end: 0}", pieces))
    rates = settled_rates(plan, 10)
    lowest = 0.0 if style == "inverse-square-root" else 0.1
    theirs = megatron(19, 199, style, 0.5, lowest, **more)
    for samples_seen in range(200):
        assert rate_at(rates, samples_seen) == pytest.approx(theirs(samples_seen), rel=1e-12)
