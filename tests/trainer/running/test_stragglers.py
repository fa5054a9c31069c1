from trainer.running.stragglers import STEPS, Straggler, Stragglers, slowest


def test_the_slowest_of_all_stands_beside_the_median() -> None:
    assert slowest([0.5, 0.75, 0.25]) == {"rank": 1, "seconds": 0.75, "median": 0.5}
    assert slowest([0.5, 0.75]) == {"rank": 1, "seconds": 0.75, "median": 0.5}


def test_one_that_is_slow_over_fifty_steps_is_told() -> None:
    known = Stragglers()
    assert known.after(STEPS - 1, [1.0, 1.0, 2.0, 1.0]) == []
    assert known.after(1, [1.0, 1.0, 2.0, 1.0]) == [Straggler(2, 2.0, 1.0, STEPS)]


def test_one_slow_step_makes_no_straggler() -> None:
    known = Stragglers()
    assert known.after(1, [1.0, 10.0, 1.0]) == []  # (10 + 49) / 50 = 1.18
    assert known.after(STEPS - 1, [1.0, 1.0, 1.0]) == []


def test_it_is_told_once_until_it_was_as_fast_as_the_others() -> None:
    known = Stragglers()
    told = [bool(known.after(STEPS, [1.0, seconds])) for seconds in (2.0, 2.0, 1.29, 2.0)]
    assert told == [True, False, False, True]
