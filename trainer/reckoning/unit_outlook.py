"""What a phase takes of every unit and domain: shares asked and given, samples, epochs."""

from trainer.blend import Blend
from trainer.course import PARTS, ByUnit
from trainer.plan import Phase
from trainer.reckoning.outlook import DomainOutlook, UnitOutlook
from trainer.settle import cap_of


def units_of(phase: Phase, blend: Blend, windows: ByUnit, before: ByUnit, after: ByUnit) -> tuple[UnitOutlook, ...]:
    """Every unit of a phase's blend, from its cursors before the phase and after it."""
    return tuple(
        UnitOutlook(
            domain=domain,
            unit=unit,
            asked=blend.domains[domain] * share,
            given=blend.parts.domains[domain] / PARTS * blend.parts.units[domain][unit] / PARTS,
            samples=after[domain][unit] - before[domain][unit],
            windows=windows[domain][unit],
            epochs=after[domain][unit] / windows[domain][unit],
            cap=cap_of(phase, domain, unit),
        )
        for domain, shares in blend.units.items()
        for unit, share in shares.items()
    )


def domains_of(blend: Blend, units: tuple[UnitOutlook, ...]) -> tuple[DomainOutlook, ...]:
    """Every domain of a blend, as its units are."""
    return tuple(_domain(blend, domain, [unit for unit in units if unit.domain == domain]) for domain in blend.domains)


def _domain(blend: Blend, domain: str, units: list[UnitOutlook]) -> DomainOutlook:
    windows = sum(unit.windows for unit in units)
    shares, parts = blend.units[domain], blend.parts.units[domain]
    deviations = {unit: abs(parts[unit] / PARTS / share - 1) for unit, share in shares.items()}
    farthest = max(deviations, key=lambda unit: deviations[unit])
    return DomainOutlook(
        domain=domain,
        asked=blend.domains[domain],
        given=blend.parts.domains[domain] / PARTS,
        samples=sum(unit.samples for unit in units),
        windows=windows,
        epochs=sum(unit.epochs * unit.windows for unit in units) / windows,
        largest_deviation=deviations[farthest],
        of_unit=farthest,
    )
