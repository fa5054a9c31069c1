"""Days and MFU of a phase, against the table of the paper and by hand."""

import pytest

from trainer.plan import Phase
from trainer.reckoning.cost import Cost, Flops, cost_of
from trainer.reckoning.hardware import GPUS, Gpu
from trainer.shapes import NEMOTRON4_15B

OF_NEMOTRON4 = Flops(NEMOTRON4_15B.flops_per_token(4096), NEMOTRON4_15B.flops_per_token(4096, causal=True))
TOY = Gpu("toy", peak_flops=1000.0, memory_bytes=1.0)


def nemotron4(gpus: int, batch: int, steps: int, seconds: float, published: float) -> Cost:
    phase = Phase("ramp", 1, batch, iteration_seconds=seconds, published_mfu=published)
    return cost_of(phase, steps, batch * 4096, OF_NEMOTRON4, GPUS["h100"], gpus, 0.4)


TABLE_2 = [
    (768, 384, 127_157, 0.57, 34.3, 34.1, 0.8, (33.85, 34.45), 32.4),
    (1536, 768, 63_579, 0.58, 33.3, 33.6, 0.4, (33.27, 33.85), 31.8),
    (2304, 1152, 1_610_650, 0.64, 30.5, 30.4, 11.9, (30.18, 30.65), 28.8),
]
"""Of arXiv 2402.16819: GPUs, batch, steps, seconds, published MFU; then what is reckoned."""


@pytest.mark.parametrize(
    ("gpus", "batch", "steps", "seconds", "published", "mfu", "days", "between", "causal"), TABLE_2
)
def test_nemotron4_s_mfu_and_days_follow_from_its_seconds_per_step(
    gpus: int,
    batch: int,
    steps: int,
    seconds: float,
    published: float,
    mfu: float,
    days: float,
    between: tuple[float, float],
    causal: float,
) -> None:
    cost = nemotron4(gpus, batch, steps, seconds, published)
    assert round(cost.mfu.full, 1) == mfu
    assert round(cost.mfu.causal, 1) == causal
    assert (round(cost.mfu.low, 2), round(cost.mfu.high, 2)) == between
    assert cost.mfu.is_inside
    assert round(cost.days, 1) == days


@pytest.mark.parametrize(("gpus", "batch", "steps", "seconds", "published"), [row[:5] for row in TABLE_2])
def test_only_full_attention_reproduces_what_was_published(
    gpus: int, batch: int, steps: int, seconds: float, published: float
) -> None:
    cost = nemotron4(gpus, batch, steps, seconds, published)
    assert cost.mfu.causal * cost.mfu.high / cost.mfu.full < published


def test_without_seconds_they_follow_from_the_mfu_that_is_assumed() -> None:
    cost = cost_of(Phase("a", 1, 1), 10, 50, Flops(full=20, causal=10), TOY, gpus=2, assumed=0.5)
    # 50 tokens x 20 FLOPs over 2 x 1,000 FLOPs per second x half
    assert cost.step_seconds == 1.0 and not cost.is_measured
    assert cost.flops == 10 * 50 * 20
    assert cost.gpu_hours == pytest.approx(10 * 2 / 3600)
    assert (cost.mfu.low, cost.mfu.full, cost.mfu.high, cost.mfu.causal) == (50, 50, 50, 25)
    assert cost.mfu.published is None and cost.mfu.is_inside is None


def test_seconds_count_with_the_digits_that_were_written() -> None:
    cost = cost_of(Phase("a", 1, 1, iteration_seconds=0.5), 1, 10, Flops(20, 10), TOY, gpus=1, assumed=0.5)
    assert (cost.mfu.low, cost.mfu.high) == (
        pytest.approx(100 * 200 / 0.55 / 1000),
        pytest.approx(100 * 200 / 0.45 / 1000),
    )
