"""Words and lines are found as they are defined, in every script."""

import numpy as np
import pytest
from hypothesis import given, settings

from datapipe.kernels.unicode_classes import UPPERCASE, classes_of
from datapipe.kernels.words import MAX_DOCUMENT_BYTES, find_words, line_space, longest, word_space
from tests.plain_text import TEXTS, lines_of, words_of


class Found:
    """What the kernel finds in a text."""

    def __init__(self, text: str) -> None:
        data = np.frombuffer(text.encode(), np.uint8)
        offsets = np.array([0, len(data)])
        words, lines = word_space(offsets), line_space(offsets)
        word_count, line_count, self.characters = find_words(data, words, lines)

        def cut(start: int, end: int) -> str:
            return bytes(data[start:end]).decode()

        self.words = [cut(words.start[k], words.end[k]) for k in range(word_count)]
        self.word_lengths = list(words.length[:word_count])
        self.word_classes = list(words.classes[:word_count])
        self.lines = [cut(lines.start[k], lines.start[k + 1] - 1) for k in range(line_count)]
        self.line_lengths = list(np.diff(lines.first_character[: line_count + 1]) - 1)
        self.words_in_lines = list(np.diff(lines.first_word[: line_count + 1]))


def test_words_are_separated_by_any_white_space() -> None:
    assert Found("one\u3000two-2,\xa0três\r\n  .. \t").words == ["one", "two-2,", "três", ".."]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("世界人权", ["世", "界", "人", "权"]),
        ("ไม่มี", ["ไ", "ม่", "มี"]),
        ("コーヒー", ["コ", "ー", "ヒ", "ー"]),
        ("第3条、abc。", ["第", "3", "条", "、abc。"]),
        ("가나 다", ["가나", "다"]),
        ("का कि", ["का", "कि"]),
    ],
)
def test_each_letter_of_a_script_without_spaces_is_a_word_with_its_marks(text: str, words: list[str]) -> None:
    assert Found(text).words == words


def test_a_final_newline_adds_no_line() -> None:
    assert Found("a\n\nb\n").lines == ["a", "", "b"]
    assert Found("a\n\nb").lines == ["a", "", "b"]
    assert Found("\n").lines == [""]
    assert Found("").lines == []


@settings(deadline=None)  # the first call compiles
@given(TEXTS)
def test_the_kernel_agrees_with_plain_python(text: str) -> None:
    found = Found(text)

    assert found.characters == len(text)
    assert found.words == words_of(text)
    assert found.word_lengths == [len(word) for word in found.words]
    for word, classes in zip(found.words, found.word_classes, strict=True):
        of_characters = [classes_of(ord(character)) for character in word]
        assert classes == np.bitwise_or.reduce(of_characters) & ~UPPERCASE
    assert found.lines == lines_of(text)
    assert found.line_lengths == [len(line) for line in found.lines]
    assert found.words_in_lines == [len(words_of(line)) for line in found.lines]


def test_invalid_bytes_stay_within_the_scratch_space() -> None:
    for data in (b"\xf0", b"\xe4\xe4\xe4", b"\x80" * 7, b"\xf8\x88 \xff", bytes(range(256))):
        array, offsets = np.frombuffer(data, np.uint8), np.array([0, len(data)])
        words, lines = word_space(offsets), line_space(offsets)
        word_count, line_count, characters = find_words(array, words, lines)
        assert word_count <= len(words.start)
        assert line_count < len(lines.start)
        assert characters <= len(data)


def test_a_document_beyond_32_bits_is_refused() -> None:
    assert longest(np.array([5, 10, MAX_DOCUMENT_BYTES + 10])) == MAX_DOCUMENT_BYTES
    with pytest.raises(ValueError, match="2147483647 bytes"):
        longest(np.array([0, MAX_DOCUMENT_BYTES + 1]))
