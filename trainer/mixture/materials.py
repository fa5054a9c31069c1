"""What there is to mix: how much of every component, which units it is made of, and what tells that they are the same.

Sizes of a component are those of the full run's tokenizer; `bytes` let another tokenizer express the same weights.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from datapipe.loading.located_yaml import parse, suggest
from trainer.mixture.experiment import Experiment
from trainer.mixture.phases import phase_tokens


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
class PlanCap:
    """A cap on epochs that the training plan has, of the unit of a component that comes to it first."""

    phase: str
    """Of the plan: by its end."""
    component: str
    unit: str
    """`domain/unit`."""
    epochs_P: tuple[float, ...]
    """Of the unit, by phase of the mixture, were the component all that is read."""
    most: float
    """Epochs, less what is given beside whole shares."""


@dataclass(frozen=True)
class Materials:
    """All of them, in the order of the experiment."""

    components: Mapping[str, Material]
    phase_tokens: Mapping[str, int]
    """Tokens of every phase of the full run."""
    current: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Weights of the components by phase, as the plan has them, else `mixture.json`; {} where neither tells."""
    plan_caps: tuple[PlanCap, ...] = ()
    """What the plan says of epochs itself."""


def read_materials(experiment: Experiment, root: str | None = None) -> Materials:
    """What the experiment's data holds, or its `sizes` say. No torch. Raises RunError, RecipeError."""
    found = _read(experiment, root)
    for path, name in _named(experiment):
        if name not in found.components:
            message = f"no such component; {suggest(name, found.components, 'there are')}"
            raise parse(experiment.text, experiment.file).error(path, message)
    return found


def _read(experiment: Experiment, root: str | None) -> Materials:
    if experiment.sizes:
        sized = {
            name: Material(_domain(experiment, name), {}, tokens, None, {}) for name, tokens in experiment.sizes.items()
        }
        return Materials(sized, known_tokens(experiment, None))
    from trainer.mixture.data_materials import materials_of_data

    return materials_of_data(experiment, root)


def known_tokens(experiment: Experiment, budget: int | None) -> Mapping[str, int]:
    """Tokens of every phase; `budget` of the data stands in for those of a single one. Raises RecipeError."""
    asked = phase_tokens(experiment)
    if len(asked) == 1:
        asked = {name: tokens or budget for name, tokens in asked.items()}
    unknown = [name for name, tokens in asked.items() if tokens is None]
    if unknown:
        message = f"phase {unknown[0]}: nothing says how long the full run is: give it tokens, or the experiment a plan"
        raise parse(experiment.text, experiment.file).error(("phases",), message)
    return {name: tokens for name, tokens in asked.items() if tokens is not None}


def to_1(shares: Mapping[str, float]) -> dict[str, float]:
    """Divided by their sum."""
    total = sum(shares.values())
    return {name: share / total for name, share in shares.items()}


def _domain(experiment: Experiment, name: str) -> str:
    said = experiment.components.get(name)
    return (said.domain if said else None) or name


def _named(experiment: Experiment) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every place of the experiment that names a component, which data alone may know."""
    for group, one in experiment.groups.items():
        yield from ((("groups", group, "of", number), name) for number, name in enumerate(one.of))
    for key, mixtures in (("current", experiment.current or {}), ("candidates", experiment.candidates)):
        yield from (((key, mixture, name), name) for mixture, weights in mixtures.items() for name in weights)
