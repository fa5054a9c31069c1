"""How well predictions rank and meet what was observed. Lower is better, for what is predicted and what is observed.

All of them take (N,) observed and (N,) predicted values of mixtures, one entry per mixture.
"""

import numpy as np

from trainer.mixture.arrays import Floats
from trainer.mixture.fit_file import Score

BEST_SHARE = 0.2
"""The lower tail that optimism looks at: a fifth, as Marin has it (marin issue #6602)."""
ROUNDING = 1e-12
"""Values that differ by less, of their size, are one value."""


def score(predictor: str, target: str, observed_N: Floats, predicted_N: Floats, is_trivial: bool = False) -> Score:
    """All of them. A trivial rule only ranks: its predictions have no unit, so it has no RMSE and no optimism."""
    return Score(
        predictor,
        target,
        is_trivial,
        spearman(observed_N, predicted_N),
        kendall(observed_N, predicted_N),
        None if is_trivial else rmse(observed_N, predicted_N),
        regret(observed_N, predicted_N, 1),
        regret(observed_N, predicted_N, 5),
        None if is_trivial else optimism(observed_N, predicted_N),
    )


def spearman(observed_N: Floats, predicted_N: Floats) -> float | None:
    """Rank correlation, ties at their mean rank; None where one of both does not vary."""
    if not _ranks(observed_N, predicted_N):
        return None
    from scipy import stats

    return float(stats.spearmanr(observed_N, predicted_N).statistic)


def kendall(observed_N: Floats, predicted_N: Floats) -> float | None:
    """Share of pairs in the same order less that of pairs in the other one (tau-b: ties count for neither)."""
    if not _ranks(observed_N, predicted_N):
        return None
    from scipy import stats

    return float(stats.kendalltau(observed_N, predicted_N).statistic)


def rmse(observed_N: Floats, predicted_N: Floats) -> float:
    """Root of the mean squared error."""
    return float(np.sqrt(np.mean((observed_N - predicted_N) ** 2)))


def regret(observed_N: Floats, predicted_N: Floats, picks: int) -> float:
    """What the best of the `picks` that are taken for the best has above the best of all, 0 or more.

    Of mixtures with one prediction the worst are picked first: a rule must not gain from what it does not tell.
    """
    order = np.lexsort((-observed_N, predicted_N))[:picks]
    return float(observed_N[order].min() - observed_N.min())


def optimism(observed_N: Floats, predicted_N: Floats) -> float:
    """Mean of what the best fifth by prediction comes to, less what was said of it: above 0 the prediction flatters."""
    count = max(1, round(BEST_SHARE * len(observed_N)))
    best = np.argsort(predicted_N, kind="stable")[:count]
    return float(np.mean(observed_N[best] - predicted_N[best]))


def _ranks(observed_N: Floats, predicted_N: Floats) -> bool:
    """Whether there is an order to compare."""
    both = (observed_N, predicted_N)
    return len(observed_N) > 1 and all(np.ptp(values_N) > ROUNDING * np.abs(values_N).max() for values_N in both)
