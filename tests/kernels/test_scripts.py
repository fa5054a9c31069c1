"""The dominant script, against a plain reference."""

from bisect import bisect_right
from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapipe.kernels import unicode_data, unicode_scripts
from datapipe.kernels.scripts import CODES, TABLE, dominant_scripts
from datapipe.stage import text_buffers

RUNS = [
    (int(place.partition("-")[0], 16), int(place.rpartition("-")[2], 16), code)
    for place, _, code in (item.partition(":") for item in unicode_scripts.SCRIPTS.split())
]
FIRSTS = [first for first, _, _ in RUNS]


def dominant(*texts: str, characters: int = 1000) -> list[str]:
    found = dominant_scripts(*text_buffers(pa.array(texts, pa.large_string())), characters, TABLE)
    return [CODES[place] for place in found]


def reference(text: str, characters: int) -> str:
    counts: Counter[str] = Counter()
    for character in text[:characters]:
        place = bisect_right(FIRSTS, ord(character)) - 1
        if place >= 0 and ord(character) <= RUNS[place][1]:
            counts[RUNS[place][2]] += 1
    kana = counts.pop("Hira", 0) + counts.pop("Kana", 0)
    if kana:
        counts["Jpan"] = kana + (counts.pop("Hani", 0) if kana * 10 > counts["Hani"] else 0)
    return min(counts, key=lambda code: (-counts[code], code)) if counts.total() else ""


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("", ""),
        ("123 !? \u0301 \u30fc \u02bc", ""),  # the last two are letters that scripts share
        ("abc де", "Latn"),
        ("ab где", "Cyrl"),
        ("ab вг", "Cyrl"),
        ("漢字かな", "Jpan"),
        ("漢字" * 10 + "の", "Hani"),
        ("漢字漢字漢字漢字漢の", "Jpan"),
        ("カタカナ", "Jpan"),
        ("한국어 漢字", "Hang"),
        ("ไทย", "Thai"),
        ("\U00010330\U00010331", "Goth"),
    ],
)
def test_the_script_of_most_letters(text: str, script: str) -> None:
    assert dominant(text) == [script]


def test_only_the_first_characters_count() -> None:
    assert dominant("где abcdef", "éé щщщ", characters=4) == ["Cyrl", "Latn"]


@given(
    st.lists(st.text(st.sampled_from("aé где漢字かカ한ไ1 \u0301\U00010330") | st.characters(codec="utf-8"))),
    st.integers(1, 9),
)
def test_it_agrees_with_the_reference(texts: list[str], characters: int) -> None:
    assert dominant(*texts, characters=characters) == [reference(text, characters) for text in texts]


def test_the_table_is_of_the_unicode_version_of_the_classes() -> None:
    assert unicode_scripts.UNICODE_VERSION == unicode_data.UNICODE_VERSION
    assert len(CODES) < 256
