"""The mean of several laws: rarely the best of them, never far from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from trainer.mixture.arrays import Floats
from trainer.mixture.predictors.predictor import Fitted, Predictor


@dataclass(frozen=True)
class MeanFit:
    """What its members say, each counting alike."""

    members: tuple[Fitted, ...]

    def predict(self, weights_NPK: Floats) -> Floats:
        """values_NM of mixtures."""
        found: Floats = np.mean([member.predict(weights_NPK) for member in self.members], axis=0)
        return found

    def gradient(self, weights_PK: Floats) -> Floats:
        """d value / d weight at one mixture, (M, P, K). Raises NotImplementedError if a member has none."""
        found: Floats = np.mean([member.gradient(weights_PK) for member in self.members], axis=0)
        return found

    def refit(self, values_RNM: Floats, counts_RN: Floats | None = None) -> "Sequence[MeanFit]":
        """Every member fitted to the same resamples."""
        refitted = [member.refit(values_RNM, counts_RN) for member in self.members]
        return [MeanFit(members) for members in zip(*refitted, strict=True)]


@dataclass(frozen=True)
class Mean:
    """The law without its numbers."""

    members: tuple[Predictor, ...]
    name: ClassVar[str] = "mean"

    @property
    def smooth(self) -> bool:
        """Whether all members are."""
        return all(member.smooth for member in self.members)

    def fit(self, weights_NPK: Floats, values_NM: Floats) -> MeanFit:
        """Every member fitted."""
        return MeanFit(tuple(member.fit(weights_NPK, values_NM) for member in self.members))
