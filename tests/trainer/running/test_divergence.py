import math

from trainer.plan import Stop
from trainer.running.divergence import Tracked, divergence


def after(losses: list[float | None], stop: Stop) -> Tracked:
    """None stands for a step that was skipped."""
    tracked = Tracked()
    for loss in losses:
        tracked = tracked.after(math.nan if loss is None else loss, loss is None, stop)
    return tracked


def test_the_running_mean_moves_by_one_part_in_for_steps() -> None:
    stop = Stop(for_steps=4)
    assert after([8.0], stop) == Tracked(mean=8.0, lowest=8.0)
    assert after([8.0, 4.0], stop) == Tracked(mean=7.0, lowest=7.0)
    assert after([8.0, 4.0, 9.0], stop) == Tracked(mean=7.5, lowest=7.0)


def test_a_loss_far_above_the_lowest_mean_ends_the_run_when_it_stays_there() -> None:
    stop = Stop(loss_above=2.0, for_steps=3)
    assert divergence(after([4.0, 6.5, 6.5], stop), stop) is None
    why = divergence(after([4.0, 6.5, 6.5, 6.5], stop), stop)
    assert why == "the loss of 3 steps in a row was more than 2 above its lowest running mean, 4.000 (stop.loss_above)"


def test_one_good_step_begins_the_count_anew() -> None:
    stop = Stop(loss_above=2.0, for_steps=3)
    assert after([4.0, 6.5, 6.5, 5.9, 6.5], stop).above_in_a_row == 1


def test_exactly_so_far_above_is_not_above() -> None:
    stop = Stop(loss_above=2.0, for_steps=1)
    assert divergence(after([4.0, 6.0], stop), stop) is None
    assert divergence(after([4.0, 6.001], stop), stop) is not None


def test_no_loss_is_too_high_where_the_plan_says_null() -> None:
    stop = Stop(loss_above=None, for_steps=1)
    assert divergence(after([1.0, 1e9], stop), stop) is None


def test_skipped_steps_in_a_row_end_the_run() -> None:
    stop = Stop(skipped_steps=3)
    assert divergence(after([4.0, None, None], stop), stop) is None
    assert divergence(after([4.0, None, None, 4.0, None], stop), stop) is None
    assert divergence(after([4.0, None, None, None], stop), stop) == (
        "3 steps in a row had no finite gradient (stop.skipped_steps)"
    )


def test_a_skipped_step_changes_nothing_but_its_counts() -> None:
    stop = Stop(loss_above=2.0, for_steps=4)
    assert after([4.0, 8.0, None], stop) == Tracked(5.0, 4.0, 1, skipped_in_a_row=1, skipped=1)
    assert after([4.0, 8.0, None, 4.0, None], stop).skipped == 2


def test_steps_that_may_be_the_beginning_of_a_divergence_are_doubtful() -> None:
    stop = Stop(loss_above=2.0, for_steps=4)
    assert not after([4.0, 4.1], stop).is_doubtful
    assert after([4.0, 8.0], stop).is_doubtful
    assert after([4.0, None], stop).is_doubtful
