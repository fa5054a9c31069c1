"""Phrases are counted wherever they stand, ASCII letters without case, overlaps included."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapipe.kernels.phrase_counts import count_phrases, encode_counted_phrases

GROUPS = (("javascript",), ("use cookies", "cookie", "x"), ("aa", "a b"))


def counted(text: str, groups: tuple[tuple[str, ...], ...] = GROUPS) -> list[int]:
    tally = np.zeros(len(groups), np.int64)
    count_phrases(np.frombuffer(text.encode(), np.uint8), encode_counted_phrases(groups), tally)
    return tally.tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [0, 0, 0]),
        ("JavaScript, javascript", [2, 0, 0]),
        ("We reUSE COOKIES", [0, 2, 0]),
        ("xX aaa", [0, 2, 2]),
        ("javascrip", [0, 0, 0]),
        ("éa b", [0, 0, 1]),
    ],
)
def test_each_group_counts_its_phrases(text: str, expected: list[int]) -> None:
    assert counted(text) == expected


def test_letters_outside_ascii_match_in_three_spellings() -> None:
    assert counted("ÜBER über Über üBER", (("über",),)) == [4]
    assert counted("ЧТО что Что чТО", (("что",),)) == [3]


@settings(deadline=None)  # the first call compiles
@given(st.text(st.sampled_from("aAbxX cokieuse"), max_size=60))
def test_the_kernel_agrees_with_a_search_at_every_place(text: str) -> None:
    expected = [sum(len(re.findall(f"(?={re.escape(phrase)})", text.lower())) for phrase in group) for group in GROUPS]

    assert counted(text) == expected
