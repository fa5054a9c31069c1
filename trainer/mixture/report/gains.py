"""The proposal against the baseline: what was predicted and what was seen, on one scale."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from datapipe.report.scales import Scale
from trainer.mixture.comparison import OBJECTIVE
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
    """Targets in one unit, on a scale that holds 0."""

    title: str
    low: float
    high: float
    zero: float
    """Its place, in percent."""
    rows: tuple[GainRow, ...]


def gains(prediction: Prediction, validation: ValidationResult | None) -> list[Gains]:
    """The objective, in units of spread, apart from the targets."""
    seen = {one.target: one for one in validation.targets} if validation else {}
    whole = [one for one in prediction.targets if one.target == OBJECTIVE]
    targets = [one for one in prediction.targets if one.target != OBJECTIVE]
    return [_on_one_scale(title, some, seen) for title, some in (("Objective", whole), ("Targets", targets)) if some]


def _on_one_scale(title: str, expected: Sequence[PredictedTarget], seen: Mapping[str, ObservedTarget]) -> Gains:
    every: list[PredictedTarget | ObservedTarget] = [
        *expected,
        *(seen[one.target] for one in expected if one.target in seen),
    ]
    scale = Scale.around([0.0, *(value for one in every for value in (one.low, one.gain, one.high))], 0.0, 100.0)

    def span(one: PredictedTarget | ObservedTarget) -> Span:
        return scale.place(one.low), scale.place(one.gain), scale.place(one.high)

    rows = tuple(
        GainRow(one.target, one, there, span(one), span(there) if there else None)
        for one in expected
        for there in [seen.get(one.target)]
    )
    return Gains(title, scale.least, scale.most, scale.place(0.0), rows)
