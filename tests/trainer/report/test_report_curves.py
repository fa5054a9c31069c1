"""Long columns become short ones that hide no peak; axes have round numbers."""

import math

import pytest

from trainer.report.charts import Edge, Frame, chart, short
from trainer.report.curves import curve
from trainer.report.history import history

FRAME = Frame(100, 10, (Edge("a", 0), Edge("b", 50)))


def test_a_short_column_is_shown_as_it_is() -> None:
    found = curve([1, 2, 3], [5.0, 6.0, 4.0])
    assert (found.samples, found.mean) == ((1.0, 2.0, 3.0), (5.0, 6.0, 4.0))
    assert not found.is_thinned


def test_a_long_column_has_as_many_points_as_asked_for_and_keeps_its_peaks() -> None:
    values = [1.0] * 1000
    values[333], values[777] = 50.0, -7.0
    found = curve(list(range(1000)), values, points=10)
    assert len(found.samples) == 10
    assert (max(found.most), min(found.least)) == (50.0, -7.0)
    assert found.mean[3] == pytest.approx((99 + 50) / 100)


def test_what_is_not_a_number_leaves_a_gap() -> None:
    assert curve([1, 2, 3], [1.0, math.nan, 3.0]).samples == (1.0, 3.0)
    assert curve([1, 2], [math.nan, math.nan]).samples == ()


def test_a_chart_of_nothing_is_none() -> None:
    assert chart("", "", {"mfu": curve([1], [math.nan])}, FRAME) is None


def test_edges_of_phases_stand_at_their_samples() -> None:
    found = chart("", "", {"x": curve([0, 100], [0.0, 10.0])}, FRAME, zero=True)
    assert found is not None
    assert found.edges == (("a", 64.0), ("b", 64 + (868 - 64) / 2))
    assert [text for text, _ in found.across] == ["0", "200", "400", "600", "800", "1 k"]
    assert [text for text, _ in found.up][:2] == ["0", "2"]


def test_a_pointer_tells_the_values_of_all_lines_there() -> None:
    curves = {"x": curve([10, 20], [1.0, 2.0]), "y": curve([10], [7.0])}
    found = chart("", "", curves, FRAME)
    assert found is not None
    assert [one.text for one in found.pointers] == ["100 tokens: x 1, y 7", "200 tokens: x 2, y 7"]


def test_equal_distances_of_a_logarithmic_axis_are_equal_factors() -> None:
    found = chart("", "", {"x": curve([1, 2, 3], [0.0, 1.0, 100.0])}, FRAME, logarithmic=True)
    assert found is not None
    places = dict(found.up)
    assert places["1"] - places["10"] == pytest.approx(places["10"] - places["100"], abs=0.02)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (999, "999"), (1000, "1 k"), (12_345, "12.3 k"), (8e12, "8 T"), (15_628_775_424, "15.6 B")],
)
def test_large_numbers_are_written_short(value: float, text: str) -> None:
    assert short(value) == text


def test_a_log_of_many_lines_is_held_in_columns() -> None:
    lines = ({"kind": "step", "samples_seen": n, "step": n, "loss": 1.0} for n in range(1, 50_001))
    found = history(lines)
    assert len(found.steps.samples) == len(found.steps.values["loss"]) == 50_000
    assert found.samples_seen == 50_000
    assert math.isnan(found.steps.values["mfu"][0])
