"""What can be wrong with the phases of an experiment, and with what it says of them."""

from collections import Counter

from datapipe.loading.located_yaml import LocatedYaml, suggest
from trainer.mixture.experiment import Experiment
from trainer.mixture.phases import mixture_phases
from trainer.plan import Plan


def check_phases(experiment: Experiment, document: LocatedYaml) -> None:
    """Refuse what contradicts itself. Raises RecipeError at the first place that does."""
    twice = [name for name, count in Counter(phase.name for phase in experiment.phases).items() if count > 1]
    if twice:
        numbers = [number for number, phase in enumerate(experiment.phases) if phase.name == twice[0]]
        raise document.error(("phases", numbers[1], "name"), f"{twice[0]} is given twice")
    if experiment.base is not None:
        _check_they_are_of(experiment.base, experiment, document)
    else:
        _check_they_say_their_tokens(experiment, document)
    if experiment.current is not None:
        names = [phase.name for phase in mixture_phases(experiment)]
        for name in experiment.current:
            if name not in names:
                raise document.error(("current", name), f"no such phase; {suggest(name, names, 'there are')}")
        missing = [name for name in names if name not in experiment.current]
        if missing:
            raise document.error(("current",), f"phase {missing[0]} is missing")


def _check_they_are_of(base: Plan, experiment: Experiment, document: LocatedYaml) -> None:
    """All phases of the plan, each once and in order: the proposal is a copy of the plan with other blends."""
    names = [phase.name for phase in base.phases]
    following = 0
    phases = mixture_phases(experiment)
    for number, phase in enumerate(phases):
        place = ("phases", number)
        if phase.tokens is not None:
            raise document.error((*place, "tokens"), "the plan says them: expected of, its phases")
        if not phase.of:
            raise document.error(place, f"expected of: which phases of the plan it stands for; {suggest('', names)}")
        for position, name in enumerate(phase.of):
            if name not in names:
                raise document.error((*place, "of", position), f"the plan has no phase {name}; {suggest(name, names)}")
            if following == len(names) or name != names[following]:
                expected = f"expected {names[following]}" if following < len(names) else "expected no more"
                message = f"{expected}, found {name}: the plan's phases, each once and in order"
                raise document.error((*place, "of", position), message)
            following += 1
    if following < len(names):
        message = f"{', '.join(names[following:])} of the plan is in none: expected all of its phases"
        raise document.error(("phases", len(phases) - 1, "of"), message)


def _check_they_say_their_tokens(experiment: Experiment, document: LocatedYaml) -> None:
    for number, phase in enumerate(experiment.phases):
        if phase.of:
            raise document.error(("phases", number, "of"), "expected a plan beside it: these are names of its phases")
        if phase.tokens is None and (len(experiment.phases) > 1 or experiment.sizes):
            raise document.error(("phases", number), "key 'tokens' is missing: nothing else says how long it is")
    if experiment.sizes and not experiment.phases:
        raise document.error(("phases",), "expected a phase with tokens: nothing else says how long the full run is")
