"""What a pass says while it runs and when it is over."""

import io
import time

import pytest
from rich.console import Console

from datapipe.observing import progress
from datapipe.observing.progress import PassProgress
from datapipe.receipts import Receipt


def receipt(rows_in: int, rows_out: int, bytes_in: int, reused: bool = False) -> Receipt:
    return Receipt("extract", "s", "f", "i", rows_in=rows_in, rows_out=rows_out, bytes_in=bytes_in, reused=reused)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, to be moved by the test."""
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_a_line_tells_tasks_documents_bytes_speed_share_and_time_left(clock: list[float]) -> None:
    """4 MB in 2 seconds; 25 of 100 bytes of input took 2 seconds, so the other 75 take 6."""
    one = PassProgress("extract", 100, 3, Console(file=io.StringIO()))
    clock[0] += 2
    one.add(receipt(1200, 300, 4_000_000), 25)

    assert one.line() == "1/3 tasks, 1,200 documents, 4.0 MB, 2.0 MB/s, 25.0 % kept, 6 s left"
    assert one.line(is_over=True) == "1/3 tasks, 1,200 documents, 4.0 MB, 2.0 MB/s, 25.0 % kept, 2.0 s"


def test_what_was_finished_before_is_told_and_adds_no_speed(clock: list[float]) -> None:
    one = PassProgress("extract", 0, 2, Console(file=io.StringIO()))
    clock[0] += 1
    one.add(receipt(10, 10, 5_000_000, reused=True), 0)
    one.add(receipt(10, 10, 1_000_000), 0)

    assert one.line() == ("2/2 tasks, 20 documents, 6.0 MB, 1.0 MB/s, 100.0 % kept, 1 shard was finished before, 1.0 s")


def test_a_pass_that_reads_no_text_has_no_megabytes(clock: list[float]) -> None:
    one = PassProgress("duplicates.reduce", 0, 4, Console(file=io.StringIO()))
    clock[0] += 3
    for _ in range(2):
        one.add(receipt(50, 40, 0, reused=True), 0)

    assert one.line(is_over=True) == "2/4 tasks, 100 documents, 80.0 % kept, 2 shards were finished before, 3.0 s"


def test_the_phases_of_a_round_tell_records(clock: list[float]) -> None:
    """One record in may make fourteen: nothing of it is kept or dropped."""
    one = PassProgress("duplicates.near.bands", 0, 1, Console(file=io.StringIO()))
    clock[0] += 1
    one.add(receipt(10, 140, 0), 0)

    assert one.line(is_over=True) == "1/1 tasks, 10 records in, 140 out, 1.0 s"


def test_without_bytes_the_time_left_follows_from_tasks(clock: list[float]) -> None:
    one = PassProgress("decide", 0, 4, Console(file=io.StringIO()))
    clock[0] += 3
    one.add(receipt(1, 1, 0), 0)

    assert one.line().endswith(", 9 s left")


def test_nothing_read_is_not_a_share_of_anything(clock: list[float]) -> None:
    assert "nothing yet" in PassProgress("extract", 0, 0, Console(file=io.StringIO())).line()


def test_further_shards_of_a_task_are_no_further_tasks(clock: list[float]) -> None:
    one = PassProgress("extract", 0, 1, Console(file=io.StringIO()))
    one.add(receipt(1, 1, 0), 0)
    one.add(receipt(1, 1, 0), 0, tasks=0)

    assert one.line().startswith("1/1 tasks, 2 documents")


def test_a_log_gets_a_line_now_and_then_even_while_nothing_finishes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "LOG_SECONDS", 0.05)
    printed = io.StringIO()
    with PassProgress("extract", 0, 9, Console(file=printed, width=200)) as one:
        until = time.monotonic() + 10
        while printed.getvalue().count("\n") < 2 and time.monotonic() < until:
            time.sleep(0.01)
        one.add(receipt(1, 1, 0), 0)

    lines = printed.getvalue().splitlines()
    assert lines[0].startswith("extract: 0/9 tasks, 0 documents")
    assert lines[1].startswith("extract: 0/9 tasks")
    assert lines[-1].startswith("extract: 1/9 tasks, 1 documents")


def test_a_pass_that_fails_says_nothing_of_its_end(clock: list[float]) -> None:
    printed = io.StringIO()
    with pytest.raises(KeyError), PassProgress("extract", 0, 1, Console(file=printed)):
        raise KeyError

    assert printed.getvalue() == ""


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "LOG_SECONDS", 0.0)
    printed = io.StringIO()
    with PassProgress("extract", 0, 2, Console(file=printed, force_terminal=True, width=120)) as one:
        one.add(receipt(1, 1, 0), 0)

    assert "━" in printed.getvalue()
    assert "1/2 tasks, 1 documents" in printed.getvalue()
