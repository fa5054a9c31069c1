"""Trivial rules: orders of mixtures that need no law. A law that ranks no better than these has found nothing.

On RegMix's runs "more Pile-CC" ranks 1B models by their Pile-CC loss with Spearman 0.981, as well as any law does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from trainer.mixture.arrays import Floats
from trainer.mixture.phases import in_phase

ONE = "more of one component"
"""What all rules of one component are called together."""


@dataclass(frozen=True)
class Rule:
    """Places N mixtures in an order: those with lower values are taken for better. Values have no unit."""

    name: str
    values_N: Floats


def more_of_one(weights_NPK: Floats, phases: Sequence[str], components: Sequence[str]) -> Iterator[Rule]:
    """The more of a component, the better: one rule for each of them and every phase."""
    for place_p, phase in enumerate(phases):
        for place_k, component in enumerate(components):
            yield Rule(f"more {component}{in_phase(phase, phases)}", -weights_NPK[:, place_p, place_k])


def near_to(name: str, weights_NPK: Floats, mixture_PK: Floats) -> Rule:
    """The nearer to a mixture, the better: by total variation, summed over phases."""
    return Rule(f"near to {name}", np.abs(weights_NPK - mixture_PK).sum(axis=(1, 2)) / 2)
