"""Keys fall into even ranges; records stand in the order of their partitions, or of their keys."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapipe.kernels.partitions import in_partitions, partition_of, partition_starts
from datapipe.kernels.record_sort import sort_records

WORDS64 = st.integers(0, 2**64 - 1)


@settings(deadline=None)  # the first call compiles
@given(st.lists(WORDS64), st.integers(1, 2**32))
def test_a_partition_is_an_even_range_of_keys(keys: list[int], count: int) -> None:
    found = partition_of(np.array(keys, np.uint64), count)

    assert found.tolist() == [key * count >> 64 for key in keys]


@given(WORDS64, st.integers(1, 300), st.integers(1, 300))
def test_a_partition_of_partitions_is_a_partition(key: int, outer: int, inner: int) -> None:
    keys = np.array([key], np.uint64)

    assert partition_of(keys, outer * inner)[0] // inner == partition_of(keys, outer)[0]


def test_the_lowest_and_the_highest_key_are_in_the_first_and_the_last_partition() -> None:
    assert partition_of(np.array([0, 2**63 - 1, 2**63, 2**64 - 1], np.uint64), 2).tolist() == [0, 0, 1, 1]


@settings(deadline=None)
@given(st.lists(st.integers(0, 4)))
def test_records_keep_their_order_inside_a_partition(partition: list[int]) -> None:
    numbers = np.array(partition, np.uint32)
    records = np.array([[p, row] for row, p in enumerate(partition)], np.uint64).reshape(-1, 2)
    starts = partition_starts(numbers, 5)

    assert starts.tolist() == [sum(one < p for one in partition) for p in range(6)]
    assert in_partitions(records, numbers, starts).tolist() == sorted(records.tolist())


@settings(deadline=None)
@given(st.lists(st.tuples(st.one_of(st.integers(0, 3), WORDS64), st.integers(0, 2))), st.integers(1, 2))
def test_records_are_sorted_stably_by_their_first_words(keys: list[tuple[int, int]], key_words: int) -> None:
    rows = [[*key, row] for row, key in enumerate(keys)]
    records = np.array(rows, np.uint64).reshape(-1, 3)
    before = records.copy()

    assert sort_records(records, key_words).tolist() == sorted(rows, key=lambda row: row[:key_words])
    assert (records == before).all()


@pytest.mark.parametrize("kind", ["hashes", "row numbers", "few keys", "one key", "a few hashes among one key"])
def test_many_records_are_sorted_whatever_their_keys_are(kind: str) -> None:
    chance = np.random.default_rng(7)
    rows = 20_000
    keys = {
        "hashes": chance.integers(0, 2**64, rows, np.uint64),
        "row numbers": chance.permutation(rows).astype(np.uint64) + np.uint64(5 << 32),
        "few keys": chance.integers(0, 3, rows).astype(np.uint64) * np.uint64(2**62),
        "one key": np.full(rows, 2**64 - 1, np.uint64),
        "a few hashes among one key": np.where(
            chance.random(rows) < 0.01, chance.integers(0, 2**64, rows, np.uint64), 7
        ),
    }[kind]
    records = np.stack([keys, chance.integers(0, 5, rows, np.uint64), np.arange(rows, dtype=np.uint64)], axis=1)

    for key_words in (1, 2):
        order = np.lexsort([records[:, word] for word in reversed(range(key_words))])
        assert (sort_records(records, key_words) == records[order]).all()
