"""Where a row of a unit is: against the list of all windows, written out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenizer.encoding.manifest import windows_of
from trainer.tokens.windows import WindowIndex

UNITS = st.lists(st.lists(st.integers(0, 5), max_size=6), min_size=1, max_size=6)


@given(UNITS)
def test_rows_are_the_windows_of_the_units_shards_one_after_the_other(units: list[list[int]]) -> None:
    written_out = []
    shard = 0
    for number, unit in enumerate(units):
        row = 0
        for windows in unit:
            written_out += [(number, row + window, shard, window) for window in range(windows)]
            row, shard = row + windows, shard + 1
    asked = np.array(written_out, np.int64).reshape(-1, 4)
    shards, windows = WindowIndex(units).locate(asked[:, 0], asked[:, 1])
    assert shards.tolist() == asked[:, 2].tolist()
    assert windows.tolist() == asked[:, 3].tolist()


@pytest.mark.parametrize(("unit", "row"), [(0, -1), (0, 3), (1, 0), (2, 2)])
def test_a_row_that_a_unit_does_not_have_is_an_error(unit: int, row: int) -> None:
    with pytest.raises(IndexError):
        WindowIndex([[1, 2], [0], [2]]).locate(np.array([unit]), np.array([row]))


@given(st.integers(0, 200), st.integers(1, 50))
def test_windows_make_each_token_but_the_first_a_target_once_up_to_the_tail(tokens: int, seq_len: int) -> None:
    windows = [range(k * seq_len, (k + 1) * seq_len + 1) for k in range(windows_of(tokens, seq_len))]
    targets = [token for window in windows for token in window[1:]]
    assert targets == list(range(1, len(targets) + 1))
    assert 0 <= tokens - 1 - len(targets) < seq_len or tokens == 0
