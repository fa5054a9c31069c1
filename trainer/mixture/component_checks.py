"""What can be wrong with components, groups and mixtures of them, as far as an experiment says them itself."""

import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from datapipe.loading.located_yaml import LocatedYaml, suggest
from datapipe.loading.validation import Place
from trainer.checks import SUM_TOLERANCE
from trainer.mixture.experiment import Component, Experiment
from trainer.mixture.static import NAMES


def check_components(experiment: Experiment, document: LocatedYaml) -> None:
    """Refuse what contradicts itself. Raises RecipeError at the first place that does."""
    if experiment.sizes:
        _check_sizes(experiment, document)
    else:
        _check_units(experiment.components, document)
    _check_bounds(experiment, document)
    _check_caps(experiment, document)
    known = experiment.sizes or experiment.components
    _check_groups(experiment, known, document)
    _check_mixtures(experiment, known, document)


def _check_sizes(experiment: Experiment, document: LocatedYaml) -> None:
    """Sizes and components name the same, where both stand there."""
    for name, one in experiment.components.items():
        if name not in experiment.sizes:
            message = f"no such component in sizes; {suggest(name, experiment.sizes, 'there are')}"
            raise document.error(("components", name), message)
        if one.units:
            raise document.error(("components", name, "units"), "expected data: sizes have no units")
    missing = [name for name in experiment.sizes if name not in experiment.components]
    if experiment.components and missing:
        raise document.error(("components",), f"expected all of sizes, {', '.join(missing)} missing")


def _check_units(components: Mapping[str, Component], document: LocatedYaml) -> None:
    """No unit is in two components."""
    rest: dict[str, str] = {}
    taken: dict[tuple[str, str], str] = {}
    for name, one in components.items():
        domain = one.domain or name
        if not one.units and domain in rest:
            message = f"{rest[domain]} has all other units of {domain} already: expected units"
            raise document.error(("components", name), message)
        if not one.units:
            rest[domain] = name
        for number, unit in enumerate(one.units):
            if (domain, unit) in taken:
                message = f"{unit} of {domain} is in {taken[domain, unit]} already"
                raise document.error(("components", name, "units", number), message)
            taken[domain, unit] = name


def _check_bounds(experiment: Experiment, document: LocatedYaml) -> None:
    """Floors below ceilings, one by one and together; `space_of` finds what needs the data's sizes."""
    floor = experiment.caps.min_weight
    least = {name: floor if one.min is None else one.min for name, one in experiment.components.items()}
    for name, one in experiment.components.items():
        if least[name] > one.max:
            what = "min" if one.min is not None else "caps.min_weight"
            message = f"expected at least {what}, {least[name]:g}, found {one.max:g}"
            raise document.error(("components", name, "max"), message)
    if math.fsum(least.values()) > 1 + SUM_TOLERANCE:
        terms = _sum(least.values())
        raise document.error(("components",), f"least weights must leave a mixture, found {terms}, more than 1")
    most = [one.max for one in experiment.components.values()]
    if most and math.fsum(most) < 1 - SUM_TOLERANCE:
        raise document.error(("components",), f"largest weights must leave a mixture, found {_sum(most)}, less than 1")


def _sum(terms: Collection[float]) -> str:
    return f"{' + '.join(f'{term:g}' for term in terms)} = {math.fsum(terms):g}"


def _check_caps(experiment: Experiment, document: LocatedYaml) -> None:
    caps = experiment.caps
    asked: Iterator[tuple[Place, float | None]] = (
        (("components", name, "max_epochs"), one.max_epochs) for name, one in experiment.components.items()
    )
    for path, epochs in ((("caps", "max_epochs"), caps.max_epochs), *asked):
        if epochs is not None and epochs > caps.refuse_epochs and not caps.force:
            message = f"expected at most caps.refuse_epochs, {caps.refuse_epochs:g}, or caps.force, found {epochs:g}"
            raise document.error(path, message)


def _check_groups(experiment: Experiment, known: Collection[str], document: LocatedYaml) -> None:
    for name, group in experiment.groups.items():
        place = ("groups", name)
        twice = [member for member, count in Counter(group.of).items() if count > 1]
        if twice:
            raise document.error((*place, "of"), f"{twice[0]} is given twice")
        for number, member in enumerate(group.of):
            _check_is_known(member, known, document, (*place, "of", number))
        if group.min > group.max:
            raise document.error((*place, "max"), f"expected at least min, {group.min:g}, found {group.max:g}")


def _check_mixtures(experiment: Experiment, known: Collection[str], document: LocatedYaml) -> None:
    """Weights of known components, that sum to 1; names that no other mixture has."""
    for name in experiment.candidates:
        if name in NAMES:
            raise document.error(("candidates", name), "that is the name of a mixture that is always there")
    for key, mixtures in (("current", experiment.current or {}), ("candidates", experiment.candidates)):
        for name, weights in mixtures.items():
            place = (key, name)
            for component in weights:
                _check_is_known(component, known, document, (*place, component))
            if abs(math.fsum(weights.values()) - 1) > SUM_TOLERANCE:
                found = _sum(weights.values()) if weights else "none"
                raise document.error(place, f"weights must sum to 1, found {found}")


def _check_is_known(name: str, known: Collection[str], document: LocatedYaml, place: Place) -> None:
    """What data alone knows is checked when it is read."""
    if known and name not in known:
        raise document.error(place, f"no such component; {suggest(name, known, 'there are')}")
