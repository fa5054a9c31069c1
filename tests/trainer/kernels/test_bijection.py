"""The shuffle of rows: a bijection for every size, without visible structure, the same on every machine."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.kernels.bijection import ROUNDS
from trainer.kernels.rows import find_rows, unit_key
from trainer.kernels.turns import Int64s

WIDE = 2**64 - 1
SEED = 17


def rows_of(
    count: int, epoch: int, indices: "list[int] | range", name: str = "english/web", seed: int = SEED
) -> Int64s:
    """The rows that come at `indices` of an epoch of a unit of `count` windows."""
    ordinals = np.array(indices, np.int64) + epoch * count
    key = np.array([unit_key(np.uint64(seed), np.array(bytearray(name.encode())))], np.uint64)
    epochs, rows = np.empty_like(ordinals), np.empty_like(ordinals)
    find_rows(np.zeros_like(ordinals), ordinals, key, np.array([count]), epochs, rows)
    assert (epochs == epoch).all()
    return rows


def mixed(state: int, value: int) -> int:
    """The project's hash takes in a value: in plain integers, as the rest of this reference."""
    state = (state ^ value) * 0xD6E8FEB86659FD93 & WIDE
    return state ^ (state >> 32)


def finished(state: int) -> int:
    for multiplier in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        state = (state ^ (state >> 33)) * multiplier & WIDE
    return state ^ (state >> 33)


def hash_of(text: bytes) -> int:
    state, whole = 0x9E3779B97F4A7C15, len(text) // 8 * 8
    for place in range(0, whole, 8):
        state = mixed(state, int.from_bytes(text[place : place + 8], "little"))
    return finished(mixed(state, (len(text) - whole) << 56 | int.from_bytes(text[whole:], "little")))


def key_of(name: str, seed: int, epoch: int) -> int:
    return finished(mixed(mixed(mixed(0x9E3779B97F4A7C15, seed), hash_of(name.encode())), epoch))


def reference(count: int, epoch: int, index: int, name: str = "english/web", seed: int = SEED) -> int:
    """The row at a place of an epoch."""
    half = max(1, -(-(count - 1).bit_length() // 2))
    key, mask, value = key_of(name, seed, epoch), (1 << half) - 1, index
    while True:
        left, right = value >> half, value & mask
        for turn in range(ROUNDS):
            left, right = right, left ^ (finished(mixed(mixed(key, turn), right)) & mask)
        value = left << half | right
        if value < count:
            return value


def place_of(count: int, epoch: int, row: int) -> int:
    """The other way round: the network run backwards."""
    half = max(1, -(-(count - 1).bit_length() // 2))
    key, mask, value = key_of("english/web", SEED, epoch), (1 << half) - 1, row
    while True:
        left, right = value >> half, value & mask
        for turn in reversed(range(ROUNDS)):
            left, right = right ^ (finished(mixed(mixed(key, turn), left)) & mask), left
        value = left << half | right
        if value < count:
            return value


@pytest.mark.parametrize(
    ("count", "epoch", "expected"),
    [
        (1, 0, [0]),
        (10, 0, [1, 8, 0, 5, 4, 3, 6, 2, 9, 7]),
        (10, 1, [7, 4, 6, 5, 1, 2, 9, 0, 8, 3]),
        (1_000_000, 0, [793917, 6155, 8509, 395233]),
        (2**40, 3, [603519034386, 343372245861, 320604460936]),
    ],
)
def test_rows_are_pinned(count: int, epoch: int, expected: list[int]) -> None:
    assert rows_of(count, epoch, range(len(expected))).tolist() == expected


@given(st.integers(1, 2**40), st.integers(0, 1000), st.data(), st.sampled_from(["a/b", "code/C++", "news/日本語"]))
def test_rows_are_those_of_the_reference(count: int, epoch: int, data: st.DataObject, name: str) -> None:
    index, seed = data.draw(st.integers(0, count - 1)), data.draw(st.integers(0, 2**63 - 1))
    assert rows_of(count, epoch, [index], name, seed).tolist() == [reference(count, epoch, index, name, seed)]


def test_every_size_up_to_some_hundreds_is_a_bijection() -> None:
    for count in range(1, 400):
        assert sorted(rows_of(count, 2, range(count)).tolist()) == list(range(count))


@given(st.integers(1, 2**40), st.integers(0, 1000), st.data())
def test_every_row_of_a_large_unit_has_one_place(count: int, epoch: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, count - 1))
    (row,) = rows_of(count, epoch, [index]).tolist()
    assert 0 <= row < count
    assert place_of(count, epoch, row) == index


@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_all_orders_of_a_few_rows_come_about_equally_often(count: int) -> None:
    """80 epochs for each order; of fair shuffles, few orders would be outside 80 +- 27."""
    orders = math.factorial(count)
    found = Counter(tuple(rows_of(count, epoch, range(count)).tolist()) for epoch in range(80 * orders))
    assert len(found) == orders
    assert all(40 < times < 120 for times in found.values())


def chi_square(counts: Int64s) -> float:
    """Over its degrees of freedom, against equal counts: 1 on average."""
    expected = counts.sum() / counts.size
    return float(((counts - expected) ** 2).sum() / expected / (counts.size - 1))


@pytest.mark.parametrize("count", [3_000, 65_536, 65_537, 2**40])
def test_thirds_neighbours_and_epochs_show_no_structure(count: int) -> None:
    indices = np.linspace(0, count - 2, 3_000).astype(np.int64)
    first, behind, later = (
        rows_of(count, epoch, (indices + step).tolist()) for epoch, step in ((0, 0), (0, 1), (1, 0))
    )
    thirds = (first * 3 // count) * 3 + indices * 3 // count
    assert 0.2 < chi_square(np.bincount(thirds, minlength=9)) < 2.5
    assert abs(np.corrcoef(first, behind)[0, 1]) < 0.06
    assert abs(np.corrcoef(first, later)[0, 1]) < 0.06
    assert (np.abs(behind - first) == 1).sum() <= 12
    assert abs(np.corrcoef(first % 64, indices % 64)[0, 1]) < 0.06
