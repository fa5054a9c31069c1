"""Shares of characters, paragraphs and lines, by hand and against plain Python."""

import re

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapipe.stages.character_shares import CharacterShares


def measure(text: str, stage: CharacterShares | None = None) -> dict[str, float]:
    batch = pa.record_batch({"text": pa.array(["http:", text, "//x"], pa.large_string())})
    row: dict[str, float] = (stage or CharacterShares())(batch).drop_columns(["text"]).to_pylist()[1]
    return row


def test_spaces_and_accents_are_not_alphanumeric_but_sentence_marks_and_newlines_are() -> None:
    # Of "Hi, é: 5!\n" the two spaces, the é and the colon.
    assert measure("Hi, é: 5!\n")["non_alphanumeric_fraction"] == 4 / 10


def test_white_space_of_every_kind_counts() -> None:
    assert measure("a b\tc\nd\u3000")["white_space_fraction"] == 4 / 8


def test_brackets_count_themselves_and_not_what_they_enclose() -> None:
    assert measure("(long text) [x] {y} ⟨z⟩ ")["bracket_fraction"] == 8 / 24
    assert measure("（甲）", CharacterShares(brackets="（）"))["bracket_fraction"] == 2 / 3


def test_a_url_counts_from_its_scheme_to_the_end_of_its_path() -> None:
    assert measure("see HTTPS://a.b/c?d=1#e now")["url_fraction"] == 19 / 27
    assert measure("http://ü.de")["url_fraction"] == 0.0
    assert measure("http:// ftp://a.b://")["url_fraction"] == 0.0


def test_paragraphs_with_notices_count_once_each() -> None:
    text = "We use Cookies.\nThis site uses cookies.\n\nProse.\n \nMore prose.\nAnd more.\n\nPrivacy Policy"
    assert measure(text)["boilerplate_paragraph_fraction"] == 2 / 4
    other = CharacterShares(boilerplate_phrases=("datenschutz",))
    assert measure("DATENSCHUTZ\n\nProsa", other)["boilerplate_paragraph_fraction"] == 1 / 2


def test_lines_that_tease_end_in_an_ellipsis_or_in_read_more() -> None:
    text = "One...\n\nTwo [...] \nThree…\nRead More\nA full sentence.\n"
    assert measure(text)["teaser_line_fraction"] == 4 / 5


@pytest.mark.parametrize("text", ["", " \n\t\n"])
def test_blank_texts_have_no_paragraphs_and_no_lines(text: str) -> None:
    row = measure(text)
    assert row["boilerplate_paragraph_fraction"] == row["teaser_line_fraction"] == row["url_fraction"] == 0.0


URL = re.compile(r"[hH][tT][tT][pP][sS]?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
PIECES = st.sampled_from(
    ["http", "HTTPS", "s", ":", "//", "://", "a.b", " ", "\n", "é", "(", "use cookies", "...", "5!"]
)


@given(st.text() | st.lists(PIECES, max_size=30).map("".join))
def test_equals_plain_python(text: str) -> None:
    row = measure(text)
    size = max(len(text), 1)
    assert row["non_alphanumeric_fraction"] == len(re.findall("[^a-zA-Z0-9\n?!,.]", text)) / size
    assert row["bracket_fraction"] == sum(character in "(){}[]⟨⟩" for character in text) / size
    assert row["url_fraction"] == sum(map(len, URL.findall(text))) / size
