"""The mixtures that are allowed: floors, caps and groups as linear constraints on weights, phases together.

A point is weights_PK: every row, a phase, sums to 1 and holds 0 <= weight <= 1. Epochs add up over phases, so a cap on
them is one constraint across rows.
"""

from dataclasses import dataclass

from trainer.mixture.arrays import Floats
from trainer.mixture.experiment import Experiment
from trainer.mixture.materials import Materials

TOLERANCE = 1e-9
"""By which a weight may miss a bound."""


@dataclass(frozen=True)
class Space:
    """All mixtures with lower <= weights <= upper, rows @ flat weights <= limits, and phases that sum to 1."""

    phases: tuple[str, ...]
    components: tuple[str, ...]
    lower_PK: Floats
    upper_PK: Floats
    rows_CF: Floats
    limits_C: Floats
    labels_C: tuple[str, ...]
    """What each constraint is, for people: `code epochs`, `group western floor in stable`."""

    @property
    def shape(self) -> tuple[int, int]:
        """Phases, components."""
        return len(self.phases), len(self.components)


def space_of(experiment: Experiment, materials: Materials) -> Space:
    """The space that an experiment allows. Raises RecipeError that names what cannot be met together, with numbers."""
    raise NotImplementedError


def broken(space: Space, weights_PK: Floats, tolerance: float = TOLERANCE) -> list[str]:
    """The constraints that a mixture breaks, in words with both numbers; [] for one that is allowed."""
    raise NotImplementedError


def nearest(space: Space, weights_PK: Floats) -> Floats:
    """The allowed mixture with the least squared distance (a quadratic program)."""
    raise NotImplementedError


def draw(space: Space, count: int, seed: int) -> Floats:
    """Allowed mixtures (count, P, K), spread over all of the space: hit-and-run from its centre; deterministic."""
    raise NotImplementedError
