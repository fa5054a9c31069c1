"""The curve of banded signatures, and bands and rows chosen from it."""

import numpy as np
import pytest
from datasketch.lsh import _optimal_param

from datapipe.dedup.near.curve import even_threshold, found_probability, nominal_threshold, optimal_banding


@pytest.mark.parametrize(
    ("bands", "rows", "nominal", "even", "at_70", "at_80"),
    [(14, 8, 0.719, 0.685, 0.565, 0.924), (26, 11, 0.744, 0.718, 0.405, 0.903), (20, 13, 0.794, 0.771, 0.177, 0.677)],
)
def test_settings_in_use_have_the_curve_that_a_pocket_calculator_gives(
    bands: int, rows: int, nominal: float, even: float, at_70: float, at_80: float
) -> None:
    assert nominal_threshold(bands, rows) == pytest.approx(nominal, abs=5e-4)
    assert even_threshold(bands, rows) == pytest.approx(even, abs=5e-4)
    assert found_probability(0.7, bands, rows) == pytest.approx(at_70, abs=5e-4)
    assert found_probability(0.8, bands, rows) == pytest.approx(at_80, abs=5e-4)
    assert found_probability(even_threshold(bands, rows), bands, rows) == pytest.approx(0.5)


@pytest.mark.parametrize("permutations", [1, 2, 16, 112, 128])
def test_bands_and_rows_are_those_that_datasketch_chooses(permutations: int) -> None:
    for threshold in np.linspace(0.05, 0.95, 7 if permutations > 100 else 37):
        expected = _optimal_param(float(threshold), permutations, 0.5, 0.5)
        assert optimal_banding(float(threshold), permutations) == expected, threshold


def test_the_most_permutations_are_divided_in_seconds() -> None:
    bands, rows = optimal_banding(0.8, 4096)
    assert bands * rows <= 4096
    assert even_threshold(bands, rows) == pytest.approx(0.8, abs=0.01)
