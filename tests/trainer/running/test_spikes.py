import math

import pytest

from trainer.running.spikes import FIRST, HORIZON, Spike, Spikes, Usual


def after(values: list[float], usual: Usual | None = None) -> Usual:
    usual = usual or Usual()
    for value in values:
        usual = usual.after(value)
    return usual


def test_the_first_steps_make_plain_means() -> None:
    assert after([4.0]) == Usual(4.0, 0.0, 1)
    assert after([4.0, 2.0]) == Usual(3.0, 1.0, 2)  # 2 away from 4: half of that is the mean of 0 and 2
    assert after([4.0, 2.0, 6.0]) == Usual(4.0, 1 + (3 - 1) / 3, 3)


def test_then_a_step_moves_them_by_a_fiftieth() -> None:
    usual = Usual(mean=3.0, distance=0.1, steps=HORIZON)
    assert usual.after(3.2) == Usual(pytest.approx(3.004), pytest.approx(0.102), HORIZON + 1)  # type: ignore[arg-type]


def test_one_that_is_far_away_counts_as_three_distances() -> None:
    usual = Usual(mean=3.0, distance=0.1, steps=HORIZON)
    assert usual.after(9.0).mean == pytest.approx(3.0 + 0.3 / 50)
    assert usual.after(0.0).mean == pytest.approx(3.0 - 0.3 / 50)
    assert usual.after(9.0).distance == pytest.approx(0.1 + (0.3 - 0.1) / 50)


@pytest.mark.parametrize(("loss", "is_spike"), [(3.79, False), (3.81, True), (0.0, False)])
def test_more_than_eight_distances_above_the_mean_is_a_spike(loss: float, is_spike: bool) -> None:
    spikes = Spikes(loss=Usual(mean=3.0, distance=0.1, steps=FIRST))
    assert bool(spikes.found(loss, 1.0)) == is_spike


def test_before_anybody_knows_what_is_usual_nothing_is_one() -> None:
    assert Spikes(loss=Usual(mean=3.0, distance=0.1, steps=FIRST - 1)).found(9.0, 1.0) == []


def test_norms_are_compared_by_logarithm() -> None:
    spikes = Spikes(grad_norm=Usual(mean=math.log(2.0), distance=0.25, steps=FIRST))
    assert spikes.found(3.0, 2 * math.exp(1.99)) == []
    (spike,) = spikes.found(3.0, 2 * math.exp(2.01))
    assert spike == Spike("grad_norm", 2 * math.exp(2.01), pytest.approx(2.0), pytest.approx(8.04))  # type: ignore[arg-type]


def test_of_some_in_a_row_the_first_is_told() -> None:
    spikes = Spikes(loss=Usual(mean=3.0, distance=0.1, steps=FIRST))
    told = []
    for loss in (5.0, 5.0, 3.0, 5.0):
        told.append(len(spikes.found(loss, 1.0)))
        spikes = spikes.after(loss, 1.0)
    assert told == [1, 0, 0, 1]


def test_a_level_that_stays_is_usual_after_a_while() -> None:
    usual = after([5.0] * FIRST, Usual(mean=3.0, distance=0.01, steps=FIRST))
    assert usual.high_in_a_row == FIRST
    assert usual.after(5.0) == Usual(5.0, 0.0, 1)


def test_where_all_were_equal_anything_higher_is_one() -> None:
    assert Spikes(loss=after([3.0] * FIRST)).found(3.001, 1.0) == [Spike("loss", 3.001, 3.0, None)]
    assert Spikes(loss=after([3.0] * FIRST)).found(3.0, 1.0) == []
