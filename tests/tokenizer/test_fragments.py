"""The native cuts are the plain ones, on every kind of text."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.plain_text import TEXTS
from tests.tokenizer.plain_fragments import fragments
from tokenizer.kernels.fragments import WORDS, Place, cut_fragments
from tokenizer.recipe import Symbols
from tokenizer.symbols import cuts_of

CHARACTERS = st.one_of(
    st.sampled_from("  \u2581\n\t\r\0aZé\u0301α日のテー한ไ١२09９,.$<>|\xa0\u3000\u200d👩🏽\U000e0fff\U0010ffff"),
    st.characters(exclude_categories=("Cs",)),
)
TEXT = st.text(CHARACTERS, max_size=60)
SYMBOLS = st.builds(
    Symbols,
    st.lists(st.text(CHARACTERS, min_size=1, max_size=3), max_size=4).map(tuple),
    st.sampled_from(["every_script", "ascii", "none"]),
)


def native(text: str, symbols: Symbols, room: int = 100) -> list[str]:
    """The fragments of `text` by the kernel; it stands between others, as in a column."""
    data = np.frombuffer(f"x 1{text}y".encode(), np.uint8)
    offsets = np.array([0, 3, len(data) - 1, len(data)])
    found = np.empty((room, WORDS), np.int64)
    place, pieces = Place(1), []
    while place.document < 2:
        count, place = cut_fragments(offsets, data, place, cuts_of(symbols), found)
        pieces += [data[first:last].tobytes().decode() for first, last, document, _ in found[:count] if document == 1]
    return pieces


@given(TEXTS)
def test_texts_of_all_scripts_are_cut_as_in_plain_python(text: str) -> None:
    assert native(text, Symbols()) == fragments(text)


@given(TEXT, SYMBOLS)
def test_any_text_is_cut_as_in_plain_python(text: str, symbols: Symbols) -> None:
    assert native(text, symbols) == fragments(text, symbols)


@given(TEXT, SYMBOLS, st.integers(3, 8))
def test_cutting_goes_on_where_there_was_no_more_room(text: str, symbols: Symbols, room: int) -> None:
    assert native(text, symbols, room) == fragments(text, symbols)


@given(TEXT)
def test_nothing_is_lost(text: str) -> None:
    assert "".join(native(text, Symbols())) == text
