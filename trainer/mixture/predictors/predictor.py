"""What every law offers."""

from typing import Protocol

from trainer.mixture.arrays import Floats


class Fitted(Protocol):
    """A law with its numbers. Predictions are in the units of the values it was fitted to."""

    def predict(self, weights_NPK: Floats) -> Floats:
        """values_NM of mixtures."""

    def gradient(self, weights_PK: Floats) -> Floats:
        """d value / d weight at one mixture, (M, P, K); laws that are not `smooth` raise NotImplementedError."""


class Predictor(Protocol):
    """A law without its numbers. Fitting is deterministic."""

    name: str
    smooth: bool
    """Whether it has a gradient."""

    def fit(self, weights_NPK: Floats, values_NM: Floats) -> Fitted:
        """Fitted to runs, all targets at once; N may be smaller than the number of parameters: laws regularise."""
