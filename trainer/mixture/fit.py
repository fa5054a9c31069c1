"""`trainer mix fit`: laws fitted to a swarm, and how far they can be trusted."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from trainer.mixture.arrays import Floats
from trainer.mixture.comparison import Comparison, compare
from trainer.mixture.evidence import Evidence, evidence_digest, read_evidence
from trainer.mixture.experiment import Experiment
from trainer.mixture.fit_file import FILE, Fit, OutOfFold, TargetSummary
from trainer.mixture.json_file import write_json
from trainer.mixture.load import loaded
from trainer.mixture.materials import read_materials
from trainer.mixture.results import Result, read_results
from trainer.mixture.scores import ROUNDING


def fit(file: Path, root: str | None, settings: Sequence[str], other_text: bool) -> None:
    """Write `fit.json` and print its tables."""
    from trainer.mixture.fit_report import print_fit
    from trainer.mixture.static import static_mixture, static_mixtures

    experiment, output = loaded(file, settings, root)
    materials = read_materials(experiment, root)
    evidence = read_evidence(experiment, materials, output, other_text)
    results = {one.run: one for one in read_results(output)}
    made = static_mixtures(experiment, materials)
    statics = {name: made[name] for name in ("uniform", "proportional") if name in made}
    reference_PK = static_mixture(experiment.propose.reference, experiment, materials)
    found = fit_of(experiment, evidence, results, statics, reference_PK, evidence_digest(output))
    write_json(output / FILE, found)
    print_fit(found, str(output / FILE))


def fit_of(
    experiment: Experiment,
    evidence: Evidence,
    results: Mapping[str, Result],
    statics: Mapping[str, Floats],
    reference_PK: Floats,
    digest: str,
) -> Fit:
    """All of it. `statics` are mixtures that trivial rules ask the distance from; effects are those at `reference_PK`.

    Raises RunError where a law needs a library that is not there.
    """
    from trainer.mixture.checkpoint_ranks import checkpoint_ranks
    from trainer.mixture.extrapolation import left_out_scores
    from trainer.mixture.fit_warnings import warnings_of
    from trainer.mixture.interactions import interactions

    compared = compare(experiment, evidence, statics)
    summaries = _summaries(evidence, compared)
    out_of_fold = _out_of_fold(evidence, compared)
    anchors = left_out_scores(compared.fitted, evidence, compared.mixtures)
    checkpoints = checkpoint_ranks(evidence, results)
    names = (evidence.phases, evidence.components, evidence.targets)
    return Fit(
        experiment.name,
        digest,
        len(evidence.runs),
        len(compared.mixtures.weights_NPK),
        evidence.left_out,
        tuple(compared.laws),
        summaries,
        compared.scores,
        anchors,
        out_of_fold,
        compared.learning,
        interactions(compared.fitted, compared.laws["mean"].fits, reference_PK, *names),
        checkpoints,
        evidence.notes,
        warnings_of("mean", summaries, compared.scores, anchors, out_of_fold, compared.learning, checkpoints),
    )


def _summaries(evidence: Evidence, compared: Comparison) -> tuple[TargetSummary, ...]:
    means_M = compared.mixtures.values_NM.mean(axis=0)
    spreads_M = compared.mixtures.values_NM.std(axis=0, ddof=1)
    found = []
    for place, target in enumerate(evidence.targets):
        noise = None if evidence.noise_M is None else float(evidence.noise_M[place])
        least = ROUNDING * abs(float(means_M[place]))
        ratio = float(spreads_M[place]) / noise if noise is not None and noise > least else None
        found.append(TargetSummary(target, float(means_M[place]), float(spreads_M[place]), noise, ratio))
    return tuple(found)


def _out_of_fold(evidence: Evidence, compared: Comparison) -> tuple[OutOfFold, ...]:
    """By run and target; repeats have one prediction, and values of their own."""
    predicted_NM = compared.laws["mean"].values_NM
    spread_M = ((predicted_NM - compared.mixtures.values_NM) ** 2).mean(axis=0) ** 0.5
    return tuple(
        OutOfFold(run.id, target, float(predicted), float(spread), float(observed))
        for run, mixture, observed_M in zip(evidence.runs, compared.mixtures.of_run, evidence.values_NM, strict=True)
        for target, predicted, spread, observed in zip(
            evidence.targets, predicted_NM[mixture], spread_M, observed_M, strict=True
        )
    )
