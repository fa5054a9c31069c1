import pytest

from trainer.course import PARTS, Course, Parts, Stretch
from trainer.reckoning.hardware import GPUS
from trainer.running.account import Clock, is_due, planned_samples

HALF, QUARTER = PARTS // 2, PARTS // 4


def course() -> Course:
    first = Parts({"a": HALF, "b": HALF}, {})
    second = Parts({"a": QUARTER, "b": QUARTER, "c": HALF}, {})
    return Course(1, 8, {}, "", (Stretch("x", 0, 100, 10, first, {}), Stretch("y", 100, 300, 20, second, {})), ())


@pytest.mark.parametrize(
    ("samples_seen", "planned"),
    [
        (0, {"a": 0, "b": 0, "c": 0}),
        (10, {"a": 5, "b": 5, "c": 0}),
        (100, {"a": 50, "b": 50, "c": 0}),
        (120, {"a": 55, "b": 55, "c": 10}),
        (300, {"a": 100, "b": 100, "c": 100}),
    ],
)
def test_what_a_domain_was_promised_adds_up_over_phases(samples_seen: int, planned: dict[str, float]) -> None:
    assert planned_samples(course(), samples_seen) == planned


@pytest.mark.parametrize(
    ("before", "after", "every", "due"),
    [(0, 99, 100, False), (99, 100, 100, True), (100, 199, 100, False), (150, 420, 100, True), (0, 9, None, False)],
)
def test_what_is_done_at_intervals_is_due_where_a_multiple_is_reached_or_crossed(
    before: int, after: int, every: int | None, due: bool
) -> None:
    assert is_due(before, after, every) is due


def test_the_clock_tells_means_per_step_since_it_was_last_asked() -> None:
    clock = Clock(flops_per_token=10**9, gpus=2, gpu=None)
    clock.add(tokens=1000, seconds=2.0, wait_seconds=0.5)
    clock.add(tokens=3000, seconds=4.0, wait_seconds=0.0)
    assert clock.means() == {
        "tokens_per_s": 4000 / 6,
        "mfu": None,
        "step_seconds": 3.0,
        "data_wait_seconds": 0.25,
    }
    clock.add(tokens=500, seconds=1.0, wait_seconds=0.0)
    assert clock.means()["tokens_per_s"] == 500


def test_mfu_is_told_where_the_peak_of_the_hardware_is_known() -> None:
    clock = Clock(flops_per_token=94 * 10**9, gpus=8, gpu=GPUS["h100"])
    clock.add(tokens=8 * 4000, seconds=1.0, wait_seconds=0.0)
    assert clock.means()["mfu"] == pytest.approx(94e9 * 4000 / 989e12)
