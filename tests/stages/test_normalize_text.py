"""Text comes out composed, with plain line ends, and without what nobody sees."""

import re

import pyarrow as pa
import pytest
import unicodedata2
from hypothesis import given
from hypothesis import strategies as st

from datapipe.stages.normalize_text import NormalizeText

WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


def normalize(text: str, stage: NormalizeText | None = None) -> str:
    batch = pa.record_batch({"text": pa.array(["é", text, ""], pa.large_string())})
    before, result, after = (stage or NormalizeText())(batch)["text"].to_pylist()
    assert (before, after) == ("é", "")
    return str(result)


def test_letters_and_their_accents_are_composed() -> None:
    assert normalize("e\u0301te\u0301") == "été"
    assert normalize("\u1112\u1161\u11ab") == "한"
    assert normalize("q\u0307\u0323") == "q\u0323\u0307"


def test_compatibility_characters_stay() -> None:
    assert normalize("ﬁ ① Ａ ²") == "ﬁ ① Ａ ²"


@pytest.mark.parametrize("line_break", ["\r\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029"])
def test_every_line_break_becomes_a_newline(line_break: str) -> None:
    assert normalize(f"a{line_break}b") == "a\nb"


def test_a_return_and_a_newline_apart_are_two_breaks() -> None:
    assert normalize("a\r \nb") == "a\n\nb"


def test_control_characters_go_but_newline_and_tab_stay() -> None:
    assert normalize("a\0b\x07c\x1bd\x7fe\x9ff\tg\nh") == "abcdef\tg\nh"


def test_soft_hyphens_and_zero_width_debris_go() -> None:
    assert normalize("\ufeffhy\u00adphen zero\u200bwidth word\u2060joiner") == "hyphen zerowidth wordjoiner"


def test_an_accent_behind_debris_is_composed_with_its_letter() -> None:
    assert normalize("e\u200b\u0301") == "é"


@pytest.mark.parametrize("text", ["می‌خواهم", "क्‍ष", "👩‍👩‍👧", "❤️", "a\u200eא\u200fb"])
def test_joiners_and_marks_that_scripts_need_stay(text: str) -> None:
    assert normalize(text) == text


def test_what_goes_is_data() -> None:
    keeping = NormalizeText(remove=("x",))
    assert normalize("ax\u200bb", keeping) == "a\u200bb"


def test_white_space_goes_from_line_ends_and_not_from_beginnings() -> None:
    assert normalize("  a b \t\n\tc\u3000\n") == "  a b\n\tc\n"
    assert normalize("a  \nb  ", NormalizeText(strip_line_ends=False)) == "a  \nb  "


def test_blank_lines_are_limited_inside_and_none_at_the_ends() -> None:
    assert normalize("\n \na\n\n\n\n\nb\n\n\n") == "a\n\n\nb\n"
    assert normalize("a\n\n\nb", NormalizeText(max_blank_lines=1)) == "a\n\nb"
    assert normalize("a\n\nb", NormalizeText(max_blank_lines=0)) == "a\nb"
    assert normalize("a\n\n\n\n \nb", NormalizeText(max_blank_lines=None)) == "a\n\n\n\n\nb"


def test_a_text_of_white_space_becomes_empty() -> None:
    assert normalize(" \n\t\n\u3000") == ""


def test_options_that_cannot_be_meant_are_refused() -> None:
    with pytest.raises(ValueError, match="single characters"):
        NormalizeText(remove=("ab",))
    with pytest.raises(ValueError, match="0 or more"):
        NormalizeText(max_blank_lines=-1)


def reference(text: str, strip_line_ends: bool, max_blank_lines: int) -> str:
    """The same in plain Python."""
    text = re.sub("\r\n|[\v\f\r\x85\u2028\u2029]", "\n", text)
    text = re.sub("[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u200b\u2060\ufeff]", "", text)
    lines = [
        line.rstrip(WHITE_SPACE) if strip_line_ends or not line.strip(WHITE_SPACE) else line
        for line in text.split("\n")
    ]
    text = re.sub("^\n+|(?<=\n)\n+$", "", "\n".join(lines))
    text = re.sub(rf"\n{{{max_blank_lines + 2},}}", "\n" * (max_blank_lines + 1), text)
    return str(unicodedata2.normalize("NFC", text))


TRICKY = st.text(
    alphabet="a e\r\n\t\v\x85\u2028\0\u00ad\u200b\u200c\u0301\u0323\u0340\u2000\u3000é한\u1161\u11a8क\u093c😀"
)


@given(st.text() | TRICKY, st.booleans(), st.integers(0, 3))
def test_equals_plain_python(text: str, strip_line_ends: bool, max_blank_lines: int) -> None:
    stage = NormalizeText(strip_line_ends=strip_line_ends, max_blank_lines=max_blank_lines)
    assert normalize(text, stage) == reference(text, strip_line_ends, max_blank_lines)


@given(TRICKY)
def test_a_second_time_changes_nothing(text: str) -> None:
    once = normalize(text)
    assert normalize(once) == once
