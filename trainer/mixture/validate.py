"""`trainer mix validate`: the proposal against the baseline, predicted first."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from datapipe.output import RunError
from trainer.mixture.evidence import evidence_digest, read_evidence
from trainer.mixture.json_file import read_json, write_json
from trainer.mixture.load import loaded
from trainer.mixture.materials import read_materials
from trainer.mixture.objective import objective_of
from trainer.mixture.proposal_file import FILE as PROPOSAL
from trainer.mixture.proposal_file import Proposal
from trainer.mixture.static import static_mixture
from trainer.mixture.training_runs import Where, train_runs
from trainer.mixture.validating.outcome import outcome
from trainer.mixture.validating.pairs import larger_proxy, parameters_of, runs_of
from trainer.mixture.validating.prediction import Trial, digest_of, predict, write_first
from trainer.mixture.validating.table import print_outcome
from trainer.mixture.validation_file import PREDICTION, VALIDATION

FOLDER = "validation"
"""Of the runs, in the experiment's output."""


def validate(
    file: Path, root: str | None, settings: Sequence[str], executor: Literal["ray", "inline"], num_cpus: int | None
) -> None:
    """Write `prediction.json` before, `validation.json` after paired runs, and print both side by side.

    Runs that are done stay. Raises RecipeError or RunError: nothing to validate, a prediction that would be changed
    after runs have begun, fewer than two pairs.
    """
    from rich.console import Console

    experiment, output = loaded(file, settings, root)
    keys, proxy = larger_proxy(experiment)
    proposal = read_json(output / PROPOSAL, Proposal, "propose")
    materials = read_materials(experiment, root)
    evidence = read_evidence(experiment, materials, output)
    if proposal.swarm_digest != evidence_digest(output):
        raise RunError(f"{output / PROPOSAL}: is of other results: run `trainer mix propose` again")
    if proposal.predictor != experiment.propose.predictor:
        raise RunError(f"{output / PROPOSAL}: is by {proposal.predictor}: run `trainer mix propose` again")
    trial = Trial(
        static_mixture(keys.baseline, experiment, materials),
        digest_of(output / PROPOSAL),
        proxy,
        parameters_of(experiment, proxy, materials, root),
        keys.seeds,
    )
    expected = predict(experiment, evidence, proposal, trial)
    begun = sorted((output / FOLDER).glob("*")) if (output / FOLDER).is_dir() else []
    prediction = write_first(output, expected, begun)
    console = Console(stderr=True)
    results = train_runs(
        experiment, proxy, materials, runs_of(prediction), Where(output, root, executor, num_cpus, console), FOLDER
    )
    objective = objective_of(evidence, experiment.propose.objective)
    found = outcome(prediction, digest_of(output / PREDICTION), results, objective)
    write_json(output / VALIDATION, found)
    print_outcome(prediction, found, Console())
