"""What a law expects of proposal and baseline, written down before either is trained."""

import dataclasses
import datetime
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from datapipe.output import RunError
from trainer.mixture.arrays import Floats
from trainer.mixture.bootstrap import interval, resampled
from trainer.mixture.evidence import Evidence
from trainer.mixture.experiment import Experiment, Proxy
from trainer.mixture.json_file import read_json, write_json
from trainer.mixture.objective import Objective, objective_of
from trainer.mixture.predictors.choosing import predictor_of
from trainer.mixture.proposal_file import Proposal
from trainer.mixture.proxy_keys import proxy_keys
from trainer.mixture.validation_file import PREDICTION, PredictedTarget, Prediction

SEEDS = 31
"""Purpose of seeds beside the experiment's."""
OBJECTIVE = "objective"
"""Stands in front of the targets: what the proposal is the best in."""


@dataclass(frozen=True)
class Trial:
    """What is to be trained."""

    baseline_PK: Floats
    proposal_digest: str
    """Of `proposal.json`."""
    proxy: Proxy
    parameters: int
    pairs: int


def predict(experiment: Experiment, evidence: Evidence, proposal: Proposal, trial: Trial) -> Prediction:
    """What the proposal's law says of both mixtures at the proxies' size, with the interval of their difference."""
    chosen = experiment.propose
    objective = objective_of(evidence, chosen.objective)
    fitted = predictor_of(chosen.predictor, experiment.fit).fit(evidence.weights_NPK, evidence.values_NM)
    both_2PK = np.stack([np.array(proposal.best.weights), trial.baseline_PK])
    said_2T = with_objective(fitted.predict(both_2PK), objective)
    again = resampled(fitted, evidence.weights_NPK, evidence.values_NM, chosen.resamples, experiment.seed)
    gains_RT = np.array([_gain(with_objective(one.predict(both_2PK), objective)) for one in again])
    low_T, high_T = interval(gains_RT, chosen.interval)
    columns = zip((OBJECTIVE, *evidence.targets), *said_2T, _gain(said_2T), low_T, high_T, strict=True)
    return Prediction(
        experiment=experiment.name,
        swarm_digest=proposal.swarm_digest,
        proposal_digest=trial.proposal_digest,
        written_at=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        interval=chosen.interval,
        proposal=proposal.best.weights,
        baseline=tuple(tuple(row) for row in trial.baseline_PK.tolist()),
        seeds=seeds_of(experiment.seed, trial.pairs),
        proxy=proxy_keys(experiment, trial.proxy),
        tokens=trial.proxy.tokens,
        parameters=trial.parameters,
        targets=tuple(PredictedTarget(name, *map(float, numbers)) for name, *numbers in columns),
    )


def with_objective(values_NM: Floats, objective: Objective) -> Floats:
    """Targets with the objective as the first, (N, T)."""
    found: Floats = np.column_stack([objective.of(values_NM), values_NM])
    return found


def seeds_of(seed: int, count: int) -> tuple[int, ...]:
    """Of the pairs; the first ones stay when there are to be more."""
    return tuple(int(one) for one in np.random.SeedSequence([seed, SEEDS]).generate_state(count))


def write_first(output: Path, expected: Prediction, runs: Sequence[Path]) -> Prediction:
    """Write it, unless the same stands there already. Raises RunError where another does, and runs have begun."""
    path = output / PREDICTION
    if path.exists():
        there = read_json(path, Prediction, "validate")
        differences = _differences(there, expected)
        if not differences:
            return there
        if runs:
            raise RunError(
                f"{path}: was written for another {', another '.join(differences)}, and its runs have begun: a "
                f"prediction is not changed afterwards; to begin anew remove it and {runs[0].parent}"
            )
    write_json(path, expected)
    return expected


def digest_of(path: Path) -> str:
    """Of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _gain(values_2T: Floats) -> Floats:
    found: Floats = values_2T[1] - values_2T[0]
    return found


def _differences(there: Prediction, expected: Prediction) -> list[str]:
    """Names of what it was made for, in words. Figures may differ by the rounding of another machine."""
    names = [one.name for one in dataclasses.fields(Prediction) if one.name not in ("written_at", "targets")]
    found = [name.replace("_", " ") for name in names if getattr(there, name) != getattr(expected, name)]
    targets = ([one.target for one in prediction.targets] for prediction in (there, expected))
    return found if len({tuple(one) for one in targets}) == 1 else [*found, "list of targets"]
