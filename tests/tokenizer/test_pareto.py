"""Fronts and knees that can be worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenizer.sweep.pareto import Point, front, knee

POINTS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=12)


def points(*values: tuple[float, float]) -> list[Point]:
    """Points (gain, cost), called a, b, ..."""
    return [Point(chr(97 + place), *value) for place, value in enumerate(values)]


def names(found: list[Point]) -> str:
    return "".join(one.name for one in found)


def test_a_point_that_another_beats_in_both_measures_is_not_on_the_front() -> None:
    assert names(front(points((4, 2), (3, 3), (5, 5)))) == "ac"


def test_a_point_as_good_in_one_measure_and_worse_in_the_other_is_not_on_the_front() -> None:
    assert names(front(points((4, 2), (4, 3), (3, 2)))) == "a"


def test_equal_points_are_all_on_the_front() -> None:
    assert names(front(points((4, 2), (4, 2)))) == "ab"


def test_the_front_goes_from_the_least_cost_to_the_most_gain() -> None:
    assert names(front(points((5, 9), (1, 1), (3, 4)))) == "bca"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([(4, 2)], "a"),
        ([(4, 2), (4, 2)], "a"),
        ([(1, 1), (2, 3)], "b"),  # two points have no knee: the most gain
        ([(0, 0), (8, 2), (10, 10)], "b"),  # 0.8 - 0.2 above the chord
        ([(0, 0), (5, 4), (9, 5), (10, 10)], "c"),  # 0.1 and 0.4
        ([(0, 0), (5, 5), (10, 10)], "c"),  # all on the chord: the most gain
        ([(0, 0), (2, 5), (10, 10)], "c"),  # below the chord
        ([(4.00, 8.0), (4.18, 8.4), (4.20, 12.0)], "b"),  # 0.9 - 0.1, in the measures' own units
    ],
)
def test_the_knee_is_the_point_furthest_above_the_line_between_the_ends(
    values: list[tuple[float, float]], expected: str
) -> None:
    assert knee(front(points(*values))).name == expected


@given(POINTS)
def test_every_point_is_beaten_by_or_is_on_the_front(values: list[tuple[int, int]]) -> None:
    found = points(*values)
    best = front(found)
    assert all(any(one.gain >= other.gain and one.cost <= other.cost for one in best) for other in found)
    assert knee(best) in best


@given(POINTS)
def test_the_knee_does_not_depend_on_order_or_units(values: list[tuple[int, int]]) -> None:
    found = front(points(*values))
    scaled = [Point(one.name, 8 * one.gain + 16, 4 * one.cost) for one in found]
    assert knee(front(found[::-1])) == knee(found)
    assert knee(scaled).name == knee(found).name
