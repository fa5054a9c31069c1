"""What every law offers."""

from collections.abc import Sequence
from typing import Protocol

from trainer.mixture.arrays import Floats


class Fitted(Protocol):
    """A law with its numbers. Predictions are in the units of the values it was fitted to."""

    def predict(self, weights_NPK: Floats) -> Floats:
        """values_NM of mixtures."""

    def gradient(self, weights_PK: Floats) -> Floats:
        """d value / d weight at one mixture, (M, P, K); laws that are not `smooth` raise NotImplementedError."""

    def refit(self, values_RNM: Floats, counts_RN: Floats | None = None) -> "Sequence[Fitted]":
        """The law fitted R times more to the runs it was fitted to, with other values: for a bootstrap.

        `counts_RN` says how often each run stands in a resample; once where there are none. Hyper-parameters (strength
        of a ridge, length of a kernel) stay as they are, which makes it fast.
        """


class Predictor(Protocol):
    """A law without its numbers. Fitting is deterministic."""

    @property
    def name(self) -> str:
        """Its YAML word."""

    @property
    def smooth(self) -> bool:
        """Whether it has a gradient."""

    def fit(self, weights_NPK: Floats, values_NM: Floats) -> Fitted:
        """Fitted to runs, all targets at once; N may be smaller than the number of parameters: laws regularise."""
