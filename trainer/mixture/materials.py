"""What there is to mix: how much of every component, which units it is made of, and what tells that they are the same.

Sizes of a component are those of the full run's tokenizer; `bytes` let another tokenizer express the same weights.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from trainer.mixture.experiment import Experiment


@dataclass(frozen=True)
class Material:
    """One component."""

    domain: str
    shares: Mapping[str, float]
    """Of its units inside it; they sum to 1. Empty where there is no data."""
    tokens: int
    """In windows of the full run."""
    bytes: int | None
    """Of text; None where nothing tells."""
    digests: Mapping[str, str]
    """Of the training shards of every unit, as their manifest tells of them: evidence of other text is refused. Empty
    where there is no data."""


@dataclass(frozen=True)
class Materials:
    """All of them, in the order of the experiment."""

    components: Mapping[str, Material]
    phase_tokens: Mapping[str, int]
    """Tokens of every phase of the full run."""


def read_materials(experiment: Experiment, root: str | None = None) -> Materials:
    """What the experiment's data holds, or its `sizes` say. No torch. Raises RunError, RecipeError."""
    raise NotImplementedError
