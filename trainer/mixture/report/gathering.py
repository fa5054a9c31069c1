"""What an experiment has come to so far: every file of its folder that is there."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from datapipe.loading.located_yaml import RecipeError
from datapipe.output import RunError
from trainer.mixture.evidence import Evidence, evidence_digest, evidence_of, targets_of
from trainer.mixture.experiment import Experiment
from trainer.mixture.fit_file import FILE as FIT
from trainer.mixture.fit_file import Fit
from trainer.mixture.json_file import read_json
from trainer.mixture.materials import read_materials
from trainer.mixture.objective import Objective, objective_of
from trainer.mixture.proposal_file import FILE as PROPOSAL
from trainer.mixture.proposal_file import Proposal
from trainer.mixture.results import Result, read_results
from trainer.mixture.swarm import Swarm, changed_units, read_swarm
from trainer.mixture.validation_file import PREDICTION, VALIDATION, Prediction, ValidationResult

T = TypeVar("T")


@dataclass(frozen=True)
class Gathered:
    """All of it. None: not there yet."""

    experiment: Experiment
    output: Path
    swarm: Swarm
    results: Mapping[str, Result]
    evidence: Evidence | None
    missing: str
    """Why there is no evidence; "" where there is."""
    objective: Objective | None
    fit: Fit | None
    proposal: Proposal | None
    prediction: Prediction | None
    validation: ValidationResult | None
    digest: str
    """Of swarm and results; "" where there are no results."""
    changed: tuple[str, ...]
    """What differs between the text that the swarm was made for and what is there now, in words."""

    @property
    def best_rank(self) -> Mapping[str, float]:
        """Place of every run that is evidence, by its objective: 0 the best, 1 the worst."""
        if self.evidence is None or self.objective is None:
            return {}
        values = self.objective.of(self.evidence.values_NM)
        places = values.argsort(kind="stable").argsort(kind="stable") / max(len(values) - 1, 1)
        return {run.id: float(place) for run, place in zip(self.evidence.runs, places, strict=True)}

    @property
    def observed(self) -> Mapping[str, float]:
        """Objective of every run that is evidence."""
        if self.evidence is None or self.objective is None:
            return {}
        values = self.objective.of(self.evidence.values_NM).tolist()
        return {run.id: value for run, value in zip(self.evidence.runs, values, strict=True)}


def gather(experiment: Experiment, output: Path, root: str | None = None) -> Gathered:
    """Read what is there. Raises RunError where there is no swarm, or a file is damaged."""
    swarm = read_swarm(output)
    results = {one.run: one for one in read_results(output)}
    evidence, missing = _evidence(experiment, swarm, results)
    return Gathered(
        experiment,
        output,
        swarm,
        results,
        evidence,
        missing,
        objective_of(evidence, experiment.propose.objective) if evidence else None,
        _read(output / FIT, Fit, "fit"),
        _read(output / PROPOSAL, Proposal, "propose"),
        _read(output / PREDICTION, Prediction, "validate"),
        _read(output / VALIDATION, ValidationResult, "validate"),
        evidence_digest(output) if results else "",
        tuple(_changed(experiment, swarm, root)),
    )


def _evidence(experiment: Experiment, swarm: Swarm, results: Mapping[str, Result]) -> tuple[Evidence | None, str]:
    try:
        return evidence_of(swarm, results, targets_of(experiment, results.values())), ""
    except RunError as failure:
        return None, str(failure)


def _changed(experiment: Experiment, swarm: Swarm, root: str | None) -> list[str]:
    """Nothing where the text is elsewhere: a page can be made without it."""
    try:
        return changed_units(swarm, read_materials(experiment, root))
    except (RunError, RecipeError):
        return []


def _read(path: Path, cls: type[T], written_by: str) -> T | None:
    return read_json(path, cls, written_by) if path.exists() else None
