"""What is to be small: a weighted mean of targets, each divided by its spread over the swarm."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from datapipe.loading.located_yaml import suggest
from datapipe.output import RunError
from trainer.mixture.arrays import Floats
from trainer.mixture.evidence import Evidence


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
    """Targets with these weights, all alike where there are none. Raises RunError for a name that is no target."""
    for name in weights:
        if name not in evidence.targets:
            raise RunError(f"propose.objective: {name!r} is no target; {suggest(name, evidence.targets)}")
    chosen = weights or dict.fromkeys(evidence.targets, 1.0)
    weights_M = np.array([chosen.get(name, 0.0) for name in evidence.targets])
    if not weights_M.sum() > 0:
        raise RunError("propose.objective: all weights are 0")
    spread_M = evidence.values_NM.std(axis=0)
    scale_M = np.where(spread_M > 0, spread_M, 1.0)
    return Objective(evidence.targets, weights_M / weights_M.sum(), evidence.values_NM.mean(axis=0), scale_M)
