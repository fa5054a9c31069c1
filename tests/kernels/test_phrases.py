"""Phrases are found wherever they stand, and nowhere else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapipe.kernels.phrases import contains_phrase, encode_phrases, ends_with_phrase, phrase_at


def bytes_of(text: str) -> np.ndarray:
    data = np.frombuffer(text.encode() + b"\0", np.uint8)
    return data[: len(text.encode())]


def found(text: str, *phrases: str) -> bool:
    data = bytes_of(text)
    return bool(contains_phrase(data, 0, len(data), encode_phrases(phrases)))


def test_ascii_letters_compare_without_case() -> None:
    assert found("See our PRIVACY Policy.", "privacy policy")
    assert found("see our privacy policy.", "Privacy POLICY")


def test_a_phrase_is_found_inside_words_and_at_both_ends() -> None:
    assert found("javascript", "javascript")
    assert found("no-javascript-here", "javascript")
    assert not found("java script", "javascript")


def test_letters_outside_ascii_match_small_capitalised_and_in_capitals() -> None:
    assert found("Политика конфиденциальности", "политика конфиденциальности")
    assert found("ПОЛИТИКА КОНФИДЕНЦИАЛЬНОСТИ", "политика конфиденциальности")


def test_a_phrase_cut_off_by_the_end_is_not_found() -> None:
    data = bytes_of("uses cookies")
    assert not contains_phrase(data, 0, len(data) - 1, encode_phrases(["uses cookies"]))


def test_the_longest_phrase_wins_and_tells_its_group() -> None:
    phrases = encode_phrases(["use", "other"], ["use cookies"])
    data = bytes_of("use cookies or use tea")
    assert phrases.groups[phrase_at(data, 0, len(data), phrases)] == 1
    assert phrases.groups[phrase_at(data, 15, len(data), phrases)] == 0
    assert phrase_at(data, 1, len(data), phrases) == -1


def test_an_empty_phrase_is_refused() -> None:
    with pytest.raises(ValueError, match="must not be empty"):
        encode_phrases(["a", ""])


def test_no_phrases_are_found_nowhere() -> None:
    assert not found("anything")


def test_an_ending_must_lie_within_the_text_and_at_its_end() -> None:
    endings = encode_phrases(["read more", "…"])
    data = bytes_of("please Read More")
    assert ends_with_phrase(data, 0, len(data), endings)
    assert not ends_with_phrase(data, 8, len(data), endings)
    assert not ends_with_phrase(data, 0, len(data) - 1, endings)
    assert ends_with_phrase(bytes_of("and so on…"), 0, 12, endings)


@given(st.text(alphabet="abABéÉ 好\0"), st.lists(st.text(alphabet="abAé好", min_size=1, max_size=3), max_size=4))
def test_equals_a_search_in_plain_python(text: str, phrases: list[str]) -> None:
    lowered = text.encode().lower()
    spellings = [s for p in phrases for s in (p, p.lower(), p.capitalize(), p.upper())]
    assert found(text, *phrases) == any(s.encode().lower() in lowered for s in spellings)
    is_ending = any(lowered.endswith(s.encode().lower()) for s in spellings)
    assert ends_with_phrase(bytes_of(text), 0, len(lowered), encode_phrases(phrases)) == is_ending
