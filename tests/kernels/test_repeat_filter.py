"""The filter never misses a key that repeats, and takes few others for one."""

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from datapipe.kernels.hashing import finish
from datapipe.kernels.repeat_filter import clear, is_noted_twice, new_cells, note

KEYS = st.lists(st.integers(0, 20) | st.integers(0, 2**64 - 1), max_size=200)


def taken_for_repeated(keys: list[int], cells: np.ndarray) -> set[int]:
    shift = np.uint64(clear(cells, len(keys)))
    for key in keys:
        note(cells, shift, np.uint64(key))
    return {key for key in keys if is_noted_twice(cells, shift, np.uint64(key))}


@settings(deadline=None)  # the first call compiles
@given(st.lists(KEYS, max_size=3))
def test_no_repeated_key_is_missed_however_often_the_cells_are_used(rounds: list[list[int]]) -> None:
    cells = new_cells(200)
    for keys in rounds:
        repeated = {key for key, times in Counter(keys).items() if times > 1}

        assert repeated <= taken_for_repeated(keys, cells)


def test_few_single_keys_are_taken_for_repeated() -> None:
    keys = [int(finish(np.uint64(number))) for number in range(10_000)]

    assert len(taken_for_repeated(keys, new_cells(10_000))) < 1_000
