"""What is to be small: a weighted mean of targets, each divided by its spread over the swarm."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from datapipe.loading.located_yaml import suggest
from datapipe.output import RunError
from trainer.mixture.arrays import Floats
from trainer.mixture.evidence import Evidence
from trainer.mixture.predictors.standard import CONSTANT, standard_of


@dataclass(frozen=True)
class Objective:
    """weights_M @ (values_M - centre_M) / scale_M."""

    targets: tuple[str, ...]
    weights_M: Floats
    """They sum to 1."""
    centre_M: Floats
    scale_M: Floats

    def of(self, values_NM: Floats) -> Floats:
        """The objective of values, (N,); lower is better."""
        scaled: Floats = (values_NM - self.centre_M) / self.scale_M @ self.weights_M
        return scaled


def objective_of(evidence: Evidence, weights: Mapping[str, float]) -> Objective:
    """Targets with these weights, all alike where there are none.

    Raises RunError for a name that is no target, and where none of those that count differs between runs.
    """
    for name in weights:
        if name not in evidence.targets:
            raise RunError(f"propose.objective: {name!r} is no target; {suggest(name, evidence.targets)}")
    chosen = weights or dict.fromkeys(evidence.targets, 1.0)
    weights_M = np.array([chosen.get(name, 0.0) for name in evidence.targets])
    if not weights_M.sum() > 0:
        raise RunError("propose.objective: all weights are 0")
    counted = evidence.values_NM[:, weights_M > 0]
    if (np.ptp(counted, axis=0) <= CONSTANT * np.abs(counted).max(axis=0)).all():
        told = ", ".join(name for name, weight in zip(evidence.targets, weights_M, strict=True) if weight)
        raise RunError(
            f"propose.objective: {told} {'is' if (weights_M > 0).sum() == 1 else 'are'} the same in every run"
        )
    standard = standard_of(evidence.values_NM)  # 1 for a target that does not vary, but for rounding
    return Objective(evidence.targets, weights_M / weights_M.sum(), standard.centre_M, standard.spread_M)
