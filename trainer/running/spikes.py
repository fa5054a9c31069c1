"""Spikes of the loss and of the gradient's norm: steps far above what was usual, told and not acted on.

What is usual is a running mean, and a running mean of the distances from it: of the first `HORIZON` steps plain means,
then each step moves both by 1 / `HORIZON`. One that is far away counts as `LARGEST` distances away, so that spikes are
not usual soon. Norms are compared by logarithm.
"""

import math
from dataclasses import dataclass, field, replace

HORIZON = 50
"""Steps that both means look back, about."""
FIRST = 20
"""Steps that only tell what is usual."""
LARGEST = 3.0
HIGH = 8.0
"""Distances above the mean: more is a spike. Of a normal distribution one step in 10 billion would be."""


@dataclass(frozen=True)
class Usual:
    """What is usual. Checkpoints keep it, so that a run that goes on tells the same."""

    mean: float = 0.0
    distance: float = 0.0
    """From the mean, on average."""
    steps: int = 0
    high_in_a_row: int = 0
    """The last ones that were spikes."""

    def height(self, value: float) -> float:
        """Distances that a value is above the mean; 0 as long as nobody knows."""
        above = value - self.mean
        if self.steps < FIRST or above <= 0:
            return 0.0
        return above / self.distance if self.distance else math.inf

    def after(self, value: float) -> "Usual":
        """After one more step. Where so many in a row are high, what is usual begins anew."""
        high = self.high_in_a_row + 1 if self.height(value) > HIGH else 0
        if self.steps == 0 or high > FIRST:
            return Usual(value, 0.0, 1)
        away = value - self.mean
        if self.steps >= FIRST:
            away = max(-LARGEST * self.distance, min(LARGEST * self.distance, away))
        share = 1 / min(self.steps + 1, HORIZON)
        distance = self.distance + (abs(away) - self.distance) * share
        return Usual(self.mean + away * share, distance, self.steps + 1, high)


@dataclass(frozen=True)
class Spike:
    """The first step of some in a row that were far above what was usual."""

    of: str
    """`loss` or `grad_norm`."""
    value: float
    usual: float
    distances: float | None
    """That it is above; None: all were equal before."""


@dataclass(frozen=True)
class Spikes:
    """What is usual of both."""

    loss: Usual = field(default_factory=Usual)
    grad_norm: Usual = field(default_factory=Usual)

    def found(self, loss: float, grad_norm: float) -> list[Spike]:
        """What a step shows, before it counts itself."""
        found = []
        for of, value, usual, seen in (
            ("loss", loss, self.loss, loss),
            ("grad_norm", grad_norm, self.grad_norm, _log(grad_norm)),
        ):
            height = usual.height(seen)
            if height > HIGH and not usual.high_in_a_row:
                mean = usual.mean if of == "loss" else math.exp(usual.mean)
                found.append(Spike(of, value, mean, height if math.isfinite(height) else None))
        return found

    def after(self, loss: float, grad_norm: float) -> "Spikes":
        """After one more step that was not skipped."""
        return replace(self, loss=self.loss.after(loss), grad_norm=self.grad_norm.after(_log(grad_norm)))


def _log(norm: float) -> float:
    return math.log(max(norm, 1e-30))
