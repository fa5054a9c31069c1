"""`datapipe status`: what it says of a run that goes on, has ended, or died."""

import dataclasses
import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console
from workshop import Workshop, many

from datapipe.observing.event_log import FILE, EventLog, read_records
from datapipe.observing.events import (
    Event,
    Incident,
    PassFinished,
    PassStarted,
    Pulse,
    Record,
    RunFailed,
    RunFinished,
    RunInterrupted,
    RunStarted,
    ShardFinished,
    ShardsReused,
    Warned,
    encode,
)
from datapipe.observing.run_log import finished_before
from datapipe.observing.status import read_status
from datapipe.observing.status_report import duration, print_status
from datapipe.observing.voice import Voice
from datapipe.output import RunError, locked

BEGIN = RunStarted("small", "0.1.0", "ray", "mill", 77, {"extract": "e1", "decide": "d1"}, {"extract": 3})
NOW = 1795352800.0  # 2026-11-22 13:06:40 UTC


def shard(number: int, seconds: float = 1.0, quarantined: int = 0, name: str = "extract") -> ShardFinished:
    """1,000,000 bytes of text made of 250 stored ones, 10 documents in and 5 out."""
    return ShardFinished(
        name, f"web-{number:06}-0000", seconds, 0.5, 100.0 + number, 10, 5, 1_000_000, 250, 500, quarantined
    )  # fmt: skip


def log(folder: Path, *told: tuple[float, Event], run: str = "a") -> str:
    """A log of these events at these seconds after 13:00, in a folder, whose path is given back."""
    folder.mkdir(exist_ok=True)
    lines = [
        encode(Record(run, f"2026-11-22T13:{int(at) // 60:02}:{int(at) % 60:02}.000Z", at, event)) for at, event in told
    ]
    with (folder / FILE).open("ab") as file:
        file.write(b"".join(lines))
    return str(folder)


def test_progress_speed_and_time_left_of_every_pass(tmp_path: Path) -> None:
    """1 of 4 MB was read before; 2 MB in 10 s are 0.2 MB/s; 750 of 1,000 stored bytes took 10 s, the rest takes 3.3."""
    reused = ShardsReused("extract", 1, 1, 10, 5, 1_000_000, 250, 500, {"web": 4})
    folder = log(
        tmp_path, (0, BEGIN), (10, PassStarted("extract", 4, 1000)), (11, reused), (15, shard(1)), (20, shard(2))
    )

    (extract,) = read_status(folder, NOW).passes
    assert (extract.tasks_done, extract.tasks, extract.shards, extract.reused_shards) == (3, 4, 3, 1)
    assert (extract.documents, extract.documents_out, extract.mb, extract.quarantined) == (30, 15, 3.0, 4)
    assert (extract.mb_per_second, extract.seconds, extract.is_over) == (0.2, 10.0, False)
    assert extract.seconds_left == pytest.approx(10 / 3)
    assert (extract.cpu_seconds, extract.peak_mb, extract.stored_mb) == (1.0, 102.0, 0.0015)


def test_a_pass_that_is_over_has_no_time_left(tmp_path: Path) -> None:
    folder = log(
        tmp_path, (0, BEGIN), (1, PassStarted("extract", 1, 0)), (3, shard(1)), (3, PassFinished("extract", 2.0)),
        (60, Pulse(5)),
    )  # fmt: skip

    (extract,) = read_status(folder, NOW).passes
    assert (extract.is_over, extract.seconds, extract.seconds_left) == (True, 2.0, None)


@pytest.mark.parametrize(
    ("end", "state", "error"),
    [
        (RunFinished(12, 3400), "finished", ""),
        (RunFailed("RunError", "too much in quarantine"), "failed", "too much in quarantine"),
        (RunFailed("KeyError", "'x'"), "failed", "KeyError: 'x'"),
        (RunInterrupted("SIGTERM"), "interrupted", "SIGTERM"),
    ],
)
def test_the_state_is_how_the_last_run_ended(end: Event, state: str, error: str, tmp_path: Path) -> None:
    folder = log(tmp_path, (0, BEGIN), (5, end))

    status = read_status(folder, NOW)
    assert (status.state, status.error) == (state, error)
    assert status.documents_kept == (12 if state == "finished" else None)


def test_only_the_last_run_counts(tmp_path: Path) -> None:
    log(tmp_path, (0, BEGIN), (1, PassStarted("extract", 9, 0)), (2, shard(1)), (3, RunFailed("RunError", "no")))
    folder = log(tmp_path, (60, dataclasses.replace(BEGIN, pid=78)), (61, PassStarted("extract", 2, 0)), run="b")

    status = read_status(folder, NOW)
    assert (status.state, status.error, status.owner) == ("died", "", "process 78 on mill")
    assert [(one.tasks, one.shards) for one in status.passes] == [(2, 0)]


def test_a_log_without_an_end_is_of_a_running_process_or_of_a_dead_one(tmp_path: Path) -> None:
    folder = log(tmp_path, (0, BEGIN), (1, PassStarted("extract", 2, 0)))

    died = read_status(folder, NOW)
    assert (died.state, died.silent_seconds, died.last_event) == ("died", 399.0, "2026-11-22T13:00:01.000Z")
    with locked(folder):
        running = read_status(folder, NOW)
        later = read_status(folder, NOW + 1e9)
        soon = read_status(folder, NOW - 390)
    assert (running.state, later.seconds, soon.seconds, soon.passes[0].seconds) == ("running", 301.0, 10.0, 9.0)
    assert running.owner.startswith(f"process {os.getpid()} on ")


def test_asking_for_the_owner_does_not_keep_anybody_out(tmp_path: Path) -> None:
    folder = log(tmp_path, (0, BEGIN))
    with locked(folder):
        pass
    read_status(folder)

    with locked(folder):
        pass


def test_the_slowest_shards_come_first(tmp_path: Path) -> None:
    folder = log(
        tmp_path, (0, BEGIN), (1, PassStarted("extract", 40, 0)), *((2, shard(n, seconds=n % 20)) for n in range(40))
    )

    slowest = read_status(folder).slowest
    assert [one.seconds for one in slowest] == [19, 19, 18, 18, 17, 17, 16, 16, 15, 15]


def test_incidents_and_warnings_are_told(tmp_path: Path) -> None:
    restart = Incident("extract", "restart", "web-000000", "extract_html", "web/1/2", "killed", "mill")
    folder = log(
        tmp_path, (0, BEGIN), (1, restart), (2, restart), (3, dataclasses.replace(restart, kind="verdict")),
        (4, Warned("mind the gap")),
    )  # fmt: skip

    status = read_status(folder)
    assert status.incident_counts == {"extract restart": 2, "extract verdict": 1}
    assert (status.incidents[0], len(status.incidents), status.warnings) == (restart, 3, ("mind the gap",))


def test_a_real_run_shows_its_quarantine_by_source_and_by_error(workshop: Workshop) -> None:
    workshop.write("left/a.tsv", [*many(20, 1), "?", "?", ("tale", "en", "BOOM")])
    workshop.write("right/b.tsv", many(30, 2))
    workshop.run("max_error_fraction=0.5")
    workshop.run("max_error_fraction=0.5")

    status = read_status(str(workshop.out))
    assert (status.state, status.recipe) == ("finished", "letters")
    assert status.finished_before["measure"] == 2
    assert status.quarantined == {"left": 3}
    assert [count for count, _ in status.errors] == [2, 1]
    assert status.errors[0][1].startswith("read: ")
    assert status.files_of_errors == 2
    assert json.loads(json.dumps(status.data()))["passes"][0]["name"] == "extract"


def test_the_terminal_says_the_same(workshop: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    workshop.write("left/a.tsv", [*many(20, 1), "?"])
    workshop.write("right/b.tsv", many(30, 2))
    workshop.run("max_error_fraction=0.5")

    print_status(str(workshop.out))
    said = capsys.readouterr().out
    assert f"{workshop.out}: finished after " in said
    assert "2/2" in said and "in quarantine: left 1" in said and "1 x read: " in said
    print_status(str(workshop.out), as_json=True)
    assert json.loads(capsys.readouterr().out)["state"] == "finished"


@pytest.mark.parametrize(
    ("number", "code", "state"),
    [(9, -9, "died"), (15, 143, "interrupted")],
)
def test_a_run_that_is_stopped_is_told_from_another_process(
    number: int, code: int, state: str, workshop: Workshop
) -> None:
    """The deciding pass of the run waits; there it gets a signal."""
    workshop.write("left/a.tsv", many(20, 1))
    workshop.write("right/b.tsv", many(20, 2))
    arguments = ["datapipe", "run", "recipe.yaml", "--executor", "inline", "--root", "."]
    waiting = (
        "import datapipe.passes.phases, sys, time; from datapipe.cli import main\n"
        f"datapipe.passes.phases.decide_shard = lambda task: time.sleep(300)\nsys.argv = {arguments!r}\nmain()"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen(
        [sys.executable, "-c", waiting], stderr=subprocess.DEVNULL, cwd=workshop.folder, env=environment
    )
    try:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and not _has_reached(workshop.out, "decide"):
            time.sleep(0.1)
        running = read_status(str(workshop.out))
        assert (running.state, running.owner.partition(" on ")[0]) == ("running", f"process {process.pid}")
        assert [one.is_over for one in running.passes] == [True, True, True, False]
    finally:
        process.send_signal(number)
        ended = process.wait(60)

    told = read_status(str(workshop.out))
    assert (ended, told.state) == (code, state)
    assert told.error == {9: "", 15: "SIGTERM"}[number]
    workshop.run()
    done = read_status(str(workshop.out))
    assert (done.state, done.finished_before["look"]) == ("finished", 2)


def _has_reached(out: Path, name: str) -> bool:
    events = [record.event for record in read_records(str(out))]
    return any(isinstance(one, PassStarted) and one.name == name for one in events)


def test_an_error_with_line_breaks_takes_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    verdict = Incident("extract", "verdict", "web-000001-0000", "extract_html", "web-1", "killed:\n  out of memory")
    folder = log(
        tmp_path, (0, BEGIN), (1, PassStarted("extract", 1, 0)), (2, verdict), (3, RunFailed("OSError", "a\nb"))
    )

    print_status(folder)
    lines = capsys.readouterr().out.splitlines()
    assert f"{folder}: failed after 3 s: OSError: a b" in lines
    assert "  web-000001-0000 verdict web-1: killed: out of memory" in lines


def test_a_pass_that_reads_no_text_has_no_speed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    moved = dataclasses.replace(shard(1, name="gather"), text_bytes=0)
    folder = log(tmp_path, (0, BEGIN), (1, PassStarted("gather", 1, 0)), (2, moved))

    print_status(folder)
    (line,) = (line for line in capsys.readouterr().out.splitlines() if line.strip().startswith("gather"))
    assert line.split() == ["gather", "1/1", "10", "50.0", "%", "1", "s"]


def test_a_run_that_has_just_begun_is_told(tmp_path: Path) -> None:
    with (
        locked(str(tmp_path)),
        pytest.raises(RunError, match=r"process \d+ on .* has just begun; nothing is logged yet"),
    ):
        read_status(str(tmp_path))


def test_what_a_run_has_to_say_is_said_and_noted(tmp_path: Path) -> None:
    printed = io.StringIO()
    voice = Voice(Console(file=printed, width=80))
    voice("too early [for a log]")
    with EventLog(str(tmp_path)) as log:
        log.add(BEGIN)
        voice.note_in(log)
        voice("waiting for resources")

    assert printed.getvalue() == "too early [for a log]\nwaiting for resources\n"
    assert read_status(str(tmp_path)).warnings == ("too early [for a log]", "waiting for resources")


def test_what_runs_before_have_finished_counts_under_the_same_fingerprint_only() -> None:
    def record(event: Event) -> Record:
        return Record("r", "t", 0.0, event)

    other = dataclasses.replace(BEGIN, fingerprints={"extract": "e1", "decide": "d0"})
    told = [record(one) for one in (other, shard(1), shard(2), shard(1, name="decide"), BEGIN, shard(3))]

    assert finished_before(told, BEGIN.fingerprints) == {"extract": 2}


def test_a_folder_without_a_log_is_told(workshop: Workshop, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="nothing: no event log: not the output folder of a run"):
        read_status(str(tmp_path / "nothing"))
    workshop.out.mkdir()
    (workshop.out / "plan.json").write_text('{"name": "letters"}')
    with pytest.raises(RunError, match="out: no event log: written by an older version"):
        read_status(str(workshop.out))


@pytest.mark.slow
def test_a_hundred_thousand_shards_are_read_in_seconds(tmp_path: Path) -> None:
    folder = log(
        tmp_path, (0, BEGIN), (1, PassStarted("extract", 100_000, 0)), *((2, shard(n)) for n in range(100_000))
    )

    start = time.process_time()
    assert read_status(folder).passes[0].shards == 100_000
    assert time.process_time() - start < 5


def test_durations_are_short_words() -> None:
    assert [duration(seconds) for seconds in (0.4, 59.4, 60, 3725, 90_000, 183_600)] == [
        "0 s", "59 s", "1 min 0 s", "1 h 2 min", "1 d 1 h", "2 d 3 h"
    ]  # fmt: skip
