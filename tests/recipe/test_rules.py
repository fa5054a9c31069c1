"""Rules compare measured columns with limits; each way to fail has a name, and a null fails unless it may stay."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapipe.rules import Override, Rule, RuleSet, failing_matrix, first_and_all

NAN = float("nan")


def reasons(rule: Rule, overrides: tuple[Override, ...] = ()) -> list[str]:
    return [check.reason for check in RuleSet("set", (rule,), overrides).checks()]


def failures(batch: pa.RecordBatch, rule: Rule, *overrides: Override) -> list[list[str]]:
    """Per row the words for how it fails."""
    checks = list(RuleSet("set", (rule,), overrides).checks())
    matrix = failing_matrix(checks, batch)
    return [[check.kind for check, fails in zip(checks, row, strict=True) if fails] for row in matrix]


def of(values: list[Any], kind: pa.DataType | None = None, **others: Any) -> pa.RecordBatch:
    return pa.record_batch({"x": pa.array(values, kind), **{name: pa.array(v) for name, v in others.items()}})


@pytest.mark.parametrize(
    ("limits", "values", "expected"),
    [
        ({"min": 2}, [1, 2, 3], ["min", "", ""]),
        ({"above": 2}, [1, 2, 3], ["above", "above", ""]),
        ({"max": 2}, [1, 2, 3], ["", "", "max"]),
        ({"below": 2}, [1, 2, 3], ["", "below", "below"]),
        ({"min": 2, "max": 2}, [1, 2, 3], ["min", "", "max"]),
        ({"above": 1, "below": 3}, [1, 2, 3], ["above", "", "below"]),
        ({"min": 0}, [-1, 0], ["min", ""]),
        ({"max": 0}, [0, 1], ["", "max"]),
        ({"below": 0}, [-1, 0], ["", "below"]),
        ({"above": 0}, [0, 1], ["above", ""]),
        ({"min": 0.5}, [math.nextafter(0.5, 0), 0.5], ["min", ""]),
        ({"above": 0.5}, [0.5, math.nextafter(0.5, 1)], ["above", ""]),
        ({"max": 0.5}, [0.5, math.nextafter(0.5, 1)], ["", "max"]),
        ({"below": 0.5}, [math.nextafter(0.5, 0), 0.5], ["", "below"]),
        ({"min": -3}, [-math.inf, math.inf], ["min", ""]),
        ({"max": 3}, [-math.inf, math.inf], ["", "max"]),
        ({"above": -3}, [-math.inf, math.inf], ["above", ""]),
        ({"below": 3}, [-math.inf, math.inf], ["", "below"]),
        ({"one_of": ("a", "b")}, ["a", "b", "c", ""], ["", "", "one_of", "one_of"]),
        ({"none_of": ("a", "b")}, ["a", "b", "c", ""], ["none_of", "none_of", "", ""]),
        ({"one_of": (1,)}, [1, 2], ["", "one_of"]),
        ({"one_of": (1,)}, [1.0, 1.5], ["", "one_of"]),
        ({"none_of": (True,)}, [True, False], ["none_of", ""]),
        ({"one_of": (True, False)}, [True, False], ["", ""]),
        ({"one_of": ("no",)}, ["no", "en"], ["", "one_of"]),
        ({}, [1, 2], ["", ""]),
    ],
)
def test_a_value_fails_below_at_or_above_its_limit(limits: Mapping[str, Any], values: list[Any], expected: Any) -> None:
    assert [" ".join(row) for row in failures(of(values), Rule("x", **limits))] == expected


@pytest.mark.parametrize(
    ("limits", "kind"),
    [
        ({"min": 0}, pa.int64()),
        ({"above": 0}, pa.float64()),
        ({"max": 0}, pa.int32()),
        ({"below": 0}, pa.float64()),
        ({"one_of": ("a",)}, pa.string()),
        ({"none_of": ("a",)}, pa.string()),
        ({"one_of": (True,)}, pa.bool_()),
        ({}, pa.string()),
    ],
)
def test_a_null_fails_as_missing_and_as_nothing_else(limits: Mapping[str, Any], kind: pa.DataType) -> None:
    batch = of([None], kind)
    assert failures(batch, Rule("x", **limits)) == [["missing"]]
    assert failures(batch, Rule("x", missing="keep", **limits)) == [[]]


@pytest.mark.parametrize("limits", [{"min": 0}, {"above": 0}, {"max": 0}, {"below": 0}, {"one_of": (1,)}])
def test_nan_is_missing(limits: Mapping[str, Any]) -> None:
    assert failures(of([NAN]), Rule("x", **limits)) == [["missing"]]
    assert failures(of([NAN]), Rule("x", missing="keep", **limits)) == [[]]


def test_the_empty_string_is_a_value_and_not_missing() -> None:
    assert failures(of(["", None]), Rule("x", none_of=("a",))) == [[], ["missing"]]


def test_integers_beyond_the_floats_are_compared_too() -> None:
    assert failures(of([2**62 + 1, -(2**63), 2**53 + 1]), Rule("x", min=0)) == [[], ["min"], []]


def test_where_leaves_the_other_rows_alone() -> None:
    batch = of([1, 9, None], group=["a", "b", "b"])
    assert failures(batch, Rule("x", min=5, where={"group": "b"})) == [[], [], ["missing"]]
    assert failures(batch, Rule("x", min=5, where={"group": ["a", "b"]})) == [["min"], [], ["missing"]]
    assert failures(batch, Rule("x", min=5, where={"group": {"not": "b"}})) == [["min"], [], []]


def test_the_reasons_are_named_in_order() -> None:
    rule = Rule("word_count", min=1, max=9, none_of=(5,))
    assert reasons(rule) == [f"set.word_count.{kind}" for kind in ("missing", "min", "max", "none_of")]
    assert reasons(Rule("x", above=1, below=9, missing="keep")) == ["set.x.above", "set.x.below"]
    assert reasons(Rule("x", one_of=("a",), name="kind")) == ["set.kind.missing", "set.kind.one_of"]
    assert reasons(Rule("x")) == ["set.x.missing"]
    assert reasons(Rule("x", missing="keep")) == []


def test_a_set_gives_its_reasons_rule_by_rule_and_knows_its_columns() -> None:
    rules = RuleSet("s", (Rule("b", min=1, where={"kind": "x"}), Rule("a", max=1, missing="keep")))
    assert [check.reason for check in rules.checks()] == ["s.b.missing", "s.b.min", "s.a.max"]
    assert list(rules.columns()) == ["b", "kind", "a"]


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"min": 1, "above": 1}, "give min or above, not both"),
        ({"max": 1, "below": 1}, "give max or below, not both"),
        ({"one_of": ("a",), "none_of": ("b",)}, "give one_of or none_of, not both"),
        ({"min": 2, "max": 1}, "no value passes limits from 2 to 1"),
        ({"above": 1, "max": 1}, "no value passes limits from 1 to 1"),
        ({"min": 1, "below": 1}, "no value passes limits from 1 to 1"),
        ({"min": 1, "where": {"a": None}}, "where: a: expected one value or a list of values of one type, found null"),
    ],
)
def test_limits_that_contradict_each_other_are_refused(limits: Mapping[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        Rule("x", **limits)
    assert str(caught.value) == message


class TestOverrides:
    """Limits per language instead of the rule's own."""

    BATCH = of([1, 3, 5, 7, None] * 4, language=[name for name in ("en", "de", "th", None) for _ in range(5)])

    def fails(self, rule: Rule, *overrides: Override) -> list[list[str]]:
        """Per language the words for the values 1, 3, 5, 7, null."""
        words = [" ".join(row) for row in failures(self.BATCH, rule, *overrides)]
        return [words[start : start + 5] for start in range(0, 20, 5)]

    def test_a_row_replaces_both_limits_and_an_empty_cell_switches_one_off(self) -> None:
        own = ["min", "", "", "max", "missing"]
        found = self.fails(Rule("x", min=2, max=6), Override("de", "x", 4, None), Override("th", "x", None, None))
        assert found == [own, ["min", "min", "", "", "missing"], ["", "", "", "", "missing"], own]

    def test_a_strict_limit_stays_strict(self) -> None:
        found = self.fails(Rule("x", above=1, below=7), Override("de", "x", 3, 5), Override("th", "x", None, 3))
        assert found[0] == ["above", "", "", "below", "missing"]
        assert found[1] == ["above", "above", "below", "below", "missing"]
        assert found[2] == ["", "below", "below", "below", "missing"]

    def test_a_language_can_have_a_limit_where_the_rule_has_none(self) -> None:
        assert reasons(Rule("x", max=6), (Override("de", "x", 4, 6),)) == ["set.x.missing", "set.x.min", "set.x.max"]
        found = self.fails(Rule("x", max=6), Override("de", "x", 4, 6))
        assert found[0] == ["", "", "", "max", "missing"]
        assert found[1] == ["min", "min", "", "max", "missing"]

    def test_rows_for_other_columns_do_nothing(self) -> None:
        assert self.fails(Rule("x", min=2), Override("de", "y", 9, 9)) == self.fails(Rule("x", min=2))

    def test_where_and_missing_hold_for_them_too(self) -> None:
        rule = Rule("x", min=2, missing="keep", where={"language": {"not": "en"}})
        others = ["min", "", "", "", ""]
        found = self.fails(rule, Override("de", "x", 8, None))
        assert found == [["", "", "", "", ""], ["min", "min", "min", "min", ""], others, others]

    def test_the_limit_can_be_asked_for(self) -> None:
        rules = RuleSet("s", (Rule("x", min=2, max=6, one_of=(1, 3)),), (Override("de", "x", 4, None),))
        limits = {check.kind: [check.limit(name) for name in ("de", "en", None)] for check in rules.checks()}
        assert limits == {
            "missing": [None, None, None],
            "min": [4, 2, 2],
            "max": [None, 6, 6],
            "one_of": [(1, 3), (1, 3), (1, 3)],
        }

    def test_a_set_with_overrides_reads_the_language(self) -> None:
        assert list(RuleSet("s", (Rule("x", min=1),), (Override("de", "x", 4, None),)).columns()) == ["x", "language"]


def test_an_empty_batch_fails_nowhere() -> None:
    checks = list(RuleSet("s", (Rule("x", min=1), Rule("y", one_of=("a",)))).checks())
    batch = pa.record_batch({"x": pa.array([], pa.int64()), "y": pa.array([], pa.string())})
    matrix = failing_matrix(checks, batch)
    assert matrix.shape == (0, 4)
    first, failed = first_and_all(matrix, [check.reason for check in checks])
    assert (first.to_pylist(), failed.to_pylist()) == ([], [])


def test_without_checks_everything_stays() -> None:
    first, failed = first_and_all(failing_matrix([], of([1, 2])), [])
    assert (first.to_pylist(), failed.to_pylist()) == ([None, None], [[], []])
    assert (first.type, failed.type) == (pa.string(), pa.list_(pa.string()))


@given(st.integers(0, 5).flatmap(lambda width: st.lists(st.lists(st.booleans(), min_size=width, max_size=width))))
def test_first_and_all_equal_a_plain_search(rows: list[list[bool]]) -> None:
    width = len(rows[0]) if rows else 0
    names = [f"reason {number}" for number in range(width)]
    expected = [[name for name, fails in zip(names, row, strict=True) if fails] for row in rows]
    first, failed = first_and_all(np.array(rows, np.bool_).reshape(len(rows), width), names)
    assert failed.to_pylist() == expected
    assert first.to_pylist() == [row[0] if row else None for row in expected]
    first.validate(full=True)
    failed.validate(full=True)


NUMBERS = st.sampled_from([-1, 0, 1, 2, 3, 10]) | st.floats(-5, 5)
WORDS = st.sampled_from(["en", "de", "no", ""])


@st.composite
def numeric_rules(draw: st.DrawFn) -> Rule:
    """A rule with any limits that do not contradict each other."""
    low, high = sorted([draw(NUMBERS), draw(NUMBERS)])
    limits: dict[str, Any] = {}
    if draw(st.booleans()):
        limits[draw(st.sampled_from(["min", "above"]))] = low
    if draw(st.booleans()):
        limits[draw(st.sampled_from(["max", "below"]))] = high + 0.5
    where = draw(st.none() | st.just({"language": ["en", "no"]}) | st.just({"language": {"not": "en"}}))
    return Rule("x", missing=draw(st.sampled_from(["drop", "keep"])), where=where, **limits)


@st.composite
def word_rules(draw: st.DrawFn) -> Rule:
    """A rule on the language."""
    kind = draw(st.sampled_from(["one_of", "none_of"]))
    values: dict[str, Any] = {kind: tuple(draw(st.lists(WORDS, min_size=1, max_size=3)))}
    return Rule("language", missing=draw(st.sampled_from(["drop", "keep"])), **values)


@dataclass
class Plain:
    """How a rule is read without Arrow or numpy, one row at a time."""

    rule: Rule
    overrides: list[Override] = field(default_factory=list)

    def fails(self, kind: str, row: dict[str, Any]) -> bool:
        """Whether the row fails this comparison."""
        value, language = row[self.rule.column], row["language"]
        for column, wanted in (self.rule.where or {}).items():
            negated = isinstance(wanted, dict)
            listed = wanted["not"] if isinstance(wanted, dict) else wanted
            if (row[column] in (listed if isinstance(listed, list) else [listed])) == negated:
                return False
        if value is None or value != value:
            return kind == "missing"
        own = next((one for one in self.overrides if one.language == language and one.column == self.rule.column), None)
        match kind:
            case "min" | "above":
                limit = own.min if own else getattr(self.rule, kind)
                return limit is not None and (value < limit or (kind == "above" and value == limit))
            case "max" | "below":
                limit = own.max if own else getattr(self.rule, kind)
                return limit is not None and (value > limit or (kind == "below" and value == limit))
            case "one_of":
                return value not in (self.rule.one_of or ())
            case "none_of":
                return value in (self.rule.none_of or ())
        return False


@given(
    st.lists(st.tuples(st.none() | st.just(NAN) | NUMBERS, st.none() | WORDS), max_size=10),
    st.lists(numeric_rules() | word_rules(), max_size=4),
    st.lists(st.tuples(WORDS, st.none() | NUMBERS, st.none() | NUMBERS), unique_by=lambda row: row[0], max_size=3),
)
def test_the_matrix_equals_a_plain_reading_row_by_row(values: Any, rules: list[Rule], limits: Any) -> None:
    overrides = [Override(language, "x", low, high) for language, low, high in limits]
    checks = list(RuleSet("s", tuple(rules), tuple(overrides)).checks())
    rows = [{"x": None if x is None else float(x), "language": language} for x, language in values]
    schema = pa.schema([pa.field("x", pa.float64()), pa.field("language", pa.string())])
    expected = [[Plain(check.rule, overrides).fails(check.kind, row) for check in checks] for row in rows]
    assert failing_matrix(checks, pa.RecordBatch.from_pylist(rows, schema)).tolist() == expected
