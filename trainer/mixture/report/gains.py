"""The proposal against the baseline: what was predicted and what was seen, on one scale."""

from dataclasses import dataclass

from datapipe.report.scales import Scale
from trainer.mixture.validation_file import ObservedTarget, PredictedTarget, Prediction, ValidationResult

Span = tuple[float, float, float]
"""Low end, middle and high end, in percent of the row's length."""


@dataclass(frozen=True)
class GainRow:
    """A target."""

    target: str
    expected: PredictedTarget
    seen: ObservedTarget | None
    predicted: Span
    observed: Span | None


@dataclass(frozen=True)
class Gains:
    """All targets on a scale that holds 0."""

    low: float
    high: float
    zero: float
    """Its place, in percent."""
    rows: tuple[GainRow, ...]


def gains(prediction: Prediction, validation: ValidationResult | None) -> Gains | None:
    """None where nothing was predicted."""
    if not prediction.targets:
        return None
    seen = {one.target: one for one in validation.targets} if validation else {}
    every: list[PredictedTarget | ObservedTarget] = [*prediction.targets, *seen.values()]
    scale = Scale.around([0.0, *(value for one in every for value in (one.low, one.high))], 0.0, 100.0)

    def span(one: PredictedTarget | ObservedTarget) -> Span:
        return scale.place(one.low), scale.place(one.gain), scale.place(one.high)

    rows = tuple(
        GainRow(one.target, one, there, span(one), span(there) if there else None)
        for one in prediction.targets
        for there in [seen.get(one.target)]
    )
    return Gains(scale.least, scale.most, scale.place(0.0), rows)
