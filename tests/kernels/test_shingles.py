"""Shingles equal their definition in plain Python, for texts of any kind; their hashes are pinned."""

import unicodedata
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapipe.kernels.shingles import shingle_hashes, shingle_sets
from datapipe.kernels.shingling import Shingling
from datapipe.stage import text_buffers
from tests.plain_shingles import CASE, shingles_of
from tests.plain_text import TEXTS

WORDS_OF_ANY_LENGTH = st.lists(st.text("abcXYZ059$é中", max_size=30), max_size=20).map(" ".join)
LETTERS_OF_CASE = st.text(
    st.sampled_from([*map(chr, CASE), " ", "-", "٣", "ΐ", "が", "≠", "뿌", "\u0958"]), max_size=40
)
SHINGLINGS = st.builds(
    Shingling,
    st.sampled_from(["word", "char"]),
    st.integers(1, 7) | st.just(100),
    st.sampled_from(["folded", "white_space", "none"]),
    st.booleans(),
    st.just(500_000) | st.integers(1, 60),
)


def hashes_of(texts: list[str], shingling: Shingling = Shingling()) -> list[list[int]]:  # noqa: B008
    lists, hashes = shingle_hashes(*text_buffers(pa.array(texts, pa.large_string())), shingling)
    assert hashes.dtype == np.uint32
    return [hashes[start:end].tolist() for start, end in pairwise(lists)]


@settings(deadline=None, max_examples=300)  # compiles at first
@given(st.lists(TEXTS | WORDS_OF_ANY_LENGTH | LETTERS_OF_CASE, max_size=4), SHINGLINGS)
def test_equal_shingles_and_no_others_have_equal_hashes(texts: list[str], shingling: Shingling) -> None:
    found = [value for hashes in hashes_of(texts, shingling) for value in hashes]
    expected = [shingles_of(text, shingling) for text in texts]
    assert [len(hashes) for hashes in hashes_of(texts, shingling)] == [len(shingles) for shingles in expected]
    flat = [shingle for shingles in expected for shingle in shingles]
    assert len(set(zip(flat, found, strict=True))) == len(set(flat)) == len(set(found))


@settings(deadline=None)
@given(st.lists(TEXTS, max_size=4), SHINGLINGS)
def test_sets_rise_and_hold_each_shingle_once(texts: list[str], shingling: Shingling) -> None:
    lists, values = shingle_sets(*text_buffers(pa.array(texts, pa.large_string())), shingling)
    assert values.dtype == np.uint32
    sets = [values[start:end].tolist() for start, end in pairwise(lists)]
    assert sets == [sorted(set(hashes)) for hashes in hashes_of(texts, shingling)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Straße 12, 3. OG", "straße 99 5 og"),
        ("ΜΆΪΟΣ ΚΑΛΟΣ", "μάϊοσ καλοσ"),
        ("ПРИВЕТ, мир! Как дела?", "привет мир как дела"),
        ("१२ दिन।", "٣٤ दिन"),
        ("don’t-stop", "DON T STOP"),
        ("273 \u212a", "999 k"),
        ("人人生而自由，在尊嚴", "人人生而自由 在尊嚴"),
        ("a\u3000b\u00a0\u2009c", "a b c"),
    ],
)
def test_case_digits_punctuation_and_kinds_of_white_space_do_not_count_when_folded(one: str, other: str) -> None:
    first, second = hashes_of([one, other], Shingling(ngram=2))
    assert first == second
    first, second = hashes_of([one, other], Shingling(ngram=2, normalize="none", unit="char"))
    assert first != second


def test_marks_count_unless_they_are_stripped() -> None:
    one, other = "कि की कु कू के", "का का का का का"
    first, second = hashes_of([one, other], Shingling(ngram=1))
    assert len(set(first)) == 5 and len(set(second)) == 1
    first, second = hashes_of([one, other], Shingling(ngram=1, strip_marks=True))
    assert first == second


@pytest.mark.parametrize("one", ["Café déjà-vu Ώ ёж Việt", "が ब़ ≠", "İzmir"])
def test_marks_are_stripped_whether_or_not_they_are_part_of_a_letter(one: str) -> None:
    forms = [unicodedata.normalize(form, one) for form in ("NFC", "NFD")]
    bare = "".join(letter for letter in forms[1] if unicodedata.category(letter)[0] != "M")
    first, second, third = hashes_of([*forms, bare], Shingling(ngram=1, strip_marks=True))
    assert first == second == third
    assert len(set(map(tuple, hashes_of([*forms, bare], Shingling(ngram=1))))) == 3


def test_each_letter_of_a_script_without_spaces_is_a_word_with_its_marks() -> None:
    assert [len(one) for one in hashes_of(["中国の人", "กำลังดี", "한국어 말"], Shingling(ngram=1))] == [4, 5, 2]


def test_a_short_text_is_one_shingle_and_one_without_words_has_none() -> None:
    texts = ["", " \n", "...", "one", "one two", "one two three four five", "one two three four five six"]
    assert [len(one) for one in hashes_of(texts)] == [0, 0, 0, 1, 1, 1, 2]
    assert len({one for hashes in hashes_of(texts) for one in hashes}) == 4


def test_only_the_first_characters_count() -> None:
    long = "один два три четыре пять шесть семь восемь"
    cut = long[: len("один два три четыре пять")]
    assert hashes_of([long], Shingling(max_chars=len(cut))) == hashes_of([cut])
    assert hashes_of([long], Shingling(max_chars=len(long))) == hashes_of([long]) != hashes_of([cut])


@pytest.mark.parametrize("unit", ["word", "char"])
def test_nul_and_short_texts_of_it_are_told_apart(unit: str) -> None:
    shingling = Shingling(unit=unit, normalize="none")  # type: ignore[arg-type]
    hashes = hashes_of(["\0", "\0\0", "a", "\0a"], shingling)
    assert len({one for [one] in hashes}) == 4


def test_a_batch_that_is_a_slice_of_a_larger_one_has_the_same_shingles() -> None:
    texts = pa.array(["left out", "one two three four five six", "", "seven"], pa.large_string())
    whole, cut = (
        shingle_hashes(*text_buffers(texts), Shingling()),
        shingle_hashes(*text_buffers(texts[1:]), Shingling()),
    )
    assert cut[0].tolist() == [0, 2, 2, 3]
    assert cut[1].tolist() == whole[1][1:].tolist()


def test_every_letter_that_unicode_has_is_a_unit_of_its_own_up_to_case() -> None:
    letters = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) in ("Ll", "Lo", "Lm")]
    [hashes] = hashes_of([" ".join(letters)], Shingling(ngram=1, normalize="white_space"))
    assert len(hashes) == len(letters)
    assert len(letters) - len(set(hashes)) <= 8  # of 130,000 numbers of 32 bits, 2 pairs are equal by chance


def test_hashes_are_part_of_the_format() -> None:
    texts = [
        "The quick brown fox jumps over the lazy dog, 7 times.",
        "Человек рождён свободным и равным",
        "世界人权宣言",
    ]
    assert hashes_of(texts) == [
        [4176505223, 626210473, 3186605325, 1629883333, 569283315, 3153716094, 191389541],
        [3656150974],
        [2475754128, 3065453277],
    ]
    assert hashes_of(texts[2:], Shingling(unit="char", ngram=24, normalize="white_space")) == [[1187964217]]
