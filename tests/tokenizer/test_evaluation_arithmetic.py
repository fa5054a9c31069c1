"""The formulas of an evaluation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenizer.evaluation.arithmetic import gini, quotient, renyi_efficiency

COUNTS = st.lists(st.integers(0, 10**9), min_size=2, max_size=50)


@pytest.mark.parametrize(
    ("values", "expected"),
    [([], None), ([0, 0], None), ([7], 0), ([3, 3, 3], 0), ([0, 0, 0, 1], 3 / 4), ([1, 3], 1 / 4)],
)
def test_gini(values: list[float], expected: float | None) -> None:
    assert gini(values) == (None if expected is None else pytest.approx(expected))


@given(st.lists(st.floats(0.1, 1e6), min_size=1, max_size=30))
def test_gini_is_the_mean_difference_of_all_pairs_over_twice_the_mean(values: list[float]) -> None:
    differences = sum(abs(a - b) for a in values for b in values)
    assert gini(values) == pytest.approx(differences / (2 * len(values) * sum(values)), abs=1e-9)


@given(COUNTS)
def test_renyi_efficiency_is_a_share_and_knows_no_order(counts: list[int]) -> None:
    found = renyi_efficiency(np.array(counts), len(counts))
    if sum(counts) == 0:
        assert found is None
    else:
        assert found == pytest.approx(renyi_efficiency(np.array(counts[::-1]), len(counts)), abs=1e-12)
        assert 0 <= found <= 1 + 1e-12


@pytest.mark.parametrize("size", [2, 7, 256_000])
def test_renyi_efficiency_is_1_where_all_pieces_are_as_frequent_and_0_for_one_alone(size: int) -> None:
    assert renyi_efficiency(np.full(size, 3), size) == pytest.approx(1)
    assert renyi_efficiency(np.array([5] + [0] * (size - 1)), size) == 0


def test_renyi_efficiency_of_order_2_is_the_chance_of_two_equal_tokens() -> None:
    assert renyi_efficiency(np.array([3, 1]), 2, order=2) == pytest.approx(-math.log(9 / 16 + 1 / 16) / math.log(2))


def test_a_quotient_by_nothing_is_none() -> None:
    assert (quotient(3, 0), quotient(0, 3), quotient(3, 2)) == (None, 0, 1.5)
