"""Folders of experiments that are as far as one wants them: every file from a known law, none from the commands."""

from pathlib import Path

import numpy as np

from tests.trainer.mixture.laws import Law, names, random_law, random_weights, results_of, swarm_of
from trainer.mixture.arrays import Floats
from trainer.mixture.evidence import evidence_digest
from trainer.mixture.fit_file import FILE as FIT
from trainer.mixture.fit_file import AnchorScore, Fit, Interaction, Learning, OutOfFold, Score, TargetSummary
from trainer.mixture.json_file import write_json
from trainer.mixture.proposal_file import FILE as PROPOSAL
from trainer.mixture.proposal_file import ComponentProposal, KlPoint, Mixture, ParetoPoint, Proposal
from trainer.mixture.results import write_results
from trainer.mixture.swarm import write_swarm
from trainer.mixture.validation_file import (
    PREDICTION,
    VALIDATION,
    ObservedTarget,
    Pair,
    PredictedTarget,
    Prediction,
    ValidationResult,
)

DIGEST = "d" * 64
STEPS = ("swarm", "results", "fit", "proposal", "prediction", "validation")


def write_experiment(
    folder: Path, until: str = "validation", *, components: int = 3, targets: int = 3, runs: int = 24, phases: int = 1
) -> Path:
    """The YAML file of an experiment whose output folder has everything up to `until`, one of STEPS."""
    folder.mkdir(parents=True, exist_ok=True)
    law = random_law(phases, components, targets, 1)
    weights_NPK = random_weights(runs, phases, components, 2)
    weights_NPK[1] = weights_NPK[0]
    swarm = swarm_of(weights_NPK)
    values_NM = law.values(weights_NPK) + np.random.default_rng(3).normal(0, 0.01, (runs, targets))
    far = STEPS.index(until)
    write_swarm(folder / "out", swarm)
    if far >= 1:
        write_results(folder / "out", results_of(swarm, values_NM).values())
    if far >= 2:
        write_json(folder / "out" / FIT, fit_of(weights_NPK, values_NM, evidence_digest(folder / "out")))
    proposal = proposal_of(law, weights_NPK, evidence_digest(folder / "out") if far else "")
    if far >= 3:
        write_json(folder / "out" / PROPOSAL, proposal)
    if far >= 4:
        write_json(folder / "out" / PREDICTION, prediction_of(proposal))
    if far >= 5:
        write_json(folder / "out" / VALIDATION, validation_of(proposal))
    file = folder / "mixture.yaml"
    sizes = ", ".join(f"{name}: 1000000000" for name in names("c", components))
    lengths = ", ".join(f"{{name: {name}, tokens: 1000000000}}" for name in names("p", phases))
    file.write_text(f"name: written\noutput: out\nsizes: {{{sizes}}}\nphases: [{lengths}]\n")
    return file


def fit_of(weights_NPK: Floats, values_NM: Floats, digest: str) -> Fit:
    """A law that is off by a hundredth, one rule that is worse and one that is better on the last target."""
    runs, targets = values_NM.shape
    told = names("t", targets)
    phases, components = names("p", weights_NPK.shape[1]), names("c", weights_NPK.shape[2])
    off_NM = np.random.default_rng(4).normal(0, 0.01, values_NM.shape)
    rules = {"more c0": 0.5, "near to uniform": 0.2}
    scores = [Score("mean", name, False, 0.9, 0.8, 0.01, 0.002, 0.001, 0.0005) for name in told]
    scores += [Score("log_linear", name, False, 0.85, 0.75, 0.02, 0.004, 0.001, -0.0005) for name in told]
    scores += [
        Score(rule, name, True, 0.95 if name == told[-1] and rule == "more c0" else rank, rank, None, 0.1, 0.05, None)
        for rule, rank in rules.items()
        for name in told
    ]
    return Fit(
        "written",
        digest,
        runs,
        runs - 1,
        (),
        ("log_linear", "mean"),
        tuple(
            TargetSummary(name, float(column.mean()), float(column.std()), 0.01, float(column.std()) / 0.01)
            for name, column in zip(told, values_NM.T, strict=True)
        ),
        tuple(scores),
        tuple(
            AnchorScore(
                "0000", "anchor", "uniform", name, float(values_NM[0, place]) + 0.05, float(values_NM[0, place])
            )
            for place, name in enumerate(told)
        ),
        tuple(
            OutOfFold(
                f"{run:04}", name, float(values_NM[run, place] + off_NM[run, place]), 0.01, float(values_NM[run, place])
            )
            for run in range(runs)
            for place, name in enumerate(told)
        ),
        tuple(
            Learning(size, name, 0.9 - 2 / size + 0.01 * place, 0.2 / size)
            for size in range(6, runs + 1, 6)
            for place, name in enumerate(told)
        ),
        tuple(
            Interaction(phase, component, name, effect, effect - 0.002, effect + 0.002)
            for phase in phases
            for row, component in enumerate(components)
            for column, name in enumerate(told)
            for effect in [-0.004 if row % targets == column else 0.001 * (row - column)]
        ),
        tuple((tokens, name, 0.8 + tokens / 10_000) for tokens in (250, 500, 750) for name in told),
        ("c0 was seldom large",),
        (f"{told[-1]}: the rule `more c0` is as good as the law",),
    )


def proposal_of(law: Law, weights_NPK: Floats, digest: str) -> Proposal:
    """The best of the mixtures that were tried, with draws around it."""
    _, phases, components = weights_NPK.shape
    values_NM = law.values(weights_NPK)
    objective_N = ((values_NM - values_NM.mean(axis=0)) / values_NM.std(axis=0)).mean(axis=1)
    best, worst = weights_NPK[objective_N.argmin()], weights_NPK[objective_N.argmax()]
    uniform = np.full((phases, components), 1 / components)
    rng = np.random.default_rng(5)
    resampled = np.array([[rng.dirichlet(60 * row + 0.5) for row in best] for _ in range(200)])
    low, high = np.quantile(resampled, [0.1, 0.9], axis=0)

    def mixture(name: str, weights_PK: Floats, is_tied: bool) -> Mixture:
        values = law.values(weights_PK[None])[0]
        mean = float(((values - values_NM.mean(axis=0)) / values_NM.std(axis=0)).mean())
        rows = tuple(tuple(row) for row in weights_PK.tolist())
        return Mixture(name, rows, mean, mean - 0.05, mean + 0.05, tuple(values.tolist()), is_tied)

    between = [best + share * (uniform - best) for share in (0.0, 0.25, 0.5, 0.75)]
    return Proposal(
        "written",
        digest,
        "mean",
        names("p", phases),
        names("c", components),
        names("t", len(law.floors_M)),
        tuple([1 / len(law.floors_M)] * len(law.floors_M)),
        0.05,
        "proportional",
        0.8,
        200,
        mixture("optimum", best, True),
        tuple(
            ComponentProposal(
                names("p", phases)[phase],
                names("c", components)[place],
                float(best[phase, place]),
                float(low[phase, place]),
                float(high[phase, place]),
                float(best[phase, place]) * 0.9,
                1 / components,
                1 / components,
                int(1e9 * best[phase, place]),
                4.5 if place == 0 else 0.5,
                1e9 * float(best[phase, place]) * 0.95,
                "code epochs at 4.5" if place == 0 else "",
            )
            for phase in range(phases)
            for place in range(components)
        ),
        tuple(mixture(f"draw {place}", draw, True) for place, draw in enumerate(resampled[:20])),
        mixture("nearest", between[1], True),
        (mixture("proportional", between[3], False), mixture("current", uniform, False)),
        mixture("worst", worst, False),
        tuple(
            KlPoint(kl, mixture(f"kl {kl}", mix, True), divergence)
            for kl, mix, divergence in zip((0.02, 0.05, 0.1, 0.2), between, (0.4, 0.2, 0.1, 0.02), strict=True)
        ),
        ("english", "code"),
        tuple(
            ParetoPoint((share, 1 - share), (1 - share, share**2), tuple(tuple(row) for row in mix.tolist()))
            for share, mix in zip((0.0, 0.3, 0.6, 0.9), between, strict=True)
        ),
        tuple(tuple(one.ravel().tolist()) for one in resampled),
        "proposal.yaml",
        ("c0 is read 4.5 times",),
    )


def prediction_of(proposal: Proposal) -> Prediction:
    """A gain of 0.2, give or take 0.1, of the objective; of 0.02, give or take 0.01, on every target."""
    targets = (
        PredictedTarget("objective", -0.2, 0.0, 0.2, 0.1, 0.3),
        *(PredictedTarget(name, 1.0, 1.02, 0.02, 0.01, 0.03) for name in proposal.targets),
    )
    return Prediction(
        "written",
        DIGEST,
        "p" * 64,
        "2026-11-20T10:00:00Z",
        0.8,
        proposal.best.weights,
        proposal.statics[1].weights,
        (1, 2, 3),
        {},
        10**9,
        10**8,
        targets,
    )


def validation_of(proposal: Proposal) -> ValidationResult:
    """It came true on all targets but the last."""
    seen = [ObservedTarget("objective", -0.15, 0.0, 0.15, 0.05, 0.25, True, True)]
    seen += [ObservedTarget(name, 1.0, 1.015, 0.015, 0.005, 0.025, True, True) for name in proposal.targets[:-1]]
    seen.append(ObservedTarget(proposal.targets[-1], 1.0, 0.99, -0.01, -0.02, 0.0, False, False))
    values = tuple(one.proposal for one in seen)
    pairs = tuple(Pair(seed, values, values) for seed in (1, 2, 3))
    return ValidationResult("v" * 64, tuple(seen), pairs, 600.0, ())
