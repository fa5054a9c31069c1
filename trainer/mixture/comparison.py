"""Laws and trivial rules side by side, on the same mixtures, none of which a law has seen."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from trainer.mixture.arrays import Floats
from trainer.mixture.cross_validation import CrossValidation, Mixtures, cross_validate, folds_of, mean_of, mixtures_of
from trainer.mixture.evidence import Evidence
from trainer.mixture.experiment import Experiment
from trainer.mixture.fit_file import Learning, Score
from trainer.mixture.learning_curve import DRAWS, learning_curve
from trainer.mixture.objective import objective_of
from trainer.mixture.predictors.baselines import Rule, more_of_one, near_to
from trainer.mixture.predictors.predictor import Fitted
from trainer.mixture.scores import score

OBJECTIVE = "objective"
"""What is proposed by, scored as if it were a target, where there is more than one."""


@dataclass(frozen=True)
class Comparison:
    """All that comes of it."""

    mixtures: Mixtures
    laws: Mapping[str, CrossValidation]
    """By name; `mean` is the last."""
    fitted: Fitted
    """The mean law, fitted to all runs."""
    scores: tuple[Score, ...]
    """Of laws, then of rules, each with all targets."""
    learning: tuple[Learning, ...]
    """Of the mean law."""


def compare(experiment: Experiment, evidence: Evidence, statics: Mapping[str, Floats]) -> Comparison:
    """By cross-validation. Raises RunError where a law needs a library that is not there."""
    from trainer.mixture.predictors.choosing import predictor_of

    runs = (evidence.weights_NPK, evidence.values_NM)
    mixtures = mixtures_of(*runs)
    folds = folds_of(len(mixtures.weights_NPK), experiment.fit.folds, experiment.seed)
    members = {name: predictor_of(name, experiment.fit) for name in experiment.fit.predictors if name != "mean"}
    laws: dict[str, CrossValidation] = {
        name: cross_validate(law, *runs, mixtures, folds) for name, law in members.items()
    }
    laws["mean"] = mean_of(laws)
    mean = predictor_of("mean", experiment.fit)
    names, scored = _scored(experiment, evidence)
    observed_NM = scored(mixtures.values_NM)
    scores = [
        score(law, name, observed_NM[:, place], scored(one.values_NM)[:, place])
        for law, one in laws.items()
        for place, name in enumerate(names)
    ]
    for place, name in enumerate(names):
        scores.extend(_rule_scores(evidence, mixtures, statics, name, observed_NM[:, place]))
    fitted = mean.fit(*runs)
    draws = DRAWS if mean.smooth else 1
    curve = learning_curve(fitted, evidence.values_NM, mixtures, folds, names, scored, experiment.seed, draws)
    ends = [
        Learning(len(mixtures.weights_NPK), one.target, one.spearman or 0.0, 0.0)
        for one in scores
        if one.predictor == "mean"
    ]
    return Comparison(mixtures, laws, fitted, tuple(scores), (*curve, *ends))


def _scored(experiment: Experiment, evidence: Evidence) -> tuple[tuple[str, ...], Callable[[Floats], Floats]]:
    """Names of what is scored, and how it follows from values of targets."""
    if len(evidence.targets) == 1 or OBJECTIVE in evidence.targets:
        return evidence.targets, lambda values_NM: values_NM
    objective = objective_of(evidence, experiment.propose.objective)

    def with_objective(values_NM: Floats) -> Floats:
        return np.column_stack([values_NM, objective.of(values_NM)])

    return (*evidence.targets, OBJECTIVE), with_objective


def _rule_scores(
    evidence: Evidence, mixtures: Mixtures, statics: Mapping[str, Floats], name: str, observed_N: Floats
) -> Iterable[Score]:
    """Nearness to static mixtures, and of all components the one whose share ranks best.

    That one is chosen by what it is scored on, which flatters it: no law must lose to a rule that a reader could find.
    """
    weights_NPK = mixtures.weights_NPK
    rules = [near_to(static, weights_NPK, mixture_PK) for static, mixture_PK in statics.items()]
    found = [_scored_rule(rule, name, observed_N) for rule in rules]
    of_one = [
        _scored_rule(rule, name, observed_N) for rule in more_of_one(weights_NPK, evidence.phases, evidence.components)
    ]
    return [max(of_one, key=lambda one: one.spearman or -1.0), *found]


def _scored_rule(rule: Rule, name: str, observed_N: Floats) -> Score:
    return score(rule.name, name, observed_N, rule.values_N, is_trivial=True)
