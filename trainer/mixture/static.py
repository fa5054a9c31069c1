"""Mixtures that need no training: proportional, uniform, temperature, alpha, UniMax, the paper's, today's.

Names, as `swarm.anchors`, `propose.reference` and `validate.baseline` use them: `proportional`, `uniform`,
`temperature_2`, `temperature_5`, `alpha_1.3`, `unimax_1`, `unimax_4`, `nemotron4` (70 / 15 / 15, where components make
up English, multilingual and code), `current`, and those of `candidates`.
"""

from collections.abc import Mapping

from trainer.mixture.arrays import Floats
from trainer.mixture.experiment import Experiment
from trainer.mixture.materials import Materials


def static_mixtures(experiment: Experiment, materials: Materials) -> Mapping[str, Floats]:
    """weights_PK by name, in the order they are shown; one that cannot be made of this data is left out."""
    raise NotImplementedError


def static_mixture(name: str, experiment: Experiment, materials: Materials) -> Floats:
    """One of them. Raises RecipeError for a name that is none, with those that are."""
    raise NotImplementedError
