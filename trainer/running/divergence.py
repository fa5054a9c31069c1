"""When a run has diverged: too many steps in a row without a finite gradient, or with a loss far above what it was."""

from dataclasses import dataclass, replace

from datapipe.output import RunError
from trainer.plan import Stop


class DivergedError(RunError):
    """A run has diverged, and was ended for it."""


@dataclass(frozen=True)
class Tracked:
    """What the rule must know of the steps so far. Checkpoints keep it, so that a run that goes on decides the same."""

    mean: float | None = None
    """Running mean of the loss: each step moves it by 1 / `for_steps` of the way."""
    lowest: float | None = None
    """The lowest it has been."""
    above_in_a_row: int = 0
    """Steps whose loss was `loss_above` nats above that."""
    skipped_in_a_row: int = 0
    """Steps whose gradient was not finite."""
    skipped: int = 0
    """The same, of the whole run."""

    @property
    def is_doubtful(self) -> bool:
        """Whether the last steps may be the beginning of a divergence: no time to replace a good checkpoint."""
        return self.above_in_a_row > 0 or self.skipped_in_a_row > 0

    def after(self, loss: float, is_skipped: bool, stop: Stop) -> "Tracked":
        """After one more step. A skipped one changes nothing but the counts of those."""
        if is_skipped:
            return replace(self, skipped_in_a_row=self.skipped_in_a_row + 1, skipped=self.skipped + 1)
        mean = loss if self.mean is None else self.mean + (loss - self.mean) / stop.for_steps
        lowest = mean if self.lowest is None else min(self.lowest, mean)
        is_above = stop.loss_above is not None and loss > lowest + stop.loss_above
        return Tracked(mean, lowest, self.above_in_a_row + 1 if is_above else 0, 0, self.skipped)


def divergence(tracked: Tracked, stop: Stop) -> str | None:
    """Why the run must end, with the numbers; None: it need not."""
    if tracked.skipped_in_a_row >= stop.skipped_steps:
        return f"{tracked.skipped_in_a_row} steps in a row had no finite gradient (stop.skipped_steps)"
    if tracked.above_in_a_row >= stop.for_steps:
        return (
            f"the loss of {tracked.above_in_a_row} steps in a row was more than {stop.loss_above:g} above its lowest "
            f"running mean, {tracked.lowest:.3f} (stop.loss_above)"
        )
    return None
