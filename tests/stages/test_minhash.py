"""The signatures of texts."""

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from datasketch import LeanMinHash, MinHash
from hypothesis import given, settings
from hypothesis import strategies as st

from datapipe.kernels.shingles import shingle_hashes
from datapipe.kernels.shingling import Shingling
from datapipe.stage import text_buffers
from datapipe.stages.minhash import Minhash
from tests.benchmarks.corpus import documents
from tests.plain_text import TEXTS

WORDS = [f"word{chr(ord('a') + number // 26)}{chr(ord('a') + number % 26)}" for number in range(400)]


def column(texts: list[str], stage: Minhash) -> pa.Array:
    return stage(pa.record_batch({"text": pa.array(texts, pa.large_string())}))["signature"]


def loaded(signature: list[int]) -> LeanMinHash:
    return LeanMinHash(seed=1, hashvalues=np.array(signature, np.uint32), scheme="affine32")


def by_datasketch(texts: list[str], shingling: Shingling, permutations: int) -> list[list[int] | None]:
    lists, hashes = shingle_hashes(*text_buffers(pa.array(texts, pa.large_string())), shingling)
    empty = MinHash(permutations, hashfunc=int)
    found: list[list[int] | None] = []
    for start, end in pairwise(lists):
        minhash = empty.copy()
        if start < end:
            minhash.update_batch(hashes[start:end].tolist())
        found.append(minhash.hashvalues.tolist() if start < end else None)
    return found


@settings(deadline=None)
@given(st.lists(TEXTS, max_size=5), st.sampled_from(["word", "char"]), st.integers(1, 60))
def test_signatures_equal_those_of_datasketch(texts: list[str], unit: str, permutations: int) -> None:
    stage = Minhash(unit=unit, ngram=3, permutations=permutations)  # type: ignore[arg-type]
    expected = by_datasketch(texts, Shingling(stage.unit, 3), permutations)
    assert column(texts, stage).to_pylist() == expected


def test_signatures_of_ten_thousand_pieces_of_real_documents_equal_those_of_datasketch() -> None:
    texts = [text for text in documents()["text"].to_pylist() if text]
    pieces = [text[start : start + 600] for text in texts for start in range(0, len(text), 600)][:10_000]
    assert len(pieces) == 10_000
    assert column(pieces, Minhash()).to_pylist() == by_datasketch(pieces, Shingling(), 112)


def test_a_text_without_shingles_has_none() -> None:
    assert column(["", "one", " ... "], Minhash(permutations=4)).is_null().to_pylist() == [True, False, True]


def test_permutations_are_as_many_as_asked_for() -> None:
    signature = column(["one"], Minhash(permutations=286))
    assert signature.type.list_size == 286


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"ngram": 0}, "ngram: expected 1 to 100, found 0"),
        ({"ngram": 101}, "ngram: expected 1 to 100, found 101"),
        ({"max_chars": 0}, "max_chars: expected at least 1, found 0"),
        ({"permutations": 4097}, "permutations: expected 1 to 4096, found 4097"),
    ],
)
def test_numbers_that_no_signature_has_are_refused(options: dict[str, int], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Minhash(**options)  # type: ignore[arg-type]


def test_they_load_into_datasketch_as_they_are() -> None:
    text = " ".join(WORDS)
    one, other = column([text, text.upper()], Minhash()).to_pylist()
    first, second = (
        LeanMinHash(seed=1, hashvalues=np.array(one, np.uint32), scheme="affine32") for one in (one, other)
    )
    assert first.jaccard(second) == 1.0


def test_a_few_changed_words_change_a_few_values() -> None:
    """Two changed words of 400 change 10 of 396 shingles: Jaccard similarity 386 / 406, 0.95; error 0.011."""
    changed = [*WORDS]
    changed[100], changed[300] = "other", "another"
    one, other = column([" ".join(WORDS), " ".join(changed)], Minhash(permutations=400)).to_pylist()
    assert abs(np.mean(np.array(one) == np.array(other)) - 386 / 406) < 3 * 0.011
