"""Stop words are found by language, in three spellings."""

import numpy as np
import pytest

from datapipe.kernels.hashing import take_in_bytes
from datapipe.kernels.stop_words import StopWords, encode_stop_words, stop_word_slot

STOP_WORDS = encode_stop_words((("the", "with"), ("и", "не", "что"), ("的",)))


def number(stop_words: StopWords, language: int, word: str) -> int | None:
    data = np.frombuffer(word.encode(), np.uint8)
    key = np.uint64(take_in_bytes(data, 0, len(data)))
    slot = int(stop_word_slot(stop_words, language, key))
    return int(stop_words.numbers[language, slot]) if stop_words.keys[language, slot] == key else None


@pytest.mark.parametrize(
    ("language", "word", "expected"),
    [
        (0, "the", 0),
        (0, "With", 1),
        (0, "WITH", 1),
        (0, "wITH", None),
        (0, "thee", None),
        (1, "Что", 2),
        (1, "И", 0),
        (1, "the", None),
        (0, "что", None),
        (2, "的", 0),
        (3, "the", None),
    ],
)
def test_a_word_is_found_as_listed_capitalised_or_in_capitals(language: int, word: str, expected: int | None) -> None:
    assert number(STOP_WORDS, language, word) == expected


def test_every_word_of_a_long_list_has_a_slot_of_its_own() -> None:
    words = tuple(f"word{k}" for k in range(300))
    stop_words = encode_stop_words((words, ("other",)))

    assert [number(stop_words, 0, word) for word in words] == list(range(300))
    assert number(stop_words, 1, "word7") is None


def test_without_lists_there_is_the_empty_one() -> None:
    assert number(encode_stop_words(()), 0, "the") is None
