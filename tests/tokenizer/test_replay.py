"""The replay makes SentencePiece's own pieces of real text, and counts each merge as told."""

import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tokenizer.plain_fragments import scripts
from tests.tokenizer.tables import RULES, columns, library_model, normal_pieces, real_table
from tokenizer.model_file import read_model
from tokenizer.replaying.merging import library_scripts
from tokenizer.replaying.replay import Replay, learn, replay
from tokenizer.training.trainer_rules import Rules

PLAIN = Rules(fixed=("<s>",))


def learned(table: dict[str, int], merges: int, rules: Rules = PLAIN, coverage: float = 1.0) -> Replay:
    return learn(*columns(table), merges, rules, coverage)


def test_its_scripts_are_those_that_the_library_was_seen_to_have() -> None:
    # `script_data` was found by asking the library for pieces, this table read in its sources: one script each.
    names: dict[str, set[int]] = {}
    for one, script in scripts().items():
        names.setdefault(script, set()).add(int(library_scripts()[ord(one)]))
    assert all(len(numbers) == 1 for numbers in names.values()), names
    assert len(set().union(*names.values())) == len(names)


@pytest.mark.parametrize(
    ("name", "vocab_size", "length"),
    [
        ("english", 4096, 16),
        ("english", 4096, 5),
        ("code", 4096, 32),
        ("han", 3072, 16),
        ("indic", 4096, 16),
        ("arabic", 3072, 16),
        ("mix", 8192, 16),
    ],
)
def test_it_learns_what_sentencepiece_learns(name: str, vocab_size: int, length: int) -> None:
    table = real_table(name)
    expected = normal_pieces(library_model(table, vocab_size, max_sentencepiece_length=length))
    rules = Rules(RULES.fixed, length)
    merges = sum(len(piece) > 1 for piece in expected)
    found = learn(*columns(table), merges, rules, 0.9995)
    assert merges > 500
    assert [*found.pieces, *found.characters] == expected
    assert found.is_next.all()
    assert (np.diff(found.counts) <= 0).all()


def test_led_by_the_model_it_counts_the_same() -> None:
    table = real_table("mix")
    model = read_model(library_model(table, 4096), "model")
    led = replay(*columns(table), model, RULES)
    free = learn(*columns(table), len(led.pieces), RULES, 0.9995)
    assert led.is_next.all()
    assert led.pieces == free.pieces
    for one, other in [(led.counts, free.counts), (led.runner_up, free.runner_up), (led.parts, free.parts)]:
        np.testing.assert_array_equal(one, other)


def test_a_smaller_vocabulary_is_the_first_merges_of_a_larger_one() -> None:
    table = real_table("mix")
    large, small = (normal_pieces(library_model(table, size)) for size in (6144, 4096))
    merges = sum(len(piece) > 1 for piece in small)
    characters = [piece for piece in large if len(piece) == 1]
    assert small == large[:merges] + characters
    assert large == large[: len(large) - len(characters)] + characters


def test_it_tells_counts_and_runners_up() -> None:
    # ab stands 5 + 3 times, bc 3; then ab c 3, x y 2.
    found = learned({"ab": 5, "abc": 3, "xy": 2}, 10)
    assert found.pieces == ("ab", "abc", "xy")
    assert found.counts.tolist() == [8, 3, 2]
    assert found.runner_up.tolist() == [3, 2, 0]
    assert found.leads.tolist() == [5, 1, 2]


def test_places_that_overlap_count_each_but_merge_once() -> None:
    found = learned({"aaa": 4}, 10)
    assert found.pieces == ("aa", "aaa")
    assert found.counts.tolist() == [8, 4]
    assert found.merged.tolist() == [4, 4]


def test_of_equal_pairs_the_shorter_goes_first_then_the_smaller() -> None:
    assert learned({"zy": 2, "ba": 2, "abc": 2}, 10).pieces == ("ab", "ba", "zy", "abc")


def test_spaces_stay_in_front_or_alone() -> None:
    assert learned({"    x": 3, " y": 2}, 10).pieces == ("▁▁", "▁▁▁▁", "▁y")


def test_digits_and_scripts_stay_apart_and_marks_go_with_any() -> None:
    assert learned({"a1": 9, "aя": 9, "12": 9, "я\u0301": 2, "a\u0301": 1}, 10).pieces == ("я\u0301", "a\u0301")


def test_rare_characters_break_pairs() -> None:
    found = learned({"a" * 9 + "b": 1, "ab": 1}, 100, coverage=0.8)
    assert found.characters == "a"
    assert set("".join(found.pieces)) == {"a"}


def test_symbols_break_pairs() -> None:
    assert learned({"a<s>b": 5, "ab": 1}, 10).pieces == ("ab",)


def test_pieces_that_the_rows_do_not_hold_count_nothing() -> None:
    # SentencePiece fills up a vocabulary with pairs that stand nowhere any more, such as bc once abc is one piece.
    model = read_model(library_model({"abc": 5, "xy": 2}, 1088), "model")
    found = replay(*columns({"abc": 5, "xy": 2}), model, RULES)
    assert dict(zip(found.pieces, found.counts.tolist(), strict=True)) == {"ab": 5, "abc": 5, "xy": 2, "bc": 0}
    other = replay(*columns({"xy": 4}), model, RULES)
    assert dict(zip(other.pieces, other.counts.tolist(), strict=True)) == {"ab": 0, "abc": 0, "xy": 4, "bc": 0}
    assert other.is_next.tolist() == [piece == "xy" for piece in other.pieces]


def test_no_rows_make_no_pieces() -> None:
    assert learned({}, 5).pieces == ()
    assert learned({"a": 3}, 5).pieces == ()


def plain_learn(table: dict[str, int], merges: int) -> list[tuple[str, int]]:
    """BPE over letters in plain Python: pieces and counts."""
    rows = [(list(text), count) for text, count in table.items()]
    made: list[tuple[str, int]] = []
    while len(made) < merges:
        pairs: Counter[tuple[str, str]] = Counter()
        for row, count in rows:
            for pair in itertools.pairwise(row):
                pairs[pair] += count
        done = {text for text, _ in made}
        candidates = [
            (-count, len(left + right), left + right, left)
            for (left, right), count in pairs.items()
            if len(left + right) <= 16 and left + right not in done
        ]
        if not candidates:
            break
        best = min(candidates)
        if sum(one[:3] == best[:3] for one in candidates) > 1:
            break  # the library takes either
        left, right = best[3], best[2][len(best[3]) :]
        made.append((best[2], -best[0]))
        for row, _ in rows:
            place = 0
            while place < len(row) - 1:
                if (row[place], row[place + 1]) == (left, right):
                    row[place : place + 2] = [left + right]
                place += 1
    return made


@given(st.dictionaries(st.text("ab", min_size=1, max_size=24), st.integers(1, 9), max_size=12))
@settings(deadline=None, max_examples=300)
def test_it_makes_the_merges_of_plain_python(table: dict[str, int]) -> None:
    expected = plain_learn(table, 60)
    found = learned(table, len(expected))
    assert list(zip(found.pieces, found.counts.tolist(), strict=True)) == expected
