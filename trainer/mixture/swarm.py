"""`swarm.json`: the mixtures of an experiment that are to be tried, and what they were made for.

Written by `design` and `import`, appended to by `design` again, read by everything behind. Runs never change and never
go.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from datapipe.output import RunError
from trainer.checks import SUM_TOLERANCE
from trainer.mixture.arrays import Floats
from trainer.mixture.json_file import read_json, write_json
from trainer.mixture.materials import Materials

FILE = "swarm.json"
Kind = Literal["anchor", "repeat", "deletion", "row", "imported"]


@dataclass(frozen=True)
class Run:
    """One mixture, to be trained once."""

    id: str
    """`0000`, `0001`, ...; imported ones as their files have them."""
    kind: Kind
    of: str
    """Name of the anchor or of the component that is missing; "" of others."""
    seed: int
    weights: tuple[tuple[float, ...], ...]
    """By phase and component; each phase sums to 1."""


@dataclass(frozen=True)
class Swarm:
    """All of them."""

    components: tuple[str, ...]
    phases: tuple[str, ...]
    materials: Materials
    """What the mixtures were made for: with digests of units."""
    proxy: Mapping[str, object]
    """Keys of the proxy, as the experiment had them; {} of imported evidence."""
    origin: str
    """`design`, or where it was imported from."""
    runs: tuple[Run, ...]
    keys: Mapping[str, object] = field(default_factory=dict)
    """What else of the experiment the last of them follow from: components, groups, caps, swarm, seed; {} of imported
    evidence."""

    @property
    def weights_NPK(self) -> Floats:
        """Of all runs."""
        found: Floats = np.array([run.weights for run in self.runs], np.float64)
        return found.reshape(len(self.runs), len(self.phases), len(self.components))


def read_swarm(output: Path) -> Swarm:
    """The swarm of an output folder. Raises RunError that names the place: weights that do not sum, ids twice."""
    path = output / FILE
    swarm = read_json(path, Swarm, "design", "import")
    check_swarm(swarm, str(path))
    return swarm


def check_swarm(swarm: Swarm, file: str) -> None:
    """Raise RunError for a swarm that is none; `file` is where it is from."""
    for what, names, made_for in (
        ("components", swarm.components, swarm.materials.components),
        ("phases", swarm.phases, swarm.materials.phase_tokens),
    ):
        if sorted(names) != sorted(made_for):
            raise RunError(f"{file}: {what} are {list(names)}, but its materials have {list(made_for)}")
    twice = [name for name, count in Counter(run.id for run in swarm.runs).items() if count > 1]
    if twice:
        raise RunError(f"{file}: run {twice[0]!r} stands there twice")
    for run in swarm.runs:
        if len(run.weights) != len(swarm.phases) or any(len(row) != len(swarm.components) for row in run.weights):
            expected = f"{len(swarm.phases)} x {len(swarm.components)}"
            raise RunError(f"{file}: run {run.id}: expected {expected} weights (phases x components)")
        for phase, row in zip(swarm.phases, run.weights, strict=True):
            if not all(math.isfinite(weight) and weight >= 0 for weight in row):
                raise RunError(f"{file}: run {run.id}, phase {phase}: weights are numbers from 0 on, found {list(row)}")
            if abs(math.fsum(row) - 1) > SUM_TOLERANCE:
                raise RunError(f"{file}: run {run.id}, phase {phase}: weights sum to {math.fsum(row):.9g}, not to 1")


def write_swarm(output: Path, swarm: Swarm) -> None:
    """Atomically; equal swarms have equal bytes."""
    write_json(output / FILE, swarm)


def changed_units(swarm: Swarm, materials: Materials) -> list[str]:
    """What differs between the text that a swarm was made for and what is there now, in words; [] where nothing does.

    Evidence of other text is not evidence: commands refuse it unless they are told otherwise.
    """
    found: list[str] = []
    for name, then in swarm.materials.components.items():
        now = materials.components.get(name)
        if now is None:
            found.append(f"{name} is gone")
            continue
        for unit in sorted(then.digests.keys() | now.digests.keys()):
            if unit not in now.digests:
                found.append(f"{name} has lost {unit}")
            elif unit not in then.digests:
                found.append(f"{name} has {unit} now")
            elif then.digests[unit] != now.digests[unit]:
                found.append(f"{unit} of {name} is other text")
    return found + [f"{name} is new" for name in materials.components if name not in swarm.materials.components]
