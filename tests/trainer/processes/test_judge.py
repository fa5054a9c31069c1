"""Who is named, from what all processes have said: times are made up, and count in seconds."""

from trainer.processes.judge import Beat, Judge, Member

MEMBERS = [Member("a", 10), Member("a", 11), Member("b", 12)]


def judge(*beats: Beat, limit: float = 60, now: float = 0) -> Judge:
    """All have said something at `now`."""
    found = Judge(MEMBERS, limit, 0)
    for rank, beat in enumerate(beats):
        found.hear(rank, beat, now)
    return found


def go_on(found: Judge, beats: tuple[Beat, ...], until: int) -> None:
    """They say the same every second."""
    for now in range(until + 1):
        for rank, beat in enumerate(beats):
            found.hear(rank, beat, now)


def line(found: Judge, now: float) -> str | None:
    verdict = found.verdict(now)
    return None if verdict is None else verdict.line


def test_while_all_speak_and_move_there_is_nothing_to_say() -> None:
    found = Judge(MEMBERS, 60, 0)
    for now in range(0, 600, 30):
        for rank in range(3):
            found.hear(rank, Beat(position=now, step=1 + now // 30), now)
        assert found.verdict(now) is None


def test_one_that_is_not_heard_of_for_longer_than_the_limit_is_named() -> None:
    found = judge(Beat(5, 2, "computing"), Beat(4, 2, "computing"), Beat(5, 2, "computing"))
    for now in (30, 60, 61):
        found.hear(0, Beat(5, 2, "computing"), now)
        found.hear(1, Beat(4, 2, "computing"), now)
    assert line(found, 60) is None
    assert line(found, 61) == (
        "rank 2 on b (pid 12; at step 2, computing) was not heard of for 61 s (stopped, or its node is gone)"
    )


def test_of_those_that_stand_still_the_one_that_is_behind_is_named() -> None:
    beats = (Beat(91, 7, "computing"), Beat(90, 7, "computing"), Beat(91, 7, "computing"))
    found = judge(*beats)
    go_on(found, beats, 61)
    verdict = found.verdict(61)
    assert verdict is not None
    assert verdict.rank == 1
    assert verdict.line == (
        "rank 1 on a (pid 11; at step 7, computing) hangs: the others wait for it, and nothing has moved for 61 s"
    )


def test_others_that_move_before_they_wait_do_not_save_the_one_behind() -> None:
    found = judge(Beat(90), Beat(90), Beat(90))
    for now in range(61):
        found.hear(0, Beat(90 + min(now, 50)), now)
        found.hear(1, Beat(90), now)
        found.hear(2, Beat(90 + min(now, 50)), now)
    found.hear(1, Beat(90), 61)
    verdict = found.verdict(61)
    assert verdict is not None
    assert verdict.rank == 1


def test_where_all_stand_at_the_same_place_nobody_is_blamed_for_the_others() -> None:
    beats = (Beat(90, 7, "computing"),) * 3
    found = judge(*beats)
    go_on(found, beats, 61)
    assert line(found, 61) == (
        "rank 0 on a (pid 10; at step 7, computing) hangs, as do all 3 at the same place, for 61 s"
    )


def test_work_that_takes_as_long_as_it_takes_is_waited_for_and_silence_is_not() -> None:
    beats = (Beat(1, 0, "comparing", is_patient=True), Beat(2), Beat(2))
    found = judge(*beats)
    go_on(found, beats, 600)
    assert found.verdict(600) is None
    assert line(found, 661) is not None


def test_one_that_is_gone_without_a_word_is_named_at_once_and_the_first_verdict_stays() -> None:
    found = judge(Beat(5, 2, "computing"), Beat(5, 2, "computing"), Beat(5, 2, "computing"))
    found.lost(2)
    found.lost(1)
    found.fail(0, "no space left")
    assert line(found, 1) == ("rank 2 on b (pid 12; at step 2, computing) died (killed from outside, or out of memory)")


def test_one_that_has_left_in_order_is_missed_by_nobody() -> None:
    found = judge(Beat(5), Beat(5), Beat(5))
    for rank in range(3):
        found.leave(rank)
        found.lost(rank)
    assert found.verdict(1000) is None


def test_an_error_of_one_is_told_to_all() -> None:
    found = judge(Beat(5), Beat(5), Beat(5))
    found.fail(1, "books.bin: Input/output error")
    assert line(found, 0) == "rank 1 on a (pid 11; starting) failed: books.bin: Input/output error"


def test_a_lost_connection_is_the_fault_of_who_is_found_dead_within_seconds() -> None:
    found = judge(Beat(5), Beat(5), Beat(5))
    found.broken(1, "Connection reset by peer", 10)
    assert found.verdict(14) is None
    found.lost(2)
    assert (line(found, 14) or "").startswith("rank 2 ")


def test_or_else_of_who_has_lost_it() -> None:
    found = judge(Beat(5), Beat(5), Beat(5))
    found.broken(1, "Connection reset by peer", 10)
    assert line(found, 15.5) == (
        "rank 1 on a (pid 11; starting) lost its connection to others: Connection reset by peer"
    )
