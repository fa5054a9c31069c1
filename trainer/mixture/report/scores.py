"""How well laws and trivial rules foretell, side by side."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from trainer.mixture.comparison import OBJECTIVE
from trainer.mixture.fit_file import Fit, Score
from trainer.mixture.predictors.baselines import ONE


@dataclass(frozen=True)
class ScoreRow:
    """A law or a rule: on the objective where it has scores of it, else the mean over targets, errors in units of each
    target's spread over the swarm."""

    predictor: str
    is_trivial: bool
    spearman: float | None
    kendall: float | None
    rmse: float | None
    regret_1: float | None
    regret_5: float | None
    optimism: float | None
    by_target: tuple[float | None, ...]
    """Its rank correlation with each."""


@dataclass(frozen=True)
class Duel:
    """The law against the best trivial rule on a target, by rank correlation with runs not seen."""

    target: str
    law: float | None
    rule: str
    """"" where there is none."""
    rule_spearman: float | None

    @property
    def is_won(self) -> bool:
        """Whether the law is better; without a rule it is, without a law it is not."""
        return self.law is not None and (self.rule_spearman is None or self.law > self.rule_spearman)


def score_rows(fit: Fit) -> list[ScoreRow]:
    """Laws first, then rules, each kind best first; "more" of this or that component is one rule."""
    rows: dict[tuple[bool, str], dict[str, Score]] = {}
    for one in fit.scores:
        rows.setdefault((one.is_trivial, _rule(one)), {})[one.target] = one
    found = [_row(fit, is_trivial, name, by_target) for (is_trivial, name), by_target in rows.items()]
    return sorted(found, key=lambda row: (row.is_trivial, -(row.spearman if row.spearman is not None else -math.inf)))


def has_objective(fit: Fit) -> bool:
    """Whether the objective has scores of its own."""
    return any(one.target == OBJECTIVE for one in fit.scores)


def duel_on(fit: Fit, predictor: str, target: str) -> Duel:
    """That on one target."""
    scores = [one for one in fit.scores if one.target == target]
    law = next((one.spearman for one in scores if one.predictor == predictor and not one.is_trivial), None)
    rules = [(one.spearman, one.predictor) for one in scores if one.is_trivial and one.spearman is not None]
    best, name = max(rules, default=(None, ""))
    return Duel(target, law, name, best)


def duels(fit: Fit, predictor: str) -> list[Duel]:
    """One for every target."""
    return [duel_on(fit, predictor, one.target) for one in fit.targets]


def judged(fit: Fit, asked: str) -> str:
    """The law that a page speaks of: the one asked for, else the mean, else the first that has scores."""
    there = list(dict.fromkeys(one.predictor for one in fit.scores if not one.is_trivial))
    return next((name for name in (asked, "mean", *there) if name in there), asked)


def mean(values: Iterable[float | None]) -> float | None:
    """Of those that are there; None where none is."""
    there = [value for value in values if value is not None]
    return sum(there) / len(there) if there else None


def _rule(score: Score) -> str:
    return ONE if score.is_trivial and score.predictor.startswith("more ") else score.predictor


def _row(fit: Fit, is_trivial: bool, name: str, by_target: Mapping[str, Score]) -> ScoreRow:
    spreads = {one.target: one.spread for one in fit.targets} | {OBJECTIVE: 1.0}
    scores = [by_target[OBJECTIVE]] if OBJECTIVE in by_target else list(by_target.values())

    def over_spread(value: float | None, score: Score) -> float | None:
        spread = spreads.get(score.target, 0.0)
        return value / spread if value is not None and spread > 0 else None

    return ScoreRow(
        name,
        is_trivial,
        mean(one.spearman for one in scores),
        mean(one.kendall for one in scores),
        mean(over_spread(one.rmse, one) for one in scores),
        mean(over_spread(one.regret_1, one) for one in scores),
        mean(over_spread(one.regret_5, one) for one in scores),
        mean(over_spread(one.optimism, one) for one in scores),
        tuple(by_target[one.target].spearman if one.target in by_target else None for one in fit.targets),
    )
