"""Experiment -> Swarm: a new one, or more rows for one that is there."""

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from datapipe.output import RunError
from trainer.mixture.arrays import Floats
from trainer.mixture.designing.anchors import Mixture, fixed_mixtures
from trainer.mixture.designing.rows import choose_rows, seed_of
from trainer.mixture.experiment import Experiment
from trainer.mixture.materials import Materials
from trainer.mixture.proxy_keys import changed_settings, proxy_keys
from trainer.mixture.recorded import changed, recorded
from trainer.mixture.space import Space
from trainer.mixture.swarm import Run, Swarm, changed_units

LEAST_RUNS = 16
"""Beside repeats, where the experiment says nothing: as many as English, multilingual and code need (Marin, issue
3489: 16 designed runs beat more than 100 random ones)."""
RUNS_PER_WEIGHT = 4
"""Runs needed grow with the number of components (Olmix)."""

RUNS = ("swarm.", "seed")
"""Keys that say which runs there are; others say what mixtures are allowed."""


def new_swarm(experiment: Experiment, materials: Materials, space: Space) -> tuple[Swarm, list[str]]:
    """The swarm, and what a reader must know of it. Raises RecipeError, RunError for one that cannot be made."""
    if space.shape[1] < 2:
        raise RunError(f"{experiment.file}: one component has nothing to be mixed with")
    fixed, notes = fixed_mixtures(experiment, materials, space)
    count = experiment.swarm.runs or default_runs(experiment, space)
    if experiment.swarm.runs is None:
        count = max(count, len(fixed))
    if count < len(fixed):
        kinds = ", ".join(
            f"{sum(one.kind == kind for one in fixed)} {kind}s" for kind in ("anchor", "repeat", "deletion")
        )
        raise RunError(f"{experiment.file}: swarm.runs: {count:,}, but {kinds} make {len(fixed):,} already")
    there_NPK = np.array([one.weights_PK for one in fixed])
    rows = choose_rows(experiment, materials, space, there_NPK, count - len(fixed))
    runs = _runs(experiment, (*fixed, *_rows(rows)), 0)
    proxy = proxy_keys(experiment, experiment.proxy) if experiment.proxy else {}
    keys = design_keys(experiment)
    return Swarm(space.components, space.phases, materials, proxy, "design", runs, keys), notes


def default_runs(experiment: Experiment, space: Space) -> int:
    """Of a swarm whose size the experiment leaves open."""
    phases, components = space.shape
    return max(LEAST_RUNS, RUNS_PER_WEIGHT * phases * components) + experiment.swarm.repeats


def more_runs(experiment: Experiment, materials: Materials, space: Space, swarm: Swarm, count: int) -> Swarm:
    """The swarm with `count` more rows, which complement what is there. Its runs stay as they are.

    Caps, floors and the way in which rows are chosen may have changed. Raises RunError where what runs are trained on
    has: then old and new ones could not be compared.
    """
    if problems := incomparable(experiment, materials, space, swarm):
        raise RunError(f"{experiment.output}: its runs cannot be compared with new ones: {listed(problems)}")
    rows = choose_rows(experiment, materials, space, swarm.weights_NPK, count)
    runs = _runs(experiment, _rows(rows), len(swarm.runs))
    return dataclasses.replace(swarm, runs=(*swarm.runs, *runs), keys=design_keys(experiment))


def check_same_design(experiment: Experiment, materials: Materials, space: Space, swarm: Swarm) -> list[str]:
    """What a reader must know of a swarm that is there: limits that have changed since, inside which it was designed.

    Raises RunError where other runs are asked for than it has, or its runs could not be compared with what they say.
    """
    asked = changed(swarm.keys, design_keys(experiment))
    limits = [line for line in asked if not line.startswith(RUNS)]
    if problems := incomparable(experiment, materials, space, swarm) + [line for line in asked if line not in limits]:
        raise RunError(
            f"{experiment.output}: a swarm is there that was designed from other settings: {listed(problems)}; give "
            "another output, put the settings back, append with --more where only `swarm` differs, or remove "
            "swarm.json if nothing has been trained"
        )
    return (
        [f"it was designed inside other limits: {listed(limits)}; --more appends rows inside these"] if limits else []
    )


def incomparable(experiment: Experiment, materials: Materials, space: Space, swarm: Swarm) -> list[str]:
    """Why new runs could not be compared with those of the swarm, in words; [] where they can."""
    if swarm.origin != "design":
        return [f"it was imported from {swarm.origin}"]
    shape = {"components": list(swarm.components), "phases": list(swarm.phases)}
    problems = changed(shape, {"components": list(space.components), "phases": list(space.phases)})
    problems += changed_units(swarm, materials)
    problems += changed(_tokens(swarm.materials), _tokens(materials), "tokens")
    if experiment.proxy is not None and swarm.proxy:
        return problems + changed_settings(swarm, experiment, experiment.proxy, materials)
    return problems + changed({"proxy": "given"} if swarm.proxy else {}, {"proxy": "given"} if experiment.proxy else {})


def design_keys(experiment: Experiment) -> dict[str, Any]:
    """What mixtures follow from, beside the materials."""
    names = ("components", "groups", "current", "candidates", "caps", "swarm", "seed")
    return recorded({name: getattr(experiment, name) for name in names})


def _tokens(materials: Materials) -> dict[str, int]:
    """Of components: matched repetition makes a proxy's data of them."""
    return {name: one.tokens for name, one in materials.components.items()}


def _rows(weights_NPK: Floats) -> Iterable[Mixture]:
    return [Mixture("row", "", weights_PK) for weights_PK in weights_NPK]


def _runs(experiment: Experiment, mixtures: Iterable[Mixture], first: int) -> tuple[Run, ...]:
    """With ids and seeds, counted from `first`. Seeds of 31 bits suit every generator."""
    return tuple(
        Run(
            f"{number:04}",
            one.kind,
            one.of,
            seed_of(experiment, "run", number) >> 1,
            tuple(tuple(row) for row in one.weights_PK.tolist()),
        )
        for number, one in enumerate(mixtures, first)
    )


def listed(problems: Sequence[str]) -> str:
    """The first three, and how many more there are: other text has a line for every unit."""
    more = f"; and {len(problems) - 3:,} more" if len(problems) > 3 else ""
    return f"{'; '.join(problems[:3])}{more}"
