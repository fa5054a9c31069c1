"""Lines and paragraphs are found as they are defined, and their copies counted."""

import numpy as np
from hypothesis import given, settings

from datapipe.kernels.copies import Copies, Pieces, count_copies, join_paragraphs, nonblank_lines, piece_space
from datapipe.kernels.key_counts import new_key_counts
from datapipe.kernels.words import find_words, line_space, word_space
from tests.plain_text import TEXTS, is_blank, lines_of, paragraphs_of


def found(text: str) -> tuple[Pieces, int, Pieces, int]:
    """Lines and their number, paragraphs and theirs."""
    data = np.frombuffer(text.encode(), np.uint8)
    offsets = np.array([0, len(data)])
    words, lines = word_space(offsets), line_space(offsets)
    _, line_count, _ = find_words(data, words, lines)
    of_lines, of_paragraphs = piece_space(lines), piece_space(lines)
    nonblank_lines(data, lines, line_count, of_paragraphs)
    nonblank = nonblank_lines(data, lines, line_count, of_lines)
    return of_lines, nonblank, of_paragraphs, join_paragraphs(lines, line_count, of_paragraphs)


def are_told_apart(pieces: Pieces, count: int, expected: list[str]) -> bool:
    """Whether lengths are right, and keys are equal where the pieces are."""
    keys = dict(zip(expected, pieces.key[:count].tolist(), strict=True))
    by_key = [keys[piece] for piece in expected]
    lengths = [len(piece) for piece in expected]
    return (
        lengths == pieces.length[:count].tolist()
        and by_key == pieces.key[:count].tolist()
        and len(set(by_key)) == len(set(expected))
    )


@settings(deadline=None)  # the first call compiles
@given(TEXTS)
def test_lines_and_paragraphs_are_those_of_plain_python(text: str) -> None:
    of_lines, nonblank, of_paragraphs, count = found(text)

    assert are_told_apart(of_lines, nonblank, [line for line in lines_of(text) if not is_blank(line)])
    assert are_told_apart(of_paragraphs, count, paragraphs_of(text))


def test_a_paragraph_of_one_line_is_not_one_of_two() -> None:
    _, _, paragraphs, count = found("\n one\ntwo \n \t\n\n one\n\n one\ntwo \n")

    assert count == 3
    assert paragraphs.length[:3].tolist() == [9, 4, 9]
    assert paragraphs.key[0] == paragraphs.key[2] != paragraphs.key[1]


def test_the_second_copy_brings_the_first_with_it() -> None:
    pieces = Pieces(np.array([5, 3, 5, 5], np.int32), np.array([7, 8, 7, 7], np.uint64))
    tally = np.zeros(len(Copies), np.int64)
    count_copies(pieces, 4, new_key_counts(4), tally)

    assert dict(zip(Copies, tally.tolist(), strict=True)) == {
        Copies.PIECES: 4,
        Copies.CHARACTERS: 18,
        Copies.COPIES: 2,
        Copies.COPY_CHARACTERS: 10,
        Copies.REPEATED: 3,
        Copies.REPEATED_CHARACTERS: 15,
    }
