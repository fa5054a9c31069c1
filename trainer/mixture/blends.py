"""From weights of components to what the trainer calls a blend: domains, and the units in them."""

import math
from collections.abc import Mapping

from datapipe.output import RunError
from datapipe.recipe import Sampling
from trainer.course import PARTS, ByUnit
from trainer.mixture.arrays import Floats
from trainer.mixture.materials import Material, Materials
from trainer.plan import DomainBlend

LEAST = 0.5 / PARTS
"""A share below half a part is none to the trainer, which refuses it."""


def blend_of(weights_K: Floats, materials: Materials, windows: ByUnit | None = None) -> Mapping[str, DomainBlend]:
    """The blend of one phase: domains of weight 0 stand in it too, units of weight 0 do not.

    Weights are those given, but for shares below half a part of 2^20, which go to the others beside them. `windows` are
    those of every unit under the tokenizer that reads them: a unit without any gets nothing, as it can give nothing,
    and its component's others get its share. Raises RunError for a component with a weight and no unit.
    """
    units: dict[str, dict[str, float]] = {material.domain: {} for material in materials.components.values()}
    for (name, material), weight in zip(materials.components.items(), weights_K.tolist(), strict=True):
        if weight > 0:
            units[material.domain] |= {unit: weight * share for unit, share in _shares(name, material, windows).items()}
    domains = _without_crumbs({domain: math.fsum(inside.values()) for domain, inside in units.items()})
    return {
        domain: DomainBlend(weight, Sampling(weights=_without_crumbs(units[domain])) if weight else None)
        for domain, weight in ({domain: domains.get(domain, 0.0) for domain in units}).items()
    }


def _shares(name: str, material: Material, windows: ByUnit | None) -> Mapping[str, float]:
    """Of the component's units that have a window; they sum to 1. Raises RunError where none has."""
    there = windows.get(material.domain, {}) if windows is not None else dict.fromkeys(material.shares, 1)
    found = {unit: share for unit, share in material.shares.items() if share > 0 and there.get(unit)}
    if not found:
        raise RunError(
            f"component {name}: none of its {len(material.shares):,} units has a window: nothing to train on"
        )
    total = math.fsum(found.values())
    return {unit: share / total for unit, share in found.items()}


def _without_crumbs(weights: Mapping[str, float]) -> dict[str, float]:
    """Divided by their sum, without those that are next to nothing."""
    total = math.fsum(weights.values())
    kept = {name: weight for name, weight in weights.items() if weight >= LEAST * total and weight > 0}
    return {name: weight / math.fsum(kept.values()) for name, weight in kept.items()}
