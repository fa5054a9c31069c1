"""The shipped rule sets: complete, sourced, on columns that stages write, with limits on the right side."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import datapipe.stages  # noqa: F401 -- registers the stages
from datapipe.loading.rule_files import SHIPPED, rule_set
from datapipe.rules import RuleSet
from datapipe.stage import STAGES, written_by

NAMES = sorted(path.stem for path in SHIPPED.glob("*.yaml"))
BY_READERS = {"programming_language"}


def load(name: str) -> RuleSet:
    return rule_set(name, Path())


def writer_of(column: str) -> str | None:
    """The stage that writes a column; `select` has no columns of its own before it has rules."""
    return next((name for name, cls in STAGES.items() if column in written_by(cls).names), None)


@pytest.mark.parametrize("name", NAMES)
def test_each_set_says_what_it_is_and_each_rule_where_it_comes_from(name: str) -> None:
    rules = load(name)
    assert len(rules.about) > 100
    assert [rule.label for rule in rules.rules if not rule.source] == []


@pytest.mark.parametrize("name", NAMES)
def test_each_column_is_written_by_a_stage_that_the_set_says_it_needs(name: str) -> None:
    rules = load(name)
    for column in set(rules.columns()) - BY_READERS:
        writer = writer_of(column)
        assert writer is not None, f"no stage writes {column}"
        assert writer in rules.about, f"{name} does not say that it needs {writer}"


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.csv")), ids=lambda path: path.name)
def test_overrides_name_each_language_and_column_once(path: Path) -> None:
    rows = [line.split(",")[:2] for line in path.read_text().splitlines() if not line.startswith("#")]
    assert len(rows) == len({tuple(row) for row in rows})


def test_the_curator_sets_hold_its_28_and_25_filters() -> None:
    english, other = ({rule.column: rule for rule in load(f"nemo_curator_{kind}").rules} for kind in ("en", "non_en"))
    # One rule more than filters: lorem ipsum has a reason of its own.
    assert (len(english), len(other)) == (29, 26)
    assert english.keys() - other.keys() == {"non_alphanumeric_fraction", "alphabetic_word_fraction", "stop_word_count"}
    assert all(english[column] == rule for column, rule in other.items())


def reasons(name: str, column: str, value: Any, **others: str) -> list[str]:
    """Reasons that the rules on one column give for a document with this value."""
    rules = load(name)
    checks = [check for check in rules.checks() if check.rule.column == column]
    known = {"language": "xx", "programming_language": "Python"} | others
    batch = pa.record_batch({column: [value], **{key: [text] for key, text in known.items()}})
    return [check.reason.removeprefix(f"{name}.") for check in checks if check.fails(batch)[0]]


AT_THE_LIMIT = [
    ("gopher", "word_count", 50, 49, "word_count.min"),
    ("gopher", "word_count", 100_000, 100_001, "word_count.max"),
    ("gopher", "mean_word_length", 3.0, 2.9, "mean_word_length.min"),
    ("gopher", "mean_word_length", 10.0, 10.1, "mean_word_length.max"),
    ("gopher", "bullet_line_fraction", 0.9, 0.91, "bullet_line_fraction.max"),
    ("gopher", "distinct_stop_word_count", 2, 1, "distinct_stop_word_count.min"),
    ("gopher_repetition", "top_3gram_character_fraction", 0.18, 0.19, "top_3gram_character_fraction.max"),
    ("c4", "sentence_count", 3, 2, "sentence_count.min"),
    ("c4", "curly_brace_count", 0, 1, "curly_brace_count.max"),
    ("c4_datatrove", "sentence_count", 5, 4, "sentence_count.min"),
    # The paper drops the limits themselves, the code keeps them.
    ("fineweb", "punctuated_line_fraction", 0.121, 0.12, "punctuated_line_fraction.above"),
    ("fineweb", "copied_line_character_fraction", 0.099, 0.1, "copied_line_character_fraction.below"),
    ("fineweb", "short_line_fraction", 0.669, 0.67, "short_line_fraction.below"),
    ("fineweb_code", "punctuated_line_fraction", 0.12, 0.119, "punctuated_line_fraction.min"),
    ("fineweb_code", "copied_line_character_fraction", 0.01, 0.011, "copied_line_character_fraction.max"),
    ("nemo_curator_en", "copied_paragraph_fraction", 0.3, 0.31, "copied_paragraph_fraction.max"),
    ("nemo_curator_en", "punctuated_line_fraction", 0.15, 0.14, "punctuated_line_fraction.min"),
    ("code", "is_generated", False, True, "is_generated.none_of"),
    ("code", "code_longest_line_length", 1000, 1001, "code_longest_line_length.max"),
    ("code", "code_mean_line_length", 100.0, 100.1, "code_mean_line_length.max"),
    ("code", "code_letter_fraction", 0.25, 0.24, "code_letter_fraction.min"),
]


@pytest.mark.parametrize(("name", "column", "kept", "dropped", "reason"), AT_THE_LIMIT)
def test_values_on_either_side_of_a_limit(name: str, column: str, kept: Any, dropped: Any, reason: str) -> None:
    assert reasons(name, column, kept) == []
    assert reasons(name, column, dropped) == [reason]


def test_markup_may_have_long_lines_and_data_few_lines() -> None:
    assert reasons("code", "code_longest_line_length", 100_000, programming_language="HTML") == []
    assert reasons("code", "code_longest_line_length", 100_001, programming_language="HTML") == [
        "longest_markup_line_length.max"
    ]
    assert reasons("code", "code_mean_line_length", 5000.0, programming_language="Markdown") == []
    assert reasons("code", "code_line_count", 513, programming_language="YAML") == ["data_line_count.max"]
    assert reasons("code", "code_line_count", 513) == []


def test_assembly_needs_no_letters_but_letters_or_digits() -> None:
    assert reasons("code", "code_letter_fraction", 0.1, programming_language="WebAssembly") == []
    assert reasons("code", "code_alphanumeric_fraction", 0.1, programming_language="WebAssembly") == [
        "code_alphanumeric_fraction.min"
    ]


def test_languages_have_limits_of_their_own_and_others_the_general_ones() -> None:
    assert reasons("gopher_multilingual", "mean_trimmed_word_length", 14.9, language="de") == []
    assert reasons("gopher_multilingual", "mean_trimmed_word_length", 15.1, language="de") == [
        "mean_trimmed_word_length.max"
    ]
    assert reasons("gopher_multilingual", "mean_trimmed_word_length", 60.0, language="xx") == []
    assert reasons("gopher_multilingual", "copied_line_fraction", 0.31, language="xx") == ["copied_line_fraction.max"]
    assert reasons("gopher_multilingual", "copied_line_fraction", 0.31, language="ru") == []


@pytest.mark.parametrize("name", ["gopher_multilingual", "nemo_curator_non_en"])
@pytest.mark.parametrize("language", ["zh", "ja", "th", "lo", "km", "my", "bo"])
def test_where_letters_are_words_their_short_n_grams_may_repeat(name: str, language: str) -> None:
    assert reasons(name, "duplicate_5gram_character_fraction", 0.5, language=language) == []
    assert reasons(name, "duplicate_10gram_character_fraction", 0.5, language=language) != []
