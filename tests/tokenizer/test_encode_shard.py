"""Marks of begin and end, and the test of our kernels against SentencePiece."""

import itertools
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from tests.tokenizer.encoded_run import EncodedRun, small_model
from tokenizer.encoding.encode_shard import with_marks
from tokenizer.encoding.encoder import Encoder
from tokenizer.encoding.plain_encoder import PlainEncoder
from tokenizer.encoding.self_test import find_difference
from tokenizer.shards import text_shards


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


def wrong_for(beginning: str) -> Encoder:
    """An encoder whose SentencePiece, not itself, is right about all texts but those that begin so."""
    encoder = Encoder(small_model(), "a")

    class Astray(PlainEncoder):
        """Wrong about some texts."""

        def encode(self, texts: pa.Array) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
            ids, offsets = super().encode(texts)
            for row, text in enumerate(texts.to_pylist()):
                if text.startswith(beginning):
                    ids[offsets[row] : offsets[row + 1]] += 1
            return ids, offsets

    encoder.plain = Astray(small_model(), "b")
    return encoder


def test_samples_are_taken_of_the_shards(tmp_path: Path) -> None:
    run = EncodedRun.at(tmp_path)
    shards = text_shards(str(run.data))
    assert find_difference(Encoder(small_model(), "a"), shards) is None

    first = next(row["text"] for row in run.texts()["others/unknown/000000"])
    found = str(find_difference(wrong_for(first[:80]), shards))
    assert "shards/others/unknown/000000.parquet, text 0, id 0: " in found


def test_without_shards_hard_strings_are_tested() -> None:
    assert find_difference(Encoder(small_model(), "a"), []) is None
    assert str(find_difference(wrong_for("👩"), [])).startswith("the strings that are hard, text ")
