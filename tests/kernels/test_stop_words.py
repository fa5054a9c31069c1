"""Stop words are found by language, in three spellings, and told apart by document."""

import numpy as np
import pytest

from datapipe.kernels.hashing import take_in_bytes
from datapipe.kernels.stop_words import StopWords, encode_stop_words, meet_word, search_for

STOP_WORDS = encode_stop_words((("the", "with"), ("и", "не", "что"), ("的",)))


def key_of(word: str) -> np.uint64:
    data = np.frombuffer(word.encode(), np.uint8)
    return np.uint64(take_in_bytes(data, 0, len(data)))


def is_stop_word(stop_words: StopWords, language: int, word: str) -> bool:
    found, _ = meet_word(search_for(stop_words), language, 0, key_of(word), True)
    return bool(found)


@pytest.mark.parametrize(
    ("language", "word", "expected"),
    [
        (0, "the", True),
        (0, "With", True),
        (0, "WITH", True),
        (0, "wITH", False),
        (0, "thee", False),
        (1, "Что", True),
        (1, "И", True),
        (1, "the", False),
        (0, "что", False),
        (2, "的", True),
        (3, "the", False),
    ],
)
def test_a_word_is_found_as_listed_capitalised_or_in_capitals(language: int, word: str, expected: bool) -> None:
    assert is_stop_word(STOP_WORDS, language, word) == expected


def test_every_word_of_a_long_list_is_found() -> None:
    words = tuple(f"word{k}" for k in range(300))
    stop_words = encode_stop_words((words, ("other",)))

    assert all(is_stop_word(stop_words, 0, word) for word in words)
    assert not is_stop_word(stop_words, 1, "word7")


def test_without_lists_there_is_the_empty_one() -> None:
    assert not is_stop_word(encode_stop_words(()), 0, "the")


def test_a_document_meets_each_stop_word_once_whatever_its_spelling() -> None:
    search = search_for(STOP_WORDS)
    met = [
        meet_word(search, 0, row, key_of(word), True)
        for row, word in [(0, "the"), (0, "The"), (0, "with"), (0, "cat"), (1, "THE"), (1, "the")]
    ]

    assert met == [(1, 1), (1, 0), (1, 1), (0, 0), (1, 1), (1, 0)]


def test_a_word_that_does_not_count_is_not_met() -> None:
    search = search_for(STOP_WORDS)

    assert meet_word(search, 0, 0, key_of("the"), False) == (0, 0)
    assert meet_word(search, 0, 0, key_of("the"), True) == (1, 1)
