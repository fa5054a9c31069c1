"""Signatures are those of datasketch, value for value; `tests/stages/test_minhash.py` compares them on real texts."""

import numpy as np
import numpy.typing as npt
import pytest
from datasketch import LeanMinHash, MinHash
from hypothesis import example, given, settings
from hypothesis import strategies as st

from datapipe.kernels.minhash import SEED, signatures

VALUES = st.integers(0, 2**32 - 1)


def signed(sets: list[list[int]], permutations: int) -> npt.NDArray[np.uint32]:
    lists = np.cumsum([0, *map(len, sets)], dtype=np.int64)
    return signatures(lists, np.array([value for one in sets for value in one], np.uint32), permutations)


def by_datasketch(values: list[int], permutations: int) -> npt.NDArray[np.uint32]:
    minhash = MinHash(permutations, seed=SEED, hashfunc=lambda value: value, scheme="affine32")
    if values:
        minhash.update_batch(values)
    return np.asarray(minhash.hashvalues)


@settings(deadline=None)  # compiles at first
@given(st.lists(st.lists(VALUES, max_size=90), max_size=4), st.integers(1, 130))
@example([[0], [2**32 - 1], []], 112)
def test_signatures_equal_those_of_datasketch(sets: list[list[int]], permutations: int) -> None:
    found = signed(sets, permutations)
    assert found.shape == (len(sets), permutations) and found.dtype == np.uint32
    for signature, values in zip(found, sets, strict=True):
        assert signature.tolist() == by_datasketch(values, permutations).tolist()


@pytest.mark.parametrize("count", [63, 64, 65, 4095, 4096, 4097, 20_000])
def test_lists_of_any_length_do(count: int) -> None:
    values = np.random.default_rng(count).integers(0, 2**32, count, np.uint32).tolist()
    assert signed([values], 286)[0].tolist() == by_datasketch(values, 286).tolist()


def test_neither_order_nor_copies_count() -> None:
    values = list(range(100))
    one, other = signed([values, [*values[::-1], *values]], 112)
    assert one.tolist() == other.tolist()


def test_a_list_of_nothing_is_what_datasketch_calls_empty() -> None:
    [signature] = signed([[]], 112)
    assert LeanMinHash(seed=SEED, hashvalues=signature, scheme="affine32").is_empty()


def test_the_share_of_equal_values_estimates_how_alike_two_sets_are() -> None:
    """Jaccard similarity 0.6 by 2,048 permutations: the standard error is the root of 0.24 / 2048, 0.011."""
    one, other = signed([list(range(8000)), list(range(2000, 10_000))], 2048)
    assert np.mean(one == other) == pytest.approx(0.6, abs=3 * 0.011)
