"""Conditions say which rows: a value, any of several, none of them; a null is no value."""

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapipe.where import Condition, matching, parse_where, where_data

BATCH = pa.record_batch(
    {
        "language": pa.array(["en", "de", None, "no"]),
        "count": pa.array([1, 2, 3, None]),
        "share": pa.array([0.5, 1.0, None, 0.25]),
        "spam": pa.array([True, False, None, True]),
        "text": pa.array(["a", "b", "c", ""], pa.large_string()),
    }
)


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        (None, [0, 1, 2, 3]),
        ({}, [0, 1, 2, 3]),
        ({"language": "en"}, [0]),
        ({"language": "no"}, [3]),
        ({"language": ["en", "de"]}, [0, 1]),
        ({"language": {"not": "en"}}, [1, 2, 3]),
        ({"language": {"not": ["en", "de", "no"]}}, [2]),
        ({"count": 2}, [1]),
        ({"count": {"not": [1, 2]}}, [2, 3]),
        ({"share": 1}, [1]),
        ({"share": [0.25, 0.5]}, [0, 3]),
        ({"spam": True}, [0, 3]),
        ({"spam": {"not": True}}, [1, 2]),
        ({"text": ""}, [3]),
        ({"language": ["en", "no"], "share": 0.25}, [3]),
        ({"language": "en", "spam": False}, []),
    ],
)
def test_rows_match_when_every_column_does(where: Any, rows: list[int]) -> None:
    mask = matching(parse_where(where), BATCH)
    assert mask.null_count == 0
    assert [row for row, matches in enumerate(mask.to_pylist()) if matches] == rows


def test_an_empty_batch_matches_nowhere() -> None:
    assert matching(parse_where({"language": "en"}), BATCH.slice(0, 0)).to_pylist() == []


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("language", "expected a mapping of columns to values, found 'language'"),
        (["language"], 'expected a mapping of columns to values, found ["language"]'),
        ({"language": None}, "language: expected one value or a list of values of one type, found null"),
        ({"language": []}, "language: expected one value or a list of values of one type, found []"),
        ({"language": [None]}, "language: expected one value or a list of values of one type, found [null]"),
        ({"language": ["en", 5]}, 'language: expected one value or a list of values of one type, found ["en", 5]'),
        ({"spam": [True, 1]}, "spam: expected one value or a list of values of one type, found [true, 1]"),
        ({"language": [["en"]]}, 'language: expected one value or a list of values of one type, found [["en"]]'),
        ({"language": {"nt": "en"}}, 'language: expected a value, a list or {not: ...}, found {"nt": "en"}'),
        ({"language": {}}, "language: expected a value, a list or {not: ...}, found {}"),
        ({"a": {"not": "b", "c": "d"}}, 'a: expected a value, a list or {not: ...}, found {"not": "b", "c": "d"}'),
        ({"a": {"not": {"not": "b"}}}, 'a: expected one value or a list of values of one type, found {"not": "b"}'),
    ],
)
def test_what_is_no_condition_is_refused(where: Any, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_where(where)
    assert str(caught.value) == message


def test_a_tuple_is_a_list() -> None:
    assert parse_where({"a": ("b", "c")}) == parse_where({"a": ["b", "c"]}) == (Condition("a", ("b", "c")),)


VALUES = st.sampled_from(["en", "de", "no", ""])


@given(
    st.lists(st.tuples(st.none() | VALUES, st.none() | VALUES), max_size=8),
    st.dictionaries(st.sampled_from("ab"), st.tuples(st.lists(VALUES, min_size=1), st.booleans())),
)
def test_masks_equal_a_plain_reading_of_the_rule(rows: list[tuple[str | None, str | None]], wanted: Any) -> None:
    where = tuple(Condition(column, tuple(values), negated) for column, (values, negated) in wanted.items())
    batch = pa.record_batch({name: pa.array([row["ab".index(name)] for row in rows], pa.string()) for name in "ab"})
    expected = [
        all((row["ab".index(column)] in values) != negated for column, (values, negated) in wanted.items())
        for row in rows
    ]
    assert matching(where, batch).to_pylist() == expected
    assert parse_where(where_data(where)) == where
