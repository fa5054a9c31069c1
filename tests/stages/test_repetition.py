"""Shares of repetition, derived by hand and by naive counting."""

import time
from collections import Counter
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings

from datapipe.stages.repetition import Repetition
from tests.plain_text import TEXTS, is_blank, lines_of, paragraphs_of, words_of


def measured(text: str, variant: Any = "dclm") -> dict[str, float]:
    """Columns of a text between two others."""
    batch = pa.record_batch({"text": pa.array(["one two one two", text, "one two one two"], pa.large_string())})
    rows: list[dict[str, float]] = Repetition(variant)(batch).drop_columns("text").to_pylist()
    assert rows[0] == rows[2]
    return rows[1]


def top(n: int, text: str, variant: str = "dclm") -> float:
    return measured(text, variant)[f"top_{n}gram_character_fraction"]


def duplicate(n: int, text: str, variant: str = "dclm") -> float:
    return measured(text, variant)[f"duplicate_{n}gram_character_fraction"]


def lines(text: str, variant: str = "dclm") -> tuple[float, float]:
    columns = measured(text, variant)
    return columns["duplicate_line_fraction"], columns["duplicate_line_character_fraction"]


def test_every_copy_of_a_line_counts_as_in_dclm_or_later_ones_as_in_datatrove() -> None:
    text = "Stars shine on\nStars shine on\n\nmoons"  # 14, 14, 0 and 5 characters

    assert lines(text) == (2 / 3, 28 / 33)
    assert lines(text, "datatrove") == (1 / 3, 14 / 36)


@pytest.mark.parametrize(
    ("text", "dclm", "datatrove"),
    [
        ("Buy two, pay one!\n" * 4, (1.0, 1.0), (0.60, 51 / 72)),
        ("Rain, not sun\nRain, not sun\n\nhello", (2 / 3, 26 / 31), (1 / 3, 13 / 34)),
        ("seven\n\n\nseven\nseven", (1.0, 1.0), (2 / 3, 10 / 19)),
        ("p\nq\np\nr\nq\ns", (4 / 6, 4 / 6), (2 / 6, 2 / 11)),
        ("spoon\nteaspoon\nspoon\nladles", (2 / 4, 10 / 24), (1 / 4, 5 / 27)),
        ("\n\n", (0.0, 0.0), (1 / 2, 0.0)),
    ],
)
def test_lines_have_the_published_shares_of_each_tool(text: str, dclm: Any, datatrove: Any) -> None:
    assert lines(text) == dclm
    assert lines(text, "datatrove") == datatrove


def test_a_paragraph_keeps_its_inner_newline_in_the_count() -> None:
    text = "Rain, not sun\n\nRain, not sun\n \nRain, not sun\nagain"
    columns = measured(text)

    assert columns["duplicate_paragraph_fraction"] == 2 / 3
    assert columns["duplicate_paragraph_character_fraction"] == 26 / 45
    assert columns["copied_paragraph_fraction"] == 1 / 3
    assert columns["copied_paragraph_character_fraction"] == 13 / 45


def test_copied_lines_are_those_after_the_first_whatever_the_variant() -> None:
    for variant in ("dclm", "datatrove"):
        columns = measured("Rain, not sun\nRain, not sun\n \nhello\n\nRain, not sun", variant)

        assert columns["copied_line_fraction"] == 2 / 4
        assert columns["copied_line_character_fraction"] == 26 / 44


def test_an_ngram_that_occurs_once_is_never_the_most_frequent() -> None:
    columns = measured("nothing here comes twice")

    assert set(columns.values()) == {0.0}


def test_the_most_frequent_pair_is_weighed_by_its_letters() -> None:
    text = "happy birds chase happy birds often happy birds"

    assert (top(2, text), top(3, text), top(4, text)) == (30 / 40, 0, 0)


def test_a_longer_ngram_has_a_share_of_its_own() -> None:
    text = "green apple juice tastes green apple juice smells"  # 5 5 5 6 5 5 5 6

    assert (top(3, text), top(4, text)) == (30 / 42, 0)


@pytest.mark.parametrize(
    "text", ["a b a b a b xy zw xy zw xy zw " + "q" * 12, "xy zw xy zw xy zw a b a b a b " + "q" * 12]
)
def test_the_longest_of_equally_frequent_ngrams_is_taken(text: str) -> None:
    assert top(2, text) == 12 / 30


def test_datatrove_takes_the_first_of_equally_frequent_ngrams_with_its_spaces() -> None:
    assert top(2, "a b c a b dddd eeee f dddd eeee", "datatrove") == 2 * 3 / 31


def test_words_of_several_repeated_ngrams_count_once_in_dclm() -> None:
    phrase = "large birds often watch small foxes"  # six words of five letters
    text = f"{phrase} maybe {phrase}"

    assert duplicate(5, text) == 60 / 65
    assert duplicate(6, text) == 60 / 65
    assert duplicate(7, text) == 0


def test_datatrove_counts_later_copies_and_goes_on_behind_each() -> None:
    phrase = "large birds often watch small foxes"

    assert duplicate(5, f"{phrase} maybe {phrase}", "datatrove") == 25 / 77


def test_words_repeated_in_a_row_are_measured_by_each_tool_in_its_way() -> None:
    text = "tulip roses tulip roses tulip roses"  # six words of five letters, 35 characters

    assert (top(2, text), top(4, text), duplicate(5, text)) == (1.0, 1.0, 0.0)
    assert (top(2, text, "datatrove"), top(4, text, "datatrove")) == (33 / 35, 1.0)
    assert duplicate(5, text, "datatrove") == 0.0


def test_words_of_a_to_f() -> None:
    assert top(2, "a b c a b d") == 4 / 6
    assert top(3, "a b c x a b c y") == 6 / 8


def test_empty_and_blank_texts_repeat_nothing() -> None:
    for variant in ("dclm", "datatrove"):
        for text in ("", " ", "\t \u3000", "x", "x\n", "\0"):
            assert set(measured(text, variant).values()) == {0.0}


def share(part: int, whole: int) -> float:
    return min(part / max(whole, 1), 1.0)


def naive(text: str, variant: str) -> dict[str, float]:
    """All columns by counters over lists of strings."""
    columns = {}
    words = words_of(text)
    nonblank = [line for line in lines_of(text) if not is_blank(line)]
    for name, pieces in (("line", nonblank), ("paragraph", paragraphs_of(text))):
        counts, seen = Counter(pieces), set()
        later = [piece for piece in pieces if piece in seen or seen.add(piece)]  # type: ignore[func-returns-value]
        repeated = [piece for piece in pieces if counts[piece] > 1]
        characters = sum(map(len, pieces))
        columns[f"copied_{name}_fraction"] = share(len(later), len(pieces))
        columns[f"copied_{name}_character_fraction"] = share(sum(map(len, later)), characters)
        if variant == "dclm":
            columns[f"duplicate_{name}_fraction"] = share(len(repeated), len(pieces))
            columns[f"duplicate_{name}_character_fraction"] = share(sum(map(len, repeated)), characters)
    for n in range(2, 11):
        grams = [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]
        counted = Counter(grams)
        if n <= 4:
            columns[f"top_{n}gram_character_fraction"] = naive_top(counted, text, words, variant)
        else:
            columns[f"duplicate_{n}gram_character_fraction"] = naive_duplicate(counted, grams, text, words, variant)
    return columns


def naive_top(counted: Counter[tuple[str, ...]], text: str, words: list[str], variant: str) -> float:
    most = max(counted.values(), default=0)
    tied = [gram for gram in counted if counted[gram] == most]
    if most < 2:
        return 0.0
    if variant == "datatrove":
        return share(len(" ".join(tied[0])) * most, len(text))
    return share(max(len("".join(gram)) for gram in tied) * most, len("".join(words)))


def naive_duplicate(
    counted: Counter[tuple[str, ...]], grams: list[tuple[str, ...]], text: str, words: list[str], variant: str
) -> float:
    if variant == "dclm":
        inside = {i + k for i, gram in enumerate(grams) if counted[gram] > 1 for k in range(len(gram))}
        return share(sum(len(words[i]) for i in inside), len("".join(words)))
    seen: set[tuple[str, ...]] = set()
    i = characters = 0
    while i < len(grams):
        known = grams[i] in seen
        seen.add(grams[i])
        characters += len("".join(grams[i])) if known else 0
        i += len(grams[i]) if known else 1
    return share(characters, len(text))


@settings(deadline=None)  # the first call compiles
@given(TEXTS)
def test_the_kernel_agrees_with_naive_counting(text: str) -> None:
    for variant in ("dclm", "datatrove"):
        columns, expected = measured(text, variant), naive(text, variant)

        assert {name: columns[name] for name in expected} == expected
        assert all(0 <= value <= 1 for value in columns.values())


@pytest.mark.parametrize(
    "text", ["word " * 5_000_000, "a" * 10_000_000, "中" * 2_000_000, "\n" * 5_000_000, "ab\n\n" * 10**6]
)
def test_hostile_documents_take_time_in_proportion_to_their_size(text: str) -> None:
    started = time.perf_counter()
    for variant in ("dclm", "datatrove"):
        measured(text, variant)

    assert time.perf_counter() - started < 10
