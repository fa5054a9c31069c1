"""What a phase costs: FLOPs, days, and what share of the GPUs' peak that is."""

from dataclasses import dataclass
from decimal import Decimal

from trainer.plan import Phase
from trainer.reckoning.hardware import Gpu, mfu

SECONDS_PER_DAY = 86_400


@dataclass(frozen=True)
class Flops:
    """Of one token, forward and backward, by what is counted of attention."""

    full: int
    """All positions: what MFU is reckoned with here. Nemotron-4's published MFU follows from it, and not from half."""
    causal: int
    """The half that the mask leaves, as Megatron-LM counts since."""


@dataclass(frozen=True)
class Utilisation:
    """Model FLOPs utilisation in percent."""

    full: float
    low: float
    high: float
    """Between which `full` lies, as the seconds per step are rounded to the digits that were written."""
    causal: float
    published: float | None
    is_inside: bool | None
    """Whether the published number lies between `low` and `high`."""


@dataclass(frozen=True)
class Cost:
    """Of one phase."""

    gpus: int
    flops: int
    """All attention counted."""
    step_seconds: float
    is_measured: bool
    """Whether the seconds stand in the plan, or follow from its `hardware.mfu`."""
    days: float
    gpu_hours: float
    tokens_per_s: float
    mfu: Utilisation


def cost_of(phase: Phase, steps: int, tokens_per_step: int, flops: Flops, gpu: Gpu, gpus: int, assumed: float) -> Cost:
    """The cost of a phase of so many steps on so many GPUs, at an MFU `assumed` where it says no seconds per step."""
    seconds = phase.iteration_seconds
    if seconds is None:
        seconds = tokens_per_step * flops.full / (gpus * gpu.peak_flops * assumed)
        half_digit = 0.0
    else:
        half_digit = _half_digit(seconds)

    def percent(flops_per_token: int, step_seconds: float) -> float:
        return 100 * mfu(flops_per_token, tokens_per_step / step_seconds, gpus, gpu)

    low, high = percent(flops.full, seconds + half_digit), percent(flops.full, seconds - half_digit)
    published = phase.published_mfu
    inside = None if published is None else low <= published <= high
    used = Utilisation(percent(flops.full, seconds), low, high, percent(flops.causal, seconds), published, inside)
    days = steps * seconds / SECONDS_PER_DAY
    return Cost(
        gpus=gpus,
        flops=steps * tokens_per_step * flops.full,
        step_seconds=seconds,
        is_measured=phase.iteration_seconds is not None,
        days=days,
        gpu_hours=days * 24 * gpus,
        tokens_per_s=tokens_per_step / seconds,
        mfu=used,
    )


def _half_digit(seconds: float) -> float:
    """Half of the last digit of a number as it was written: 0.005 of 0.57."""
    exponent = Decimal(repr(float(seconds))).as_tuple().exponent
    assert isinstance(exponent, int)
    return float(Decimal(5).scaleb(exponent - 1))
