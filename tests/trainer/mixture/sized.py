"""Experiments over sizes alone: every number can be reckoned by hand."""

from collections.abc import Mapping

from trainer.mixture.experiment import Experiment
from trainer.mixture.load import loads
from trainer.mixture.materials import Materials, read_materials
from trainer.mixture.space import Space, space_of

THREE = {"english": 600_000, "multilingual": 300_000, "code": 100_000}


def sized(
    rest: str = "", sizes: Mapping[str, int] = THREE, phases: Mapping[str, int] | None = None
) -> tuple[Experiment, Materials]:
    """An experiment, by default of a million tokens in three components and as long a run."""
    asked = phases or {"all": 1_000_000}
    lines = [
        "name: small",
        "output: out/small",
        f"sizes: {{{', '.join(f'{name}: {tokens}' for name, tokens in sizes.items())}}}",
        f"phases: [{', '.join(f'{{name: {name}, tokens: {tokens}}}' for name, tokens in asked.items())}]",
        rest,
    ]
    experiment = loads("\n".join(lines))
    return experiment, read_materials(experiment)


def space(rest: str = "", sizes: Mapping[str, int] = THREE, phases: Mapping[str, int] | None = None) -> Space:
    """What such an experiment allows."""
    return space_of(*sized(rest, sizes, phases))
