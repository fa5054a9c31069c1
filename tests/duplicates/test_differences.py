"""Where two texts differ is found word by word, and what is shown stays short."""

import time

from hypothesis import given
from hypothesis import strategies as st

from datapipe.duplicates.differences import CONTEXT, LONGEST, MAX_WORDS, Piece, differences, shortened

WORDS = st.lists(
    st.sampled_from(["a ", "b ", "of\n", "好", "，", "\N{DEVANAGARI LETTER KA}\u093e ", "x1", "."]), max_size=30
)
TEXTS = WORDS.map("".join)


def kinds(pieces: list[Piece]) -> list[tuple[str, str, str]]:
    return [(one.kind, one.left, one.right) for one in pieces]


def test_words_that_differ_stand_between_those_that_do_not() -> None:
    assert kinds(differences("The old mill grinds.", "The new mill grinds slowly.")) == [
        ("equal", "The ", "The "),
        ("changed", "old ", "new "),
        ("equal", "mill grinds", "mill grinds "),
        ("changed", "", "slowly"),
        ("equal", ".", "."),
    ]


def test_white_space_is_no_difference() -> None:
    assert kinds(differences(" one\ntwo", "one two")) == [("equal", " one\ntwo", "one two")]


def test_letters_of_scripts_without_spaces_are_words_of_their_own() -> None:
    assert kinds(differences("我们今天去", "我们明天去")) == [
        ("equal", "我们", "我们"),
        ("changed", "今", "明"),
        ("equal", "天去", "天去"),
    ]


def test_equal_texts_are_one_piece_and_empty_ones_none() -> None:
    assert kinds(differences("same same", "same same")) == [("equal", "same same", "same same")]
    assert differences("", "") == []
    assert kinds(differences("", "all new")) == [("changed", "", "all new")]


@given(TEXTS, TEXTS)
def test_the_pieces_are_the_texts(left: str, right: str) -> None:
    pieces = differences(left, right)
    assert "".join(one.left for one in pieces) == left
    assert "".join(one.right for one in pieces) == right
    for one in pieces:
        assert ("".join(one.left.split()) == "".join(one.right.split())) == (one.kind == "equal")


def test_of_long_texts_the_beginning_of_what_differs_is_compared() -> None:
    start = time.monotonic()
    left, right = ("equal " * 3 + "left " * 3 * MAX_WORDS, "equal " * 3 + "right " * MAX_WORDS)
    pieces = differences(left, right)
    assert [one.kind for one in pieces] == ["equal", "changed", "beyond"]
    assert (pieces[1].left, pieces[1].right) == ("left " * MAX_WORDS, "right " * MAX_WORDS)
    assert (pieces[2].left, pieces[2].right) == ("left " * 2 * MAX_WORDS, "")
    assert time.monotonic() - start < 10


def test_what_only_one_text_has_where_comparing_ends_is_no_difference() -> None:
    page = [f"w{number} " for number in range(2 * MAX_WORDS)]
    left, right = "".join(["x ", *page, "y"]), "".join(["one more ", *page, "z"])
    pieces = differences(left, right)
    assert [one.kind for one in pieces] == ["changed", "equal", "beyond"]
    assert pieces[1].left == "".join(page[: MAX_WORDS - 2])
    assert pieces[2].left == "".join([*page[MAX_WORDS - 2 :], "y"])
    assert "".join(one.right for one in pieces) == right


def test_long_stretches_are_shown_by_their_edges() -> None:
    equal, changed = "e " * 500, "c " * 500
    first, middle, last = (Piece("equal", equal, equal),) * 3
    shown = shortened([first, Piece("changed", changed, "c"), middle, Piece("changed", "", changed), last])

    assert shown[0].left == f" … {equal[-CONTEXT:]}"
    assert shown[1] == Piece("changed", f"{changed[:LONGEST]} … ({1000 - LONGEST} characters more) … ", "c")
    assert shown[2].right == f"{equal[:CONTEXT]} … {equal[-CONTEXT:]}"
    assert shown[4].right == f"{equal[:CONTEXT]} … "
    assert shortened([Piece("equal", "short", "short")]) == [Piece("equal", "short", "short")]
