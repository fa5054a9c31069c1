"""Words are ordered as the values are, nulls last in either order."""

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapipe.dedup.order import order_words, ordered

INTEGERS = st.integers(-(2**63) + 2, 2**63 - 3)
VALUES = {
    pa.int64(): INTEGERS,
    pa.int32(): st.integers(-(2**31), 2**31 - 1),
    pa.float64(): st.floats(),
    pa.bool_(): st.booleans(),
    pa.string(): st.text(max_size=40),
}


def words(values: list[object], kind: pa.DataType, descending: bool) -> list[tuple[int, ...]]:
    found = ordered(pa.array(values, kind), descending)
    assert found.shape == (len(values), order_words(kind))
    return [tuple(row) for row in found.tolist()]


def key(value: object) -> object:
    """What counts of a value: of text the first 24 bytes, padded."""
    return value.encode()[:24].ljust(24, b"\0") if isinstance(value, str) else value


@pytest.mark.parametrize("kind", VALUES)
@pytest.mark.parametrize("descending", [False, True])
def test_words_compare_as_values_do(kind: pa.DataType, descending: bool) -> None:
    @given(st.lists(VALUES[kind] | st.none(), min_size=2, max_size=2))
    def check(pair: list[object]) -> None:
        one, other = words(pair, kind, descending)
        left, right = (None if value is None or value != value else key(value) for value in pair)
        if left is None or right is None:
            assert (one < other) == (left is not None and right is None)
        else:
            assert (one < other) == (left > right if descending else left < right)
            assert (one == other) == (left == right)

    check()


@pytest.mark.parametrize("descending", [False, True])
def test_the_ends_of_the_numbers_stand_before_null(descending: bool) -> None:
    integers = words([2**63 - 1, -(2**63), None], pa.int64(), descending)
    floats = words([math.inf, -math.inf, math.nan, None, 0.0, -0.0], pa.float64(), descending)
    assert max(integers[:2]) < integers[2]
    assert max(floats[:2]) < floats[2] == floats[3]
    assert floats[4] == floats[5]


@pytest.mark.parametrize("descending", [False, True])
def test_empty_text_is_not_null(descending: bool) -> None:
    empty, null = words(["", None], pa.string(), descending)
    assert empty < null


def test_columns_without_order_take_no_words() -> None:
    assert [order_words(kind) for kind in (pa.binary(16), pa.list_(pa.string()), pa.null())] == [0, 0, 0]


def test_a_slice_is_read_as_it_stands() -> None:
    whole = pa.array(["b", "a", None, "c"])
    assert np.array_equal(ordered(whole.slice(1, 2), False), ordered(pa.array(["a", None]), False))
