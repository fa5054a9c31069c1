"""Classes of code points come from the committed table, and text is decoded as Python decodes it."""

import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapipe.kernels import unicode_classes as classes
from datapipe.kernels.unicode_data import UNICODE_VERSION


def of(character: str) -> int:
    return int(classes.classes_of(ord(character)))


def test_the_table_says_its_unicode_version() -> None:
    assert UNICODE_VERSION == "18.0.0"
    assert len(classes.NUMBER_DIGITS) == 770


@pytest.mark.parametrize(
    ("character", "expected"),
    [
        ("a", classes.LETTER),
        ("Ж", classes.LETTER | classes.UPPERCASE),
        ("ǅ", classes.LETTER | classes.UPPERCASE),
        ("\u0301", classes.MARK),
        ("٣", classes.DIGIT | classes.NUMBER),
        ("½", classes.NUMBER),
        ("-", classes.PUNCTUATION),
        ("…", classes.PUNCTUATION | classes.COUNTED),
        ("。", classes.PUNCTUATION | classes.TERMINAL),
        ("।", classes.PUNCTUATION | classes.TERMINAL),
        ("»", classes.PUNCTUATION | classes.CLOSING),
        ("'", classes.PUNCTUATION | classes.CLOSING),
        ("€", classes.SYMBOL),
        ("\u3000", classes.WHITE_SPACE),
        ("\t", classes.WHITE_SPACE | classes.CONTROL),
        ("\x1f", classes.CONTROL),
        ("\u200d", classes.FORMAT),
        ("\U0010ffff", 0),
    ],
)
def test_a_code_point_has_its_classes(character: str, expected: int) -> None:
    assert of(character) == expected


@pytest.mark.parametrize("character", "中〇々ひカーｱไລខမང")
def test_letters_of_scripts_without_spaces_are_known(character: str) -> None:
    assert of(character) & classes.UNSPACED


@pytest.mark.parametrize("character", "a한ᄀא१ิ\u02bc。")
def test_other_letters_their_marks_and_punctuation_are_spaced(character: str) -> None:
    assert not of(character) & classes.UNSPACED


def test_letters_known_to_this_interpreter_are_letters_in_the_table() -> None:
    known = [code for code in range(0x110000) if unicodedata.category(chr(code)).startswith("L")]

    assert all(classes.classes_of(code) & classes.LETTER for code in known)


def decoded(data: bytes) -> list[int]:
    array, codes, i = np.frombuffer(data, np.uint8), [], 0
    while i < len(data):
        code, i = classes.decode(array, i, len(data))
        codes.append(code)
    assert i == len(data)
    return codes


@settings(deadline=None)  # the first call compiles
@given(st.text())
def test_text_decodes_as_in_python(text: str) -> None:
    assert decoded(text.encode()) == [ord(character) for character in text]


@settings(deadline=None)  # the first call compiles
@given(st.text(min_size=1))
def test_the_code_point_before_a_place_is_found(text: str) -> None:
    data = np.frombuffer(text.encode(), np.uint8)

    assert classes.decode_before(data, 0, len(data)) == (ord(text[-1]), len(text[:-1].encode()))


@settings(deadline=None)  # the first call compiles
@given(st.binary())
def test_invalid_bytes_end_at_the_end_and_have_classes(data: bytes) -> None:
    for code in decoded(data):
        classes.classes_of(code)
