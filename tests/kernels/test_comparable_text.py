"""The comparable form equals its definition in plain Python, for texts of any kind."""

import re
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapipe.kernels.case_data import FOLDED
from datapipe.kernels.comparable_text import actions, comparable
from datapipe.stage import text_buffers
from tests.plain_text import SPACES, TEXTS, category

CASE = {int(letter, 16): int(folded, 16) for letter, folded in (item.split(":") for item in FOLDED.split())}
LETTERS_OF_CASE = st.text(st.sampled_from([*map(chr, CASE), " ", "-", "٣"]), max_size=40)


def forms(texts: list[str], is_folded: bool) -> list[str]:
    offsets, data = comparable(*text_buffers(pa.array(texts, pa.large_string())), *actions(is_folded))
    return [bytes(data[start:end]).decode() for start, end in pairwise(offsets)]


def single_blanks(text: str) -> str:
    return re.sub(f"[{SPACES}\u2001-\u2009]+", " ", text).strip(" ")


def folded(text: str) -> str:
    kinds = [(character, category(character)) for character in text.translate(CASE)]
    return single_blanks("".join("0" if kind == "Nd" else c for c, kind in kinds if kind[0] != "P"))


@settings(deadline=None)  # compiles at first
@given(st.lists(TEXTS, max_size=4))
def test_white_space_becomes_single_blanks(texts: list[str]) -> None:
    assert forms(texts, is_folded=False) == [single_blanks(text) for text in texts]


@settings(deadline=None)  # compiles at first
@given(st.lists(TEXTS | LETTERS_OF_CASE, max_size=4))
def test_folding_takes_case_digits_and_punctuation_away_too(texts: list[str]) -> None:
    assert forms(texts, is_folded=True) == [folded(text) for text in texts]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Straße 12, 3. OG", "straße 99 5 og"),
        ("ΜΆΪΟΣ", "μάϊοσ"),
        ("ПРИВЕТ, мир!", "привет мир"),
        ("Ⱥ!", "ⱥ"),
        ("१२ दिन", "٣٤ दिन।"),
        ("don’t", "DONT"),
    ],
)
def test_what_differs_in_case_digits_and_punctuation_is_one(one: str, other: str) -> None:
    assert forms([one], is_folded=True) == forms([other], is_folded=True)
    assert forms([one], is_folded=False) != forms([other], is_folded=False)


def test_turkish_letters_stay_two() -> None:
    assert forms(["ıİi"], is_folded=True) == ["ıİi"]


def test_folded_letters_are_folded_no_further() -> None:
    assert not set(CASE) & set(CASE.values())


def test_a_text_that_grows_at_every_letter_fits() -> None:
    assert forms(["Ⱥ" * 1001, "x"], is_folded=True) == ["ⱥ" * 1001, "x"]
    assert np.array_equal(comparable(np.zeros(1, np.int64), np.zeros(0, np.uint8), *actions(True))[0], [0])
