"""A share of every unit's windows: which they are, and that a run knows no others."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapipe.loading.located_yaml import RecipeError
from tests.trainer.small_course import SEQ_LEN, plan_of
from tests.trainer.small_plans import SMALL
from tests.trainer.small_run import last_weights, small_plan, train_until, trained
from trainer.blend import phase_blends
from trainer.checkpointing.differences import differences
from trainer.checkpointing.record import Terms, Vocabulary
from trainer.corpus import CorpusSizes, UnitSize, sizes_of
from trainer.course import Course, course_json, read_course
from trainer.load import loads
from trainer.order import Order
from trainer.plan import Plan
from trainer.planning import outlook_of
from trainer.samples import samples_of_step
from trainer.settle import settle
from trainer.shapes import Shape

WINDOWS = {"code": {"py": 37}, "english": {"books": 5, "web": 211}}
FRACTIONS = st.floats(0.001, 1)


def course_of(fraction: float, seed: int = 17, tokens: int = 6000) -> Course:
    """Of a plan of one phase in which every unit has a third."""
    units = {
        domain: {unit: UnitSize.of([count * SEQ_LEN + 1], SEQ_LEN, fraction) for unit, count in of_domain.items()}
        for domain, of_domain in WINDOWS.items()
    }
    blend = "code: {weight: 0.33333333}, english: {weight: 0.66666667, sampling: {weights: {books: 0.5, web: 0.5}}}"
    plan = plan_of(f"tokens: {tokens}, batch: 6, blend: thirds", blends={"thirds": blend}, more=f"seed: {seed}")
    return settle(plan, CorpusSizes(units, SEQ_LEN, 100))


def rows_by_unit(course: Course) -> dict[tuple[str, str], list[int]]:
    """Of all samples, in order."""
    order = Order(course)
    places = order.places(0, course.stretches[-1].end)
    return {unit: places.row[places.unit == number].tolist() for number, unit in enumerate(order.units)}


@given(FRACTIONS, st.integers(0, 2**40))
def test_every_epoch_reads_each_window_of_the_sample_once(fraction: float, seed: int) -> None:
    course = course_of(fraction, seed)
    for (domain, unit), rows in rows_by_unit(course).items():
        there = course.windows[domain][unit]
        assert there == max(1, round(WINDOWS[domain][unit] * fraction))
        sample = sorted(rows[:there])
        assert len(set(sample)) == len(sample)
        assert set(sample) <= set(range(WINDOWS[domain][unit]))
        for first in range(there, len(rows) - there, there):
            assert sorted(rows[first : first + there]) == sample


@given(FRACTIONS, FRACTIONS, st.integers(0, 2**40))
def test_a_larger_share_holds_a_smaller_one_whatever_the_seed(one: float, other: float, seed: int) -> None:
    few, many = (rows_by_unit(course_of(fraction, seed + k)) for k, fraction in enumerate(sorted((one, other))))
    for (domain, unit), rows in few.items():
        assert set(rows) <= set(many[domain, unit]) or len(many[domain, unit]) < WINDOWS[domain][unit]


def test_units_of_one_size_have_samples_of_their_own() -> None:
    units = {"english": {name: UnitSize.of([200 * SEQ_LEN + 1], SEQ_LEN, 0.1) for name in ("books", "web")}}
    halves = "english: {weight: 1, sampling: {weights: {books: 0.5, web: 0.5}}}"
    plan = plan_of("tokens: 6000, batch: 6, blend: halves", blends={"halves": halves})
    books, web = rows_by_unit(settle(plan, CorpusSizes(units, SEQ_LEN, 100))).values()
    assert len(set(books)) == len(set(web)) == 20
    assert len(set(books) & set(web)) < 10  # 2 in the mean


def test_a_sample_is_spread_over_the_unit() -> None:
    rows = rows_by_unit(course_of(0.25))["english", "web"]
    quarters = np.bincount(np.array(sorted(set(rows))) * 4 // 211, minlength=4)
    assert quarters.sum() == 53
    assert quarters.min() >= 6  # 13 in the mean, with a standard deviation of 3


def test_all_windows_are_read_in_the_same_order_as_before_there_were_samples() -> None:
    whole = course_of(1.0)
    assert whole.drawn_from == {}
    text = course_json(whole).replace(' "drawn_from": {},\n', "")
    assert "drawn_from" not in text
    assert read_course(text) == whole


def test_a_course_with_a_sample_survives_being_written_down() -> None:
    course = course_of(0.1)
    assert course.drawn_from == {"code": {"py": 37}, "english": {"books": 5, "web": 211}}
    assert read_course(course_json(course)) == course


def test_another_share_is_told_as_what_it_changes() -> None:
    then, now = (Terms(course_of(one), Shape(1, 1, 1, 8, 32, 8, 100), Vocabulary("t", "")) for one in (0.5, 1.0))
    assert differences(then, now)[:2] == [
        "code/py: 18 of 37 (data_fraction) windows in the checkpoint, 37 in the data",
        "english/books: 2 of 5 (data_fraction) windows in the checkpoint, 5 in the data",
    ]


def small(fraction: float) -> Plan:
    return loads(SMALL, settings=(f"data_fraction={fraction}",))


def test_blends_and_caps_know_only_windows_that_are_there() -> None:
    plan = small(0.4)
    sizes = sizes_of(plan)
    assert sizes.units["a"] == {
        "x": UnitSize(601, 24, 1, 60),
        "y": UnitSize(301, 12, 1, 30),
        "tiny": UnitSize(10, 0, 1),
    }
    shares = phase_blends(plan, sizes)[1].units["a"]
    assert shares == pytest.approx({"x": 2 / 3, "y": 1 / 3})
    with pytest.raises(RecipeError, match=r"a/y needs 2\.5 epochs, the cap is 2: 30 samples of 12 windows"):
        settle(plan, sizes)


def test_the_plan_says_how_much_is_there() -> None:
    outlook = outlook_of(small(0.9))
    note = "data_fraction 0.9: 171 of 190 windows are there for this run, in 3 units that have more; epochs count those"
    assert note in outlook.notes


def test_a_run_that_goes_on_reads_the_same_sample(tmp_path: Path) -> None:
    trained(tmp_path, tmp_path / "straight", "data_fraction=0.3")
    train_until(tmp_path, tmp_path / "stopped", 7, "data_fraction=0.3")
    trained(tmp_path, tmp_path / "stopped", "data_fraction=0.3")
    trained(tmp_path, tmp_path / "whole")
    assert last_weights(tmp_path / "stopped") == last_weights(tmp_path / "straight")
    assert last_weights(tmp_path / "whole") != last_weights(tmp_path / "straight")


def test_samples_are_listed_where_they_are_read(tmp_path: Path) -> None:
    plan = small_plan(tmp_path, "data_fraction=0.1")
    trained(tmp_path, tmp_path, "data_fraction=0.1")
    listed = [sample for step in range(1, 13) for sample in samples_of_step(plan, step, str(tmp_path))]
    first_tokens = {(one.unit, one.first_token) for one in listed}
    assert len({place for place in first_tokens if place[0] == "books"}) == 2  # a tenth of 18 windows
    assert any(one.epoch > 0 for one in listed)


@pytest.mark.parametrize("fraction", [0, -0.1, 1.01, "half"])
def test_shares_that_are_none_are_refused(fraction: float) -> None:
    with pytest.raises(RecipeError, match="data_fraction"):
        small(fraction)
