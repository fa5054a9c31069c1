"""What is counted of texts and tokens, on any text."""

import functools
import tempfile
from collections import Counter
from pathlib import Path

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from datapipe.kernels.unicode_classes import UNSPACED, classes_of
from datapipe.stage import text_buffers
from tests.plain_text import words_of as plain_words
from tests.tokenizer.hand_made import cell, hand_made, tokenizer_json
from tokenizer.evaluation.counting import tally
from tokenizer.evaluation.tokenizers import Named
from tokenizer.evaluation.word_lists import identifiers_of, words_of
from tokenizer.kernels.word_counts import count_words

TEXTS = st.lists(
    st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("a b1 \n\t日本ไก่.,'-é"), max_size=40), max_size=6
)


def large(texts: list[str]) -> pa.LargeStringArray:
    return pa.array(texts, pa.large_string())


@given(TEXTS)
def test_words_are_those_of_the_pipeline(texts: list[str]) -> None:
    words = [word for text in texts for word in plain_words(text)]
    letters = sum(any(int(classes_of(ord(character))) & int(UNSPACED) for character in word) for word in words)
    assert count_words(*text_buffers(large(texts))) == (len(words), letters, sum(map(len, texts)))


@given(TEXTS)
def test_lists_of_words_do_not_depend_on_how_texts_are_dealt_out(texts: list[str]) -> None:
    together, apart = words_of([large(texts)]), words_of([large([text]) for text in texts])
    counted = Counter()
    for places, counts in apart.occurrences:
        counted.update(dict(zip(apart.words.take(pa.array(places)).to_pylist(), counts.tolist(), strict=True)))
    ((places, counts),) = together.occurrences
    assert counted == dict(zip(together.words.take(pa.array(places)).to_pylist(), counts.tolist(), strict=True))


def test_a_word_with_marks_keeps_them_and_loses_signs_at_its_ends() -> None:
    found = words_of([large(["«हिन्दी», (don't) x-y... ½ 12 e\u0301! ไทย 漢字a"])])
    assert found.words.to_pylist() == ["हिन्दी", "don't", "x-y", "e\u0301"]


def test_identifiers_have_two_characters_and_begin_with_no_digit() -> None:
    found = identifiers_of([large(["self.x_1 = foo(2e3, été, _a, b) # foo"])])
    assert dict(zip(found.words.to_pylist(), found.occurrences[0][1].tolist(), strict=True)) == {
        "self": 1,
        "x_1": 1,
        "foo": 2,
        "_a": 1,
    }


@functools.cache
def bytes_only() -> Named:
    """A tokenizer without any letter."""
    return hand_made(Path(tempfile.mkdtemp()), tokenizer_json((), ()))


@settings(max_examples=50)
@given(TEXTS)
def test_a_tokenizer_of_bytes_has_a_token_per_byte_and_gives_all_back(texts: list[str]) -> None:
    spaced = [text.replace(" ", "_").replace("\u2581", "_") for text in texts]  # its space is one of three bytes
    found = tally(cell(*spaced), bytes_only())
    assert found.tokens == found.byte_tokens == sum(len(text.encode()) for text in spaced)
    assert found.byte_characters == sum(map(len, spaced))
    assert found.given_back == len(spaced)
