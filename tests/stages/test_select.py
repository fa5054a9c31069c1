"""`select` names the first rule a document fails, lists all of them, and drops no row."""

import pyarrow as pa
import pytest

from datapipe.rules import Override, Rule, RuleSet
from datapipe.stages.select import Select

BATCH = pa.record_batch(
    {
        "word_count": pa.array([100, 3, None, 70, 3]),
        "language": pa.array(["en", "en", "en", "de", "xx"]),
        "bystander": pa.array(["a", "b", "c", "d", "e"]),
    }
)
LENGTH = RuleSet("length", (Rule("word_count", min=50),))
SPOKEN = RuleSet("spoken", (Rule("language", one_of=("en", "de")),))


def selected(*sets: RuleSet) -> list[tuple[str | None, list[str]]]:
    """Drop reason and all reasons, per row."""
    written = Select(sets)(BATCH)
    return list(zip(written["drop_reason"].to_pylist(), written["failed"].to_pylist(), strict=True))


def test_the_first_failing_rule_is_the_reason_and_all_are_listed() -> None:
    assert selected(LENGTH, SPOKEN) == [
        (None, []),
        ("length.word_count.min", ["length.word_count.min"]),
        ("length.word_count.missing", ["length.word_count.missing"]),
        (None, []),
        ("length.word_count.min", ["length.word_count.min", "spoken.language.one_of"]),
    ]


def test_the_order_of_the_sets_is_the_order_of_the_reasons() -> None:
    assert selected(SPOKEN, LENGTH)[4] == (
        "spoken.language.one_of",
        ["spoken.language.one_of", "length.word_count.min"],
    )


def test_limits_per_language_count() -> None:
    overrides = (Override("de", "word_count", 80, None), Override("xx", "word_count", None, None))
    reasons = [reason for reason, _ in selected(RuleSet("length", LENGTH.rules, overrides))]
    assert reasons == [None, "length.word_count.min", "length.word_count.missing", "length.word_count.min", None]


def test_without_rules_everything_stays() -> None:
    assert selected() == selected(RuleSet("empty", ())) == [(None, [])] * 5


def test_rows_and_other_columns_stay_as_they_are() -> None:
    written = Select((LENGTH,))(BATCH)
    assert written.schema.names == ["word_count", "language", "bystander", "drop_reason", "failed"]
    assert written.select(BATCH.schema.names).equals(BATCH)
    written.validate(full=True)


def test_an_empty_batch_gets_the_columns() -> None:
    written = Select((LENGTH, SPOKEN))(BATCH.slice(0, 0))
    assert (written.num_rows, written.schema.names[-2:]) == (0, ["drop_reason", "failed"])


def test_earlier_decisions_are_replaced() -> None:
    assert Select((SPOKEN,))(Select((LENGTH,))(BATCH))["drop_reason"].to_pylist() == [None] * 4 + [
        "spoken.language.one_of"
    ]


@pytest.mark.parametrize(
    ("sets", "reads"),
    [
        ((), ()),
        ((LENGTH, SPOKEN), ("word_count", "language")),
        ((LENGTH, LENGTH), ("word_count",)),
        ((RuleSet("a", (Rule("x", min=1, where={"kind": "b"}),)),), ("x", "kind")),
        ((RuleSet("a", (Rule("x", min=1),), (Override("de", "x", 1, None),)),), ("x", "language")),
    ],
)
def test_it_reads_the_columns_of_its_rules_once(sets: tuple[RuleSet, ...], reads: tuple[str, ...]) -> None:
    assert Select(sets).reads == reads
