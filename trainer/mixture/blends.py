"""From weights of components to what the trainer calls a blend: domains, and the units in them."""

from collections.abc import Mapping

from trainer.mixture.arrays import Floats
from trainer.mixture.materials import Materials
from trainer.plan import DomainBlend


def blend_of(weights_K: Floats, materials: Materials) -> Mapping[str, DomainBlend]:
    """The blend of one phase. Weights of domains sum to 1, those of units in each too, both exactly as given."""
    raise NotImplementedError
