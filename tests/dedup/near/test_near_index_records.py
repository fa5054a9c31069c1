"""Records of an index of near-duplicates, and what they are made of."""

import numpy as np
import pyarrow as pa
import pytest

from datapipe.dedup.near.index_records import COUNT, SCOPE, TEXT_BYTES, index_records, index_words, indexed_signatures
from datapipe.dedup.near.signed_documents import scope_hashes, signatures, takes_part


@pytest.mark.parametrize("permutations", [1, 2, 7, 112])
def test_signatures_come_out_of_an_index_as_they_went_in(permutations: int) -> None:
    made = np.random.default_rng(permutations).integers(0, 1 << 32, (3, permutations), np.uint32)
    ids = np.arange(6, dtype=np.uint64).reshape(3, 2)
    records = index_records(ids, *(np.full(3, value, np.uint64) for value in (7, 8, 9)), made)

    assert records.shape == (3, index_words(permutations))
    assert (indexed_signatures(records, permutations) == made).all()
    assert (records[:, :2] == ids).all()
    assert [records[0, column] for column in (SCOPE, COUNT, TEXT_BYTES)] == [7, 8, 9]


def test_an_index_starts_with_the_id_and_has_two_values_to_a_word() -> None:
    one = np.array([[5]], np.uint64)
    record = index_records(np.array([[1, 2]], np.uint64), one[0], one[0], one[0], np.array([[3, 4, 6]], np.uint32))
    assert record.tolist() == [[1, 2, 5, 5, 5, 4 << 32 | 3, 6]]


def test_documents_with_equal_values_are_compared_with_each_other() -> None:
    batch = pa.record_batch({"source": ["a", "a", "b", "a", "b"], "dump": pa.array([1, 1, 1, None, None], pa.int32())})
    both = scope_hashes(batch, ("source", "dump")).tolist()

    assert both[0] == both[1]
    assert len(set(both)) == 4
    assert scope_hashes(batch, ()).tolist() == [0] * 5
    assert scope_hashes(batch, ("dump",)).tolist()[3:] == [0, 0]
    assert scope_hashes(batch.slice(3), ("source", "dump")).tolist() == both[3:]


def test_values_of_two_columns_are_not_mistaken_for_each_other() -> None:
    batch = pa.record_batch({"one": ["x", "y"], "other": ["y", "x"]})
    assert len(set(scope_hashes(batch, ("one", "other")).tolist())) == 2


def test_those_still_kept_that_have_a_signature_take_part() -> None:
    values = pa.array([[1, 2], [3, 4], None, [5, 6]], pa.list_(pa.uint32(), 2))
    batch = pa.record_batch({"drop_reason": [None, "gopher", None, None], "signature": values})
    mask = takes_part(batch)

    assert mask.to_pylist() == [True, False, False, True]
    assert signatures(batch.filter(mask), 2).tolist() == [[1, 2], [5, 6]]
    assert signatures(batch.slice(3), 2).tolist() == [[5, 6]]
    assert signatures(batch.slice(0, 0), 2).shape == (0, 2)
