"""Keys are counted exactly, one generation after the other in one table."""

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from datapipe.kernels.key_counts import begin, count_key, has_room, mark, new_key_counts, occurrences

KEYS = st.lists(st.integers(0, 30).map(lambda small: small << 56 | small) | st.integers(0, 2**64 - 1), max_size=100)


@settings(deadline=None)  # the first call compiles
@given(st.lists(KEYS, max_size=5))
def test_each_generation_counts_its_own_keys(generations: list[list[int]]) -> None:
    table = new_key_counts(100)
    for keys in generations:
        mask = np.uint64(begin(table, len(keys)))
        slots = {key: np.uint64(count_key(table, mask, np.uint64(key))) for key in keys}

        assert len(set(slots.values())) == len(slots)
        assert {key: occurrences(table, slot) for key, slot in slots.items()} == Counter(keys)


def test_a_mark_is_remembered_and_leaves_the_count_alone() -> None:
    table = new_key_counts(3)
    mask = np.uint64(begin(table, 3))
    one, other = (np.uint64(count_key(table, mask, np.uint64(key))) for key in (1, 2))

    assert not mark(table, one)
    assert mark(table, one)
    assert not mark(table, other)
    assert occurrences(table, one) == 1


def test_room_grows_with_the_table() -> None:
    table = new_key_counts(1000)

    assert has_room(table, 1000)
    assert not has_room(table, 2000)
