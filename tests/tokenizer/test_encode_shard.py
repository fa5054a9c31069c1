"""Marks of begin and end, plain SentencePiece as an encoder, and the test of the native one against it."""

import itertools
from pathlib import Path

import numpy as np
import pyarrow as pa
import sentencepiece
from hypothesis import given
from hypothesis import strategies as st

from tests.tokenizer.encoded_run import EncodedRun, small_model
from tokenizer.encode_shard import with_marks
from tokenizer.plain_encoder import PlainEncoder
from tokenizer.self_test import STRANGE, find_difference, first_difference
from tokenizer.shards import text_shards

TEXTS = pa.array(["a mill", "", "grinds  wheat\n", "é中"], pa.large_string())


@given(
    documents=st.lists(st.lists(st.integers(10, 99), max_size=4), max_size=8),
    bos=st.sampled_from([None, 1]),
    eos=st.sampled_from([None, 2]),
)
def test_marks_stand_around_every_document_that_has_tokens(
    documents: list[list[int]], bos: int | None, eos: int | None
) -> None:
    offsets = np.cumsum([0, *map(len, documents)], dtype=np.int64)
    ids, ends = with_marks(np.array([one for document in documents for one in document], np.int32), offsets, bos, eos)

    before, behind = ([] if mark is None else [mark] for mark in (bos, eos))
    expected = [[*before, *document, *behind] if document else [] for document in documents]
    assert [ids[a:b].tolist() for a, b in itertools.pairwise(ends)] == expected
    assert (ids.dtype, ends.dtype, len(ids)) == (np.int32, np.int64, ends[-1])


def test_plain_encoding_is_that_of_the_library() -> None:
    processor = sentencepiece.SentencePieceProcessor(model_proto=small_model())
    texts = pa.array([*TEXTS.to_pylist(), *STRANGE], pa.large_string())
    ids, offsets = PlainEncoder(small_model(), "a").encode(texts)

    expected = [processor.encode(text) for text in texts.to_pylist()]
    assert [ids[a:b].tolist() for a, b in itertools.pairwise(offsets)] == expected
    assert PlainEncoder(small_model(), "a").encode(texts.slice(0, 0))[1].tolist() == [0]
    assert PlainEncoder(small_model(), "a").encode(texts.slice(2, 1))[0].tolist() == expected[2]


def test_encoders_of_one_model_do_not_differ() -> None:
    assert first_difference(PlainEncoder(small_model(), "a"), PlainEncoder(small_model(), "b"), TEXTS) is None


def test_the_first_text_that_differs_is_found() -> None:
    plain, other = PlainEncoder(small_model(), "a"), PlainEncoder(small_model(max_sentencepiece_length=2), "b")

    assert first_difference(plain, other, TEXTS) == 0
    assert first_difference(plain, other, TEXTS.slice(3)) is None
    assert first_difference(plain, other, pa.array(["", "", "the mill"], pa.large_string())) == 2


def test_samples_are_taken_of_the_shards(tmp_path: Path) -> None:
    run = EncodedRun.at(tmp_path)
    shards = text_shards(str(run.data))
    plain = PlainEncoder(small_model(), "a")
    assert find_difference(plain, PlainEncoder(small_model(), "b"), shards) is None

    class WrongOnlyForOneUnit(PlainEncoder):
        """Wrong where a text begins as the first of the last unit does."""

        def encode(self, texts: pa.Array) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
            ids, offsets = super().encode(texts)
            is_wrong = any((text or "").startswith(last) for text in texts.to_pylist())
            return (ids + 1 if is_wrong else ids), offsets

    last = run.texts()[sorted(place for place in run.texts() if place.startswith("others/unknown"))[0]][0]["text"][:60]
    found = find_difference(WrongOnlyForOneUnit(small_model(), "b"), plain, shards)
    assert found is not None
    assert found.endswith("shards/others/unknown/000000.parquet")


def test_without_shards_the_built_in_strings_are_tested() -> None:
    plain, other = PlainEncoder(small_model(), "a"), PlainEncoder(small_model(byte_fallback=False), "b")

    assert find_difference(plain, plain, []) is None
    assert str(find_difference(other, plain, [])).endswith("of the built-in strings")
