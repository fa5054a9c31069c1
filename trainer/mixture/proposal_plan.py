"""The training plan of a proposal: a copy of the base plan, comments and all, whose phases name new blends."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from datapipe import storage
from datapipe.loading.located_yaml import RecipeError
from datapipe.output import RunError
from trainer.load import load, loads
from trainer.mixture.blends import blend_of
from trainer.mixture.experiment import Experiment
from trainer.mixture.materials import Materials
from trainer.mixture.phases import mixture_phases
from trainer.mixture.plan_text import Changes, dumped, edited
from trainer.mixture.proposal_file import Mixture
from trainer.plan import DomainBlend, Plan

Blends = Mapping[str, Mapping[str, DomainBlend]]


def write_plan(path: Path, experiment: Experiment, base: Plan, materials: Materials, best: Mixture) -> None:
    """Write it, atomically. Raises RunError where phases of the plan have no weights of their own."""
    changes = changes_of(experiment, base, materials, best)
    text = edited(base.text, changes)
    if text is None or not _says(text, path, base, changes):
        text = dumped(base, changes)
    head = f"# {experiment.plan} with the mixture that `trainer mix propose` found for {experiment.name}.\n"
    storage.write_bytes(str(path), (head + text).encode())


def refusal(path: Path, root: str | None) -> str:
    """What `trainer plan` says against the plan in `path`; "" where it takes it."""
    from trainer.planning import outlook_of

    try:
        outlook_of(load(path), root)
    except (RecipeError, RunError) as error:
        return str(error)
    return ""


def changes_of(experiment: Experiment, base: Plan, materials: Materials, best: Mixture) -> Changes:
    """What the plan says otherwise: blends, their names in phases, output, data."""
    phases = mixture_phases(experiment)
    blends: dict[str, Mapping[str, DomainBlend]] = {}
    named: dict[str, str] = {}
    for phase, weights in zip(phases, best.weights, strict=True):
        name = _free(f"proposed_{phase.name}" if len(phases) > 1 else "proposed", base)
        blends[name] = blend_of(np.array(weights), materials)
        named |= dict.fromkeys(phase.of, name)
    missing = [phase.name for phase in base.phases if phase.name not in named]
    if missing:
        raise RunError(f"{experiment.file}: phases: {missing[0]!r} of {base.file} is in none of them")
    return Changes(blends, named, f"{base.output}-{experiment.name}", experiment.data or base.data, base.folder)


def _says(text: str, path: Path, base: Plan, changes: Changes) -> bool:
    """Whether an edited text says what it should, and nothing else."""
    try:
        found = loads(text, str(path))
    except RecipeError:
        return False
    expected = dataclasses.replace(
        base,
        output=changes.output,
        data=changes.data,
        megatron=found.megatron,
        blends={**base.blends, **changes.blends},
        phases=tuple(dataclasses.replace(one, blend=changes.named[one.name]) for one in base.phases),
        folder=found.folder,
        file=found.file,
        text=found.text,
    )
    return found == expected


def _free(name: str, base: Plan) -> str:
    """A name that no blend of the plan has."""
    taken = 1
    found = name
    while found in base.blends:
        taken += 1
        found = f"{name}_{taken}"
    return found
