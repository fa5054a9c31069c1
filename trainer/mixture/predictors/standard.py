"""Targets in units of their own spread: what laws are fitted in, so that one strength of a ridge suits all."""

from dataclasses import dataclass

import numpy as np

from trainer.mixture.arrays import Floats

CONSTANT = 1e-12
"""A target whose spread is smaller, relative to its size, does not vary."""


@dataclass(frozen=True)
class Standard:
    """(values - centre) / spread of each target."""

    centre_M: Floats
    spread_M: Floats
    """Standard deviation over runs; 1 for a target that does not vary."""

    def scaled(self, values_NM: Floats) -> Floats:
        """Without units; (..., M)."""
        found: Floats = (values_NM - self.centre_M) / self.spread_M
        return found

    def back(self, scaled_NM: Floats) -> Floats:
        """In units of the targets again; (..., M)."""
        found: Floats = self.centre_M + self.spread_M * scaled_NM
        return found


def standard_of(values_NM: Floats) -> Standard:
    """Mean and standard deviation of every target."""
    centre_M = values_NM.mean(axis=0)
    spread_M = values_NM.std(axis=0)
    varies_M = spread_M > CONSTANT * np.maximum(np.abs(centre_M), 1e-300)
    return Standard(centre_M, np.where(varies_M, spread_M, 1.0))


def flat(weights_NPK: Floats) -> Floats:
    """Features (N, P x K), phase after phase."""
    return weights_NPK.reshape(len(weights_NPK), -1)
