"""What mixtures mean for the full run: tokens, epochs, what repeated tokens are worth, caps that break."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from trainer.mixture.arrays import Floats
from trainer.mixture.experiment import Experiment
from trainer.mixture.materials import Materials
from trainer.mixture.repetition import effective_tokens
from trainer.mixture.space import Space, broken, cap_of
from trainer.settle import ROUNDING


@dataclass(frozen=True)
class ComponentOutlook:
    """A component in a mixture."""

    weights: tuple[float, ...]
    """By phase."""
    tokens: tuple[int, ...]
    """By phase, rounded."""
    phase_epochs: tuple[float, ...]
    """How often each phase reads it,"""
    epochs: float
    """and all of them."""
    max_epochs: float
    """Its cap."""
    effective_tokens: int
    """Fresh tokens that all it is read is worth."""

    @property
    def is_above_cap(self) -> bool:
        """Beyond rounding, as `settle` has it."""
        return self.epochs > self.max_epochs * (1 + ROUNDING)


@dataclass(frozen=True)
class MixtureOutlook:
    """A mixture in the full run."""

    name: str
    components: Mapping[str, ComponentOutlook]
    tokens: int
    effective_tokens: int
    """Of all components."""
    broken: tuple[str, ...]
    """What it breaks of caps, floors and groups."""
    warnings: tuple[str, ...]
    """Components above `caps.warn_epochs`, below their cap."""


def outlook_of(
    name: str, weights_PK: Floats, experiment: Experiment, materials: Materials, space: Space
) -> MixtureOutlook:
    """What a mixture comes to."""
    phase_P = np.array(list(materials.phase_tokens.values()), np.float64)
    unique_K = np.array([one.tokens for one in materials.components.values()], np.float64)
    tokens_PK = weights_PK * phase_P[:, None]
    epochs_PK = tokens_PK / unique_K
    worth_K = effective_tokens(tokens_PK.sum(axis=0), unique_K)
    components = {
        component: ComponentOutlook(
            tuple(weights_PK[:, place].tolist()),
            tuple(round(tokens) for tokens in tokens_PK[:, place].tolist()),
            tuple(epochs_PK[:, place].tolist()),
            float(epochs_PK[:, place].sum()),
            cap_of(experiment, component),
            round(float(worth_K[place])),
        )
        for place, component in enumerate(materials.components)
    }
    warn = experiment.caps.warn_epochs
    return MixtureOutlook(
        name,
        components,
        round(float(phase_P.sum())),
        round(float(worth_K.sum())),
        tuple(broken(space, weights_PK)),
        tuple(
            f"{component} is read {one.epochs:.3g} times"
            for component, one in components.items()
            if one.epochs > warn and not one.is_above_cap
        ),
    )
