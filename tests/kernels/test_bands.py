"""Bands of signatures as keys: equal where their values and their scopes are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapipe.kernels.bands import band_keys


def frozen(rows: list[list[int]]) -> np.ndarray:
    values = np.array(rows, np.uint32)
    values.flags.writeable = False
    return values


@pytest.mark.parametrize(("bands", "rows"), [(3, 2), (2, 3), (6, 1), (1, 6)])
@settings(deadline=None)  # the first call compiles
@given(st.lists(st.tuples(st.lists(st.integers(0, 1), min_size=6, max_size=6), st.integers(0, 1)), max_size=12))
def test_keys_are_equal_where_band_number_values_and_scope_are(
    bands: int, rows: int, documents: list[tuple[list[int], int]]
) -> None:
    signatures = frozen([values for values, _ in documents]).reshape(-1, 6)
    scopes = np.array([scope for _, scope in documents], np.uint64)
    keys = band_keys(signatures, scopes, bands, rows)

    said = [
        (scope, band, tuple(values[band * rows : (band + 1) * rows]))
        for values, scope in documents
        for band in range(bands)
    ]
    assert keys.shape == (len(documents), bands)
    assert len(set(zip(said, keys.ravel().tolist(), strict=True))) == len(set(said)) == len(set(keys.ravel().tolist()))


def test_keys_are_part_of_the_format() -> None:
    keys = band_keys(frozen([[1, 2, 3, 4, 5, 6]]), np.array([7], np.uint64), 2, 3)

    assert [f"{key:016x}" for key in keys[0].tolist()] == ["ecb121372a0d30ac", "2f1a0b544622a34b"]
