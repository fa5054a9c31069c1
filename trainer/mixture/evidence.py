"""Swarm and results as arrays: what laws are fitted to, and what was left out of it."""

import dataclasses
import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from datapipe.loading.located_yaml import suggest
from datapipe.output import RunError
from trainer.mixture.arrays import Floats
from trainer.mixture.experiment import Experiment
from trainer.mixture.materials import Materials
from trainer.mixture.phases import in_phase
from trainer.mixture.results import Result, read_results, result_json
from trainer.mixture.swarm import FILE as SWARM
from trainer.mixture.swarm import Run, Swarm, changed_units, read_swarm

SAME = 1e-9
"""Weights that differ by less are those of one mixture."""
NEVER_VARIES = 1e-9
LARGEST = 1e100
"""Of figures: a larger one is a run that has come to nothing, and its square no number."""
ROUNDING = 1e-12
"""Of a target's size: what differs by less is rounding."""


@dataclass(frozen=True)
class Evidence:
    """Runs that are done, with all targets finite."""

    components: tuple[str, ...]
    phases: tuple[str, ...]
    targets: tuple[str, ...]
    runs: tuple[Run, ...]
    weights_NPK: Floats
    values_NM: Floats
    """At the last checkpoint. Lower is better."""
    noise_M: Floats | None
    """Standard deviation between repeats of one mixture, pooled over all mixtures that stand there more than once; None
    where none does."""
    noise_degrees: int
    """Degrees of freedom of that."""
    left_out: tuple[tuple[str, str], ...]
    """Ids of runs that are not in it, and why."""
    notes: tuple[str, ...]
    """What a reader must know: components and targets that never vary, mixtures that stand there twice, fewer runs than
    parameters."""


def read_evidence(experiment: Experiment, materials: Materials, output: Path, other_text: bool = False) -> Evidence:
    """What a swarm has come to, in the order of the experiment's phases and components, whichever the swarm has.

    Raises RunError: no runs, other text (unless `other_text`), other phases or components, unknown targets.
    """
    swarm = read_swarm(output)
    differences = changed_units(swarm, materials)
    if differences and not other_text:
        more = f"; and {len(differences) - 3:,} more" if len(differences) > 3 else ""
        raise RunError(
            f"{output}: its runs were trained on other text: {'; '.join(differences[:3])}{more}; "
            "design a new swarm, or say --other-text"
        )
    results = {one.run: one for one in read_results(output)}
    targets = targets_of(experiment, results.values())
    notes = (f"evidence of other text: {'; '.join(differences)}",) if differences else ()
    found = evidence_of(swarm, results, targets, notes)
    return aligned(found, tuple(materials.phase_tokens), tuple(materials.components))


def aligned(evidence: Evidence, phases: tuple[str, ...], components: tuple[str, ...]) -> Evidence:
    """Evidence in this order of phases and components. Raises RunError where they are others."""
    places = []
    for kind, there, asked in (
        ("phases", evidence.phases, phases),
        ("components", evidence.components, components),
    ):
        if sorted(there) != sorted(asked):
            raise RunError(f"the swarm has the {kind} {', '.join(there)}, the experiment {', '.join(asked)}")
        places.append([there.index(name) for name in asked])
    weights_NPK = evidence.weights_NPK[np.ix_(range(len(evidence.runs)), *places)]
    return dataclasses.replace(evidence, phases=phases, components=components, weights_NPK=weights_NPK)


def evidence_of(
    swarm: Swarm, results: Mapping[str, Result], targets: Sequence[str], notes: Sequence[str] = ()
) -> Evidence:
    """The runs that are done, as arrays. Raises RunError where fewer than two mixtures have any."""
    kept: list[Run] = []
    values: list[list[float]] = []
    left_out: list[tuple[str, str]] = []
    for run in swarm.runs:
        why = _why_not(results.get(run.id), targets)
        if why:
            left_out.append((run.id, why))
            continue
        last = results[run.id].measurements[-1].targets
        kept.append(run)
        values.append([float(last[name] or 0.0) for name in targets])
    if len(kept) < 2:
        reason = f"; {left_out[0][0]}: {left_out[0][1]}" if left_out else ""
        raise RunError(f"{len(kept)} of {len(swarm.runs)} runs can be used, two are the least{reason}")
    weights_NPK = np.array([run.weights for run in kept], np.float64)
    values_NM = np.array(values, np.float64)
    groups = same_mixtures(weights_NPK)
    if len(set(groups)) == 1:
        raise RunError(f"all {len(kept)} runs that can be used are of one mixture: there is nothing to compare")
    noise_M, degrees = pooled_noise(values_NM, groups)
    return Evidence(
        swarm.components,
        swarm.phases,
        tuple(targets),
        tuple(kept),
        weights_NPK,
        values_NM,
        noise_M,
        degrees,
        tuple(left_out),
        (*notes, *_notes(swarm, kept, weights_NPK, groups), *_same_everywhere(targets, values_NM)),
    )


def evidence_digest(output: Path) -> str:
    """Of `swarm.json`, which is there, and of `results.jsonl` but for the time that runs took: equal evidence has an
    equal one (sha256 of both sha256)."""
    results = "".join(f"{result_json(dataclasses.replace(one, seconds=0.0))}\n" for one in read_results(output))
    digests = [hashlib.sha256(text).digest() for text in ((output / SWARM).read_bytes(), results.encode())]
    return hashlib.sha256(b"".join(digests)).hexdigest()


def targets_of(experiment: Experiment, results: Iterable[Result]) -> tuple[str, ...]:
    """What is predicted: what the experiment names, else every domain. Raises RunError for what no run measured."""
    measured: dict[str, None] = {}
    for result in results:
        for measurement in result.measurements:
            measured |= dict.fromkeys(measurement.targets)
    for name in experiment.targets:
        if name not in measured:
            raise RunError(f"{experiment.file}: targets: no run measured {name!r}; {suggest(name, measured)}")
    return experiment.targets or tuple(sorted(name for name in measured if "/" not in name))


def same_mixtures(weights_NPK: Floats) -> list[int]:
    """For each run the first that has the same mixture."""
    flat = weights_NPK.reshape(len(weights_NPK), -1)
    return [int(np.argmax(np.abs(flat[: place + 1] - row).max(axis=1) < SAME)) for place, row in enumerate(flat)]


def pooled_noise(values_NM: Floats, groups: Sequence[int]) -> tuple[Floats | None, int]:
    """Standard deviation of each target inside mixtures that stand there more than once, and its degrees of freedom."""
    squares = np.zeros(values_NM.shape[1])
    degrees = 0
    for group in sorted(set(groups)):
        rows = values_NM[[place for place, one in enumerate(groups) if one == group]]
        squares += ((rows - rows.mean(axis=0)) ** 2).sum(axis=0)
        degrees += len(rows) - 1
    return (np.sqrt(squares / degrees), degrees) if degrees else (None, 0)


def _why_not(result: Result | None, targets: Sequence[str]) -> str:
    """Why a run cannot be used; "" where it can."""
    if result is None:
        return "has no result yet"
    if result.status != "done":
        return " ".join(f"{result.status}: {result.why}".split())
    if not result.measurements:
        return "was never measured"
    last = result.measurements[-1].targets
    missing = [name for name in targets if not _is_figure(last.get(name))]
    return f"no finite {missing[0]}" if missing else ""


def _is_figure(value: float | None) -> bool:
    return value is not None and math.isfinite(value) and abs(value) < LARGEST


def _same_everywhere(targets: Sequence[str], values_NM: Floats) -> Iterator[str]:
    least_M = ROUNDING * np.abs(values_NM).max(axis=0)
    for target, is_same in zip(targets, np.ptp(values_NM, axis=0) <= least_M, strict=True):
        if is_same:
            yield f"{target} is the same in every run: no mixture is better in it, and the objective does not count it"


def _notes(swarm: Swarm, kept: Sequence[Run], weights_NPK: Floats, groups: Sequence[int]) -> list[str]:
    found: list[str] = []
    constant_PK = np.ptp(weights_NPK, axis=0) < NEVER_VARIES
    for phase, component in zip(*np.nonzero(constant_PK), strict=True):
        place = in_phase(swarm.phases[phase], swarm.phases)
        found.append(f"{swarm.components[component]} never varies{place}: nothing can be said of its weight")
    meant = {run.id for run in kept if run.kind in ("anchor", "repeat")}
    twice = [kept[place].id for place, first in enumerate(groups) if first != place and kept[place].id not in meant]
    if twice:
        found.append(
            f"{len(twice):,} mixtures stand there before already, and count as repeats: {', '.join(twice[:5])}"
        )
    parameters = len(swarm.phases) * (len(swarm.components) - 1) + 2
    if len(set(groups)) < parameters:
        found.append(
            f"{len(set(groups)):,} mixtures for {parameters:,} parameters of each target's law: it is regularised, and "
            "says little beyond what it has seen"
        )
    return found
