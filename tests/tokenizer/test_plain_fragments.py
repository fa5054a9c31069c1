"""The plain cuts themselves, by hand."""

import pytest

from tests.tokenizer.plain_fragments import count_fragments, fragments
from tokenizer.recipe import Symbols

CUTS = [
    ("", []),
    ("one two", ["one", " two"]),
    ("  one   two  ", ["  one", "   two", "  "]),
    ("a\tb\n c", ["a", "\t", "b", "\n", " c"]),  # a run of spaces in front of a symbol is a fragment of its own
    ("a \nb", ["a", " ", "\n", "b"]),
    ("x=12", ["x", "=", "1", "2"]),
    (" 12a", [" ", "1", "2", "a"]),
    ("a\u3000b\xa0c", ["a", "\u3000", "b", "\xa0", "c"]),  # Common, and no space
    ("日本語のテーブルab", ["日本語のテーブル", "ab"]),
    ("don't", ["don", "'", "t"]),
    (" (a)", [" (", "a", ")"]),
    (" 日本 日a", [" 日本", " 日", "a"]),
    ("e\u0301α", ["e\u0301α"]),  # an Inherited mark between two scripts: both could merge with it
    ("a२b", ["a", "२", "b"]),  # a digit of another script is a symbol
    ("a\U000e0fffα", ["a\U000e0fffα"]),  # unassigned: the library may come to know it
    ("a \u2581b,\u2581c", ["a", " \u2581b", ",", "\u2581c"]),
]


@pytest.mark.parametrize(("text", "expected"), CUTS)
def test_text_is_cut_where_no_piece_can_cross(text: str, expected: list[str]) -> None:
    assert fragments(text) == expected


def test_the_longest_symbol_is_cut_out_first() -> None:
    assert fragments("a<<b<c<<<d", Symbols(user_defined=("<", "<<"))) == ["a", "<<", "b", "<", "c", "<<", "<", "d"]
    assert fragments("abab", Symbols(user_defined=("ab", "abc"))) == ["ab", "ab"]
    assert fragments("xaay", Symbols(user_defined=("aa", "ay"))) == ["x", "aa", "y"]


def test_digits_stay_together_where_they_are_not_split() -> None:
    symbols = Symbols(split_digits="none")
    assert fragments("x 12२३", symbols) == ["x", " 12", "२३"]
    assert fragments("x 12२३", Symbols(split_digits="ascii")) == ["x", " ", "1", "2", "२३"]


def test_fragments_are_counted_over_all_texts() -> None:
    assert count_fragments(["a b a", " a"]) == {"a": 1, " b": 1, " a": 2}
