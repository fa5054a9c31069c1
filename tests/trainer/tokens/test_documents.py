"""Where documents begin, told by a few entries of the index: as by the whole of it."""

import struct
import tempfile
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trainer.token_files import write_shard
from tokenizer.store import HEADER, MAGIC, read_indexed, read_totals
from trainer.tokens.documents import DocumentIndex

LENGTHS = st.lists(st.integers(0, 5), max_size=12)


@given(LENGTHS)
def test_each_token_is_in_the_document_that_holds_it(lengths: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        prefix = write_shard(Path(folder) / "a", [[7] * length for length in lengths], "<u2")
        holders = [number for number, length in enumerate(lengths) for _ in range(length)]
        with DocumentIndex(prefix) as index:
            assert [index.at(token) for token in range(sum(lengths))] == holders
            edges = index.edges(0, len(lengths))
        assert edges == read_indexed(prefix).starts().tolist()
        assert [end - first for first, end in pairwise(edges)] == lengths


@given(LENGTHS)
def test_totals_are_those_of_the_whole_index(lengths: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        prefix = write_shard(Path(folder) / "a", [[7] * length for length in lengths])
        whole, totals = read_indexed(prefix), read_totals(prefix)
        assert (totals.tokens, totals.sequences, totals.documents) == (
            len(whole.tokens),
            len(whole.lengths),
            len(whole),
        )
        assert totals.dtype == whole.tokens.dtype


def test_a_document_of_several_sequences_is_one(tmp_path: Path) -> None:
    """Megatron's preprocessing can make a sequence of each sentence."""
    header = HEADER.pack(MAGIC, 1, 8, 4, 3)
    body = struct.pack("<4i", 2, 3, 1, 4) + struct.pack("<4q", 0, 4, 10, 12) + struct.pack("<3q", 0, 3, 4)
    (tmp_path / "a.idx").write_bytes(header + body)
    np.arange(10, dtype="<u2").tofile(tmp_path / "a.bin")
    with DocumentIndex(str(tmp_path / "a")) as index:
        assert (index.documents, index.tokens) == (2, 10)
        assert index.edges(0, 2) == [0, 6, 10]
        assert [index.at(token) for token in (0, 5, 6, 9)] == [0, 0, 1, 1]


@pytest.mark.parametrize("cut", [1, 9, 40])
def test_an_index_that_is_cut_off_is_refused(tmp_path: Path, cut: int) -> None:
    path = Path(f"{write_shard(tmp_path / 'a', [[1, 2], [3]])}.idx")
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(RuntimeError, match=r"a\.idx: .*(cut off|no index of Megatron's form)"):
        DocumentIndex(str(tmp_path / "a"))
