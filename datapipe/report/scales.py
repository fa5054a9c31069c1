"""Values to places along the axis of a chart, and the round values that are written there."""

import math
from dataclasses import dataclass

MARGIN = 0.06
"""Of the range of values, around the outermost points."""
TICKS = 6
"""On an axis at most, about."""


@dataclass(frozen=True)
class Scale:
    """Values to places along one axis."""

    least: float
    most: float
    start: float
    end: float

    @classmethod
    def around(cls, values: list[float], start: float, end: float) -> "Scale":
        """With some room on both sides; values that are all the same are in the middle."""
        room = (max(values) - min(values)) * MARGIN or abs(values[0]) * MARGIN or 1.0
        return cls(min(values) - room, max(values) + room, start, end)

    def place(self, value: float) -> float:
        """Of a value, to a hundredth."""
        share = (value - self.least) / (self.most - self.least)
        return round(self.start + share * (self.end - self.start), 2)

    def round_values(self) -> tuple[list[float], int]:
        """Round values at equal distances, and the exponent of ten of their distance."""
        wanted = (self.most - self.least) / TICKS
        exponent = math.floor(math.log10(wanted))
        step = next(one for one in (10.0**exponent * part for part in (1, 2, 5, 10)) if one >= wanted)
        numbers = range(math.ceil(self.least / step), math.floor(self.most / step) + 1)
        return [number * step for number in numbers], exponent

    def ticks(self) -> list[tuple[str, float]]:
        """Those values as text, and their places."""
        values, exponent = self.round_values()
        return [(f"{value:.{max(-exponent, 0)}f}", self.place(value)) for value in values]
