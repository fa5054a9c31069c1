"""The runs that stand in every swarm: static mixtures, repeats of one, and it without each component in turn."""

from dataclasses import dataclass

import numpy as np

from trainer.mixture.arrays import Floats
from trainer.mixture.designing.candidates import without
from trainer.mixture.experiment import Experiment
from trainer.mixture.materials import Materials
from trainer.mixture.space import Space, broken, nearest
from trainer.mixture.static import static_mixture
from trainer.mixture.swarm import Kind


@dataclass(frozen=True)
class Mixture:
    """One run, before it has an id and a seed."""

    kind: Kind
    of: str
    weights_PK: Floats


def fixed_mixtures(experiment: Experiment, materials: Materials, space: Space) -> tuple[list[Mixture], list[str]]:
    """Anchors, repeats and deletions, in this order, and what a reader must know of them.

    What caps forbid is moved to the nearest that they allow. Nothing but repeats stands there twice: an anchor or a
    deletion that is another run's mixture is left out, and that is said. Raises RecipeError for an unknown name.
    """
    keys = experiment.swarm
    found: list[Mixture] = []
    notes: list[str] = []
    for name in dict.fromkeys((*keys.anchors, keys.repeat_of)):
        _add(found, notes, space, Mixture("anchor", name, static_mixture(name, experiment, materials)))
    repeated_PK = _allowed(space, static_mixture(keys.repeat_of, experiment, materials))
    found.extend([Mixture("repeat", keys.repeat_of, repeated_PK)] * keys.repeats)
    if keys.deletions:
        for place, component in enumerate(space.components):
            _add(found, notes, space, Mixture("deletion", component, _deleted(space, repeated_PK, place)))
    return found, notes


def _add(found: list[Mixture], notes: list[str], space: Space, one: Mixture) -> None:
    """Append the mixture, moved into the space, unless it stands there already."""
    what = one.of if one.kind == "anchor" else f"without {one.of}"
    if problems := broken(space, one.weights_PK):
        moved_PK = nearest(space, one.weights_PK)
        distance = np.abs(moved_PK - one.weights_PK).sum() / len(moved_PK)
        notes.append(f"{what} is moved by {distance / 2:.1%} of its tokens, to what is allowed: {problems[0]}")
        one = Mixture(one.kind, one.of, moved_PK)
    for other in found:
        if not len(without(one.weights_PK[None], other.weights_PK[None])):
            notes.append(f"{what} is the same mixture as {other.of or other.kind}, which stands there already")
            return
    found.append(one)


def _allowed(space: Space, weights_PK: Floats) -> Floats:
    return nearest(space, weights_PK) if broken(space, weights_PK) else weights_PK


def _deleted(space: Space, weights_PK: Floats, component: int) -> Floats:
    """The mixture with the least of one component that is allowed, in every phase; others grow in proportion."""
    found_PK = weights_PK.copy()
    found_PK[:, component] = 0
    sums_P1 = found_PK.sum(axis=1, keepdims=True)
    equal_K = np.arange(weights_PK.shape[1]) != component
    found_PK = np.where(sums_P1 > 0, found_PK / np.where(sums_P1 > 0, sums_P1, 1), equal_K / equal_K.sum())
    found_PK = found_PK * (1 - space.lower_PK[:, component : component + 1])
    found_PK[:, component] = space.lower_PK[:, component]
    return found_PK
