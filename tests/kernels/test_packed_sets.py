"""Packed documents hold what was packed, in little more than the least that it can be packed to."""

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapipe.kernels.packed_records import collect, firsts, spread, unpack_documents
from datapipe.kernels.packed_sets import pack_sets, pack_signatures, packed_counts

HIGHEST = 2**32 - 1
values = st.one_of(st.integers(0, HIGHEST), st.integers(0, 40), st.integers(HIGHEST - 40, HIGHEST))
sets = st.lists(st.sets(values, max_size=60).map(sorted), max_size=8)


def lists_of(documents: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    offsets = np.cumsum([0, *map(len, documents)]).astype(np.int64)
    return offsets, np.array([value for one in documents for value in one], np.uint32)


def unpacked(records: np.ndarray, at: np.ndarray, permutations: int = 1) -> list[list[int]]:
    lists, hashes, signed, signatures = unpack_documents(records, at, permutations)
    found = [part.tolist() for part in np.split(hashes, lists[1:-1])] if len(at) else []
    for number, row in enumerate(signed):
        assert not found[row]
        found[row] = signatures[number].tolist()
    return found


def in_records(packed: tuple[np.ndarray, np.ndarray], size: int = 16) -> np.ndarray:
    rows = np.arange(len(packed[0]) - 1)
    keys = rows.astype(np.uint64)
    return spread(*packed, rows, keys + np.uint64(7), keys + np.uint64(1 << 32), size)


@given(sets, st.integers(4, 20))
def test_sets_come_out_as_they_went_in(documents: list[list[int]], size: int) -> None:
    packed = pack_sets(*lists_of(documents))
    records = in_records(packed, size)
    at = firsts(records)[:-1]

    assert unpacked(records, at) == documents
    assert packed_counts(*packed).tolist() == [len(one) for one in documents]
    assert records[at, 1].tolist() == [(1 << 32) + k for k in range(len(documents))]
    assert set(records[:, 0].tolist()) == {7 + k for k in range(len(documents))}


@pytest.mark.parametrize("size", [20, 33, 50, 90])
def test_low_bits_may_begin_in_one_word_and_end_in_the_next(size: int) -> None:
    """A last gap of every length in unary, all its low bits set: some end right behind 64 bits that are read."""
    documents = [
        [*range(size - 1), size - 1 + (high << low) + (1 << low) - 1]
        for low in range(20, 28)
        for high in range(64)
        if size + (high + 1 << low) <= HIGHEST
    ]
    records = in_records(pack_sets(*lists_of(documents)))

    assert unpacked(records, firsts(records)[:-1]) == documents


@given(st.lists(st.lists(values, min_size=5, max_size=5), max_size=6))
def test_signatures_come_out_as_they_went_in(rows: list[list[int]]) -> None:
    records = in_records(pack_signatures(np.array(rows, np.uint32).reshape(-1, 5)))

    assert unpacked(records, firsts(records)[:-1], 5) == rows


@given(sets, st.data())
def test_documents_are_taken_out_of_records_in_any_order_and_put_into_others(
    documents: list[list[int]], data: st.DataObject
) -> None:
    packed = pack_sets(*lists_of(documents))
    records = in_records(packed)
    at = firsts(records)[:-1]
    chosen = np.array(data.draw(st.lists(st.sampled_from(range(len(at))), max_size=9)) if len(at) else [], np.int64)

    starts, words = collect(records, at[chosen])
    again = spread(starts, words, np.arange(len(chosen)), at[chosen].astype(np.uint64), at[chosen].astype(np.uint64), 5)

    assert unpacked(again, firsts(again)[:-1]) == [documents[k] for k in chosen]


@pytest.mark.parametrize("size", [100, 500, 3_000, 100_000])
def test_a_set_takes_little_more_than_its_entropy(size: int) -> None:
    chosen = random.Random(size)
    _, words = pack_sets(*lists_of([sorted({chosen.getrandbits(32) for _ in range(size)})]))
    least = (math.log2(2**32 / size) + 1 / math.log(2)) * size / 64  # of `size` hashes in no order, in words

    assert least < len(words) < 1.02 * least + 2


def test_the_form_is_pinned() -> None:
    """5, and 2**31 - 1 values between it and the next: of this gap 30 bits low, and one zero before its one."""
    _, words = pack_sets(*lists_of([[5, 2**31 + 5]]))

    first = 1 | 5 << 1
    second = 0b10 | (2**30 - 1) << 2
    assert words.tolist() == [2 | 30 << 32 | 1 << 40, first | second << 31]
