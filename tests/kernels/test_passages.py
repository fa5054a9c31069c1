"""Passages are found, hashed and removed as plain Python does it, for texts of any kind."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapipe.kernels.passage_hashes import NO_PASSAGE, hash_passages
from datapipe.kernels.passage_removal import remove_units
from datapipe.kernels.repeats import (
    FIRST,
    GOES,
    STAYS,
    count_hashes,
    index_of,
    merge_counts,
    outcomes,
    units_that_go,
)
from datapipe.kernels.text_units import LINE, PARAGRAPH, SENTENCE, find_units, unit_space
from datapipe.stage import text_buffers
from tests.plain_passages import passages_of, units_of, without_units
from tests.plain_text import TEXTS

UNITS = {"line": LINE, "paragraph": PARAGRAPH, "sentence": SENTENCE}
unit_names = st.sampled_from(list(UNITS))
SENTENCES = st.lists(st.sampled_from(list("aé中1 .!。\"')\n-।")), max_size=40).map("".join)


def found_units(text: str, unit: str) -> list[str]:
    offsets, data = text_buffers(pa.array([text], pa.large_string()))
    starts, ends = unit_space(offsets)
    count = find_units(data, 0, len(data), UNITS[unit], starts, ends)
    return [bytes(data[starts[k] : ends[k]]).decode() for k in range(count)]


def hashed(texts: Sequence[str], unit: str = "line", span: int = 1, least: int = 1) -> list[list[int]]:
    offsets, data = text_buffers(pa.array(texts, pa.large_string()))
    seeds = np.zeros(len(texts), np.uint64)
    lists, hashes = hash_passages(offsets, data, UNITS[unit], span, least, seeds, unit_space(offsets))
    return [hashes[start:end].tolist() for start, end in pairwise(lists)]


def without(text: str, unit: str, gone: list[int]) -> str:
    offsets, data = text_buffers(pa.array([text], pa.large_string()))
    lists, numbers = np.array([0, len(gone)], np.int32), np.array(gone, np.int32)
    _, written = remove_units(offsets, data, UNITS[unit], lists, numbers, unit_space(offsets))
    return bytes(written).decode()


@settings(deadline=None)  # the first call compiles
@given(TEXTS | SENTENCES, unit_names)
def test_units_are_those_of_plain_python(text: str, unit: str) -> None:
    assert found_units(text, unit) == [text[start:end] for start, end in units_of(text, unit)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("It is 3.14. Or “more?” Yes!", ["It is 3.14.", "Or “more?”", "Yes!"]),
        ("See example.org now", ["See example.org now"]),
        ("他说：“好。”我走了！？再见", ["他说：“好。”", "我走了！？", "再见"]),
        ("यह एक है। वह दो है।", ["यह एक है।", "वह दो है।"]),
        ("One.\n  two\n\n***\nthree. --", ["One.", "two", "***", "three. --"]),
        ("... and so on. . . end", ["... and so on.", ". . end"]),
    ],
)
def test_sentences_end_where_their_script_ends_them(text: str, sentences: list[str]) -> None:
    assert found_units(text, "sentence") == sentences


@settings(deadline=None)
@given(st.lists(TEXTS, max_size=3), unit_names, st.integers(1, 3), st.integers(0, 5))
def test_passages_are_equal_where_what_counts_is(texts: list[str], unit: str, span: int, least: int) -> None:
    expected = [passage for text in texts for passage in passages_of(text, unit, span, least)]
    found = [key for keys in hashed(texts, unit, span, least) for key in keys]

    assert [key == NO_PASSAGE for key in found] == [passage is None for passage in expected]
    assert len(set(zip(found, expected, strict=True))) == len(set(found)) == len(set(expected))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Copyright © 2019-2021, Müller GmbH.", "copyright ©   19992001 MÜLLER GMBH"),
        ("Цена: 100 р.", "цена 999 р"),
        ("a\u00adb\u200bc\x00 x", "abc\t\tx"),
        ("(१२)", "٣٤"),
    ],
)
def test_case_digits_punctuation_and_controls_do_not_count(one: str, other: str) -> None:
    assert hashed([one]) == hashed([other]) != [[NO_PASSAGE]]


def test_marks_count() -> None:
    assert len({keys[0] for keys in hashed(["กิน", "กน", "e\u0301", "e"])}) == 4


def test_hashes_are_pinned() -> None:
    """They stand in files that later runs read."""
    assert hashed(["Hello, World 7!", "中文字符测试", "a"]) == [
        [320088168894975918],
        [4200354045806708775],
        [16875635786278388528],
    ]


def test_texts_under_different_seeds_share_no_passage() -> None:
    offsets, data = text_buffers(pa.array(["same", "same"], pa.large_string()))
    _, hashes = hash_passages(offsets, data, LINE, 1, 1, np.array([1, 2], np.uint64), unit_space(offsets))

    assert hashes[0] != hashes[1]


@settings(deadline=None)
@given(TEXTS | SENTENCES, unit_names, st.sets(st.integers(0, 12)))
def test_units_are_removed_as_plain_python_does(text: str, unit: str, chosen: set[int]) -> None:
    gone = sorted(number for number in chosen if number < len(units_of(text, unit)))

    assert without(text, unit, gone) == without_units(text, unit, gone)


@pytest.mark.parametrize(
    ("gone", "left"),
    [
        ([], "\n A\nb\n\nc\n"),
        ([0], "b\n\nc\n"),
        ([1], "\n A\n\nc\n"),
        ([2], "\n A\nb"),
        ([0, 2], "b"),
        ([0, 1, 2], ""),
    ],
)
def test_paragraphs_stay_apart_when_a_line_between_them_goes(gone: list[int], left: str) -> None:
    assert without("\n A\nb\n\nc\n", "line", gone) == left


HASHES = st.lists(st.integers(0, 5).map(lambda k: k * (2**64 // 6)), max_size=12)


@settings(deadline=None)
@given(st.lists(HASHES, min_size=1, max_size=4), st.booleans())
def test_repeats_are_counted_merged_and_found_again(groups: list[list[int]], keeps_first: bool) -> None:
    arrays = [np.array(hashes, np.uint64) for hashes in groups]
    counted = [count_hashes(np.sort(hashes), group) for group, hashes in enumerate(arrays)]
    joined = np.concatenate(counted)
    merged = merge_counts(joined[np.argsort(joined[:, 0], kind="stable")], keeps_first)
    flat = [one for hashes in groups for one in hashes]
    first = [flat.index(one) == place for place, one in enumerate(flat)]
    expected = [
        STAYS if one == 0 or flat.count(one) < 2 else FIRST if keeps_first and is_first else GOES
        for one, is_first in zip(flat, first, strict=True)
    ]

    assert np.concatenate([_look_up(k, arrays[k], merged) for k in range(len(groups))]).tolist() == expected


def _look_up(group: int, hashes: npt.NDArray[np.uint64], merged: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint8]:
    own = merged[merged[:, 0] >> np.uint64(1) == group]
    repeated = np.ascontiguousarray(own[:, 1])
    is_first = (own[:, 0] & np.uint64(1)).astype(np.uint8)
    return outcomes(hashes, repeated, is_first, np.zeros(len(own), np.uint8), *index_of(repeated))


def test_what_is_kept_of_a_passage_stays_whole() -> None:
    """`a a a a` in spans of three: the second one is a copy of the first, of which it covers two units."""
    lists, units = units_that_go(np.array([0, 2], np.int32), np.array([FIRST, GOES], np.uint8), 3)

    assert (lists.tolist(), units.tolist()) == ([0, 1], [3])
