"""Stop words are found by language, in three spellings, and counted apart by document."""

import numpy as np
import pytest

from datapipe.kernels.hashing import take_in_bytes
from datapipe.kernels.stop_words import StopWords, count_distinct, encode_stop_words, meet_word, search_for
from datapipe.kernels.words import word_space

STOP_WORDS = encode_stop_words((("the", "with"), ("и", "не", "что"), ("的",)))
SPACE = word_space(np.array([0, 1000]))


def key_of(word: str) -> np.uint64:
    data = np.frombuffer(word.encode(), np.uint8)
    return np.uint64(take_in_bytes(data, 0, len(data)))


def is_stop_word(stop_words: StopWords, language: int, word: str) -> bool:
    return bool(meet_word(search_for(stop_words, SPACE), language, key_of(word), True, 0))


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


def test_a_word_that_does_not_count_is_not_met() -> None:
    assert meet_word(search_for(STOP_WORDS, SPACE), 0, key_of("the"), False, 5) == 5


def test_each_document_has_each_stop_word_once_whatever_its_spelling() -> None:
    search = search_for(STOP_WORDS, SPACE)
    distinct = []
    for row, text in enumerate(["the The with cat", "THE the", "cat"]):
        met = 0
        for word in text.split():
            met = meet_word(search, 0, key_of(word), True, met)
        distinct.append((met, count_distinct(search, 0, row, met)))

    assert distinct == [(3, 2), (2, 1), (0, 0)]
