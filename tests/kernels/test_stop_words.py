"""Stop words are found by language, in three spellings."""

import numpy as np
import pytest

from datapipe.kernels.hashing import hash_bytes
from datapipe.kernels.stop_words import NOT_FOUND, encode_stop_words, find_stop_word

STOP_WORDS = encode_stop_words((("the", "with"), ("и", "не", "что"), ("的",)))


def number(language: int, word: str) -> int:
    data = np.frombuffer(word.encode(), np.uint8)
    length = min(len(word), STOP_WORDS.first_bytes.shape[1] - 1)
    found = int(find_stop_word(STOP_WORDS, language, np.uint64(hash_bytes(data, 0, len(data)))))
    assert found == NOT_FOUND or STOP_WORDS.first_bytes[language, length, data[0]]
    return found


@pytest.mark.parametrize(
    ("language", "word", "expected"),
    [
        (0, "the", 0),
        (0, "With", 1),
        (0, "WITH", 1),
        (0, "wITH", NOT_FOUND),
        (0, "thee", NOT_FOUND),
        (1, "Что", 2),
        (1, "И", 0),
        (1, "the", NOT_FOUND),
        (0, "что", NOT_FOUND),
        (2, "的", 0),
    ],
)
def test_a_word_is_found_as_listed_capitalised_or_in_capitals(language: int, word: str, expected: int) -> None:
    assert number(language, word) == expected


def test_no_list_and_empty_lists_find_nothing() -> None:
    empty = encode_stop_words(((),))

    assert find_stop_word(empty, 0, np.uint64(0)) == NOT_FOUND
    assert not empty.first_bytes.any()
    assert encode_stop_words(()).keys.shape[0] == 0
