"""How predictions are scored: numbers derived by hand, and formulas from the textbook."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from trainer.mixture.scores import kendall, optimism, regret, rmse, score, spearman

OBSERVED = np.array([5.0, 1.0, 3.0, 2.0, 4.0])


def test_the_right_order_has_rank_correlation_one_whatever_the_units() -> None:
    assert spearman(OBSERVED, OBSERVED**3) == pytest.approx(1)
    assert kendall(OBSERVED, OBSERVED**3) == pytest.approx(1)
    assert spearman(OBSERVED, -OBSERVED) == pytest.approx(-1)


def test_rank_correlations_of_one_exchanged_pair() -> None:
    """1 2 3 4 5 against 2 1 3 4 5: 1 - 6 x 2 / (5 x 24) and (9 - 1) / 10."""
    one, other = np.arange(5.0), np.array([1.0, 0, 2, 3, 4])
    assert spearman(one, other) == pytest.approx(0.9)
    assert kendall(one, other) == pytest.approx(0.8)


def test_what_does_not_vary_has_no_rank_correlation() -> None:
    assert spearman(OBSERVED, np.ones(5)) is None
    assert kendall(np.ones(5), OBSERVED) is None
    assert spearman(OBSERVED[:1], OBSERVED[:1]) is None


def test_regret_is_what_the_pick_has_above_the_best() -> None:
    predicted = np.array([1.0, 2, 5, 4, 3])
    assert regret(OBSERVED, predicted, 1) == 4
    assert regret(OBSERVED, predicted, 2) == 0
    assert regret(OBSERVED, predicted, 99) == 0


def test_a_rule_that_ranks_nothing_gains_nothing_from_the_order_of_runs() -> None:
    assert regret(np.array([1.0, 2, 3]), np.zeros(3), 1) == 2
    assert regret(np.array([3.0, 2, 1]), np.zeros(3), 1) == 2


def test_rmse_and_optimism_by_hand() -> None:
    assert rmse(np.array([1.0, 2]), np.array([4.0, 6])) == pytest.approx(np.sqrt(12.5))
    assert optimism(OBSERVED, np.array([9.0, 0.25, 9, 9, 9])) == 0.75
    assert optimism(OBSERVED, OBSERVED) == 0


def test_optimism_looks_at_the_fifth_that_is_predicted_best() -> None:
    observed = np.arange(10.0)
    predicted = observed.copy()
    predicted[[0, 1]] = -3, -2
    assert optimism(observed, predicted) == 3


def test_a_trivial_rule_has_no_error_in_the_units_of_the_target() -> None:
    rule = score("more c0", "t0", OBSERVED, OBSERVED, is_trivial=True)
    assert (rule.spearman, rule.rmse, rule.optimism, rule.regret_1) == (pytest.approx(1), None, None, 0)


@given(arrays(np.float64, 12, elements=st.integers(0, 6)), arrays(np.float64, 12, elements=st.integers(0, 6)))
def test_rank_correlations_are_those_of_the_textbook_with_ties(one, other) -> None:
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        assert spearman(one, other) is None
        return
    expected = np.corrcoef(_ranks(one), _ranks(other))[0, 1]
    assert spearman(one, other) == pytest.approx(expected, abs=1e-12)
    signs = [np.sign(np.subtract.outer(values, values)) for values in (one, other)]
    expected = (signs[0] * signs[1]).sum() / np.sqrt((signs[0] ** 2).sum() * (signs[1] ** 2).sum())
    assert kendall(one, other) == pytest.approx(expected, abs=1e-12)


def _ranks(values):
    """Mean place of equal values."""
    below = (values[:, None] > values).sum(axis=1)
    equal = (values[:, None] == values).sum(axis=1)
    return below + (equal + 1) / 2
