"""The event log: what a run writes down, that it costs little, and that crashes and clocks do it no harm."""

import dataclasses
import itertools
import json
import os
import time
from pathlib import Path

import pytest
from workshop import Workshop, many

from datapipe.observing import event_log
from datapipe.observing.event_log import FILE, EventLog, last_record, read_records
from datapipe.observing.events import (
    KINDS,
    PassFinished,
    PassStarted,
    Record,
    RunFailed,
    RunFinished,
    RunInterrupted,
    RunStarted,
    ShardFinished,
    ShardsReused,
    Warned,
    decode,
    encode,
)
from datapipe.output import RunError

ROOT = Path(event_log.__file__).parents[1]
SHARD = ShardFinished("extract", "web-000000-0000", 1.5, 1.25, 300.0, 10, 8, 5000, 900, 2000, 1, node="here")


def events(folder: Path) -> list[object]:
    return [record.event for record in read_records(str(folder))]


def lines(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / FILE).read_text().splitlines()]


def small(workshop: Workshop) -> Workshop:
    workshop.write("left/a.tsv", [*many(20, 1), "?"])
    workshop.write("right/b.tsv", many(30, 2))
    return workshop


def test_an_event_becomes_one_line_and_comes_back() -> None:
    record = Record("r", "2026-11-22T13:04:40.123Z", 2.5, Warned("Füße\n\ud800"))

    line = encode(record)
    assert line == (
        b'{"event":"warned","run":"r","time":"2026-11-22T13:04:40.123Z","at":2.5,"message":"F\xc3\xbc\xc3\x9fe\\n?"}\n'
    )
    assert decode(line) == Record("r", "2026-11-22T13:04:40.123Z", 2.5, Warned("Füße\n?"))


@pytest.mark.parametrize("kind", KINDS.values())
def test_every_kind_of_event_survives_its_line(kind: type) -> None:
    some = {"str": "x", "int": 3, "float": 0.5, "dict[str, str]": {"a": "b"}, "dict[str, int]": {"a": 1}}
    values = [some[str(getattr(one.type, "__name__", one.type)).removesuffix(" | None")] if "dict" not in str(one.type)
              else some[str(one.type)] for one in dataclasses.fields(kind)]  # fmt: skip
    record = Record("r", "t", 0.0, kind(*values))

    assert decode(encode(record)) == record


def test_every_event_and_key_is_described() -> None:
    rows = {row.split("`")[1]: row for row in (ROOT / "EVENTS.md").read_text().splitlines() if row.startswith("| `")}

    missing = [
        (name, field.name)
        for name, kind in KINDS.items()
        for field in dataclasses.fields(kind)
        if f"`{field.name}`" not in rows.get(name, "")
    ]
    assert missing == []
    assert set(rows) - set(KINDS) == {"event", "run", "time", "at"}


def test_lines_of_other_versions_and_torn_lines_are_passed_over() -> None:
    head = b'"run":"r","time":"t","at":1,'
    assert decode(b'{"event":"warned",' + head + b'"message":"m","more":1}') == Record("r", "t", 1, Warned("m"))
    assert decode(b'{"event":"invented",' + head + b'"message":"m"}') is None
    assert decode(b'{"event":"warned",' + head + b'"text":"m"}') is None
    assert decode(b'{"event":"warned","run') is None
    assert decode(b"3") is None


def test_a_run_tells_its_passes_and_shards(workshop: Workshop) -> None:
    small(workshop).run("max_error_fraction=0.5", sample=1.0)

    found = events(workshop.folder / "out-sample-1")
    begin, end = found[0], found[-1]
    assert isinstance(begin, RunStarted) and isinstance(end, RunFinished)
    assert (begin.recipe, begin.executor, begin.pid, begin.sample) == ("letters", "inline", os.getpid(), 1.0)
    assert set(begin.fingerprints) == {"extract", "measure", "look", "decide", "gather", "pack"}
    started = [(one.name, one.tasks) for one in found if isinstance(one, PassStarted)]
    assert started[:5] == [("extract", 2), ("measure", 2), ("look", 2), ("decide", 2), ("gather", 2)]
    assert [one.name for one in found if isinstance(one, PassFinished)] == [name for name, _ in started]
    extract = [one for one in found if isinstance(one, ShardFinished) and one.name == "extract"]
    assert [(one.shard, one.rows_in, one.quarantined) for one in extract] == [
        ("left-000000-0000", 21, 1), ("right-000000-0000", 30, 0)
    ]  # fmt: skip
    assert all(one.node == os.uname().nodename and one.stored_bytes > 0 for one in extract)
    assert not any(isinstance(one, ShardsReused) for one in found)


def test_what_was_finished_before_is_told_in_one_event_per_pass(workshop: Workshop) -> None:
    small(workshop).run("max_error_fraction=0.5")
    workshop.run("max_error_fraction=0.5")

    found = list(read_records(str(workshop.out)))
    runs = list(dict.fromkeys(record.run for record in found))
    second = [record.event for record in found if record.run == runs[1]]
    assert len(runs) == 2
    assert isinstance(second[0], RunStarted)
    assert second[0].finished_before["extract"] == 2
    extract = next(one for one in second if isinstance(one, ShardsReused))
    assert (extract.name, extract.shards, extract.tasks, extract.rows_in) == ("extract", 2, 2, 51)
    assert extract.quarantined == {"left": 1}
    assert not any(isinstance(one, ShardFinished) for one in second)


def test_a_run_that_fails_says_why(workshop: Workshop) -> None:
    workshop.write("left/a.tsv", ["?", "?"])
    workshop.write("right/b.tsv", many(3, 2))

    with pytest.raises(RunError):
        workshop.run()
    end = events(workshop.out)[-1]
    assert isinstance(end, RunFailed)
    assert (end.kind, end.error.partition(" in quarantine")[0]) == (
        "RunError", "source 'left': 2 of 2 records are"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("error", "reason"), [(KeyboardInterrupt(), "SIGINT"), (SystemExit(143), "SIGTERM"), (SystemExit(), "SystemExit")]
)
def test_a_run_that_is_interrupted_says_by_what(error: BaseException, reason: str, tmp_path: Path) -> None:
    with pytest.raises(type(error)), EventLog(str(tmp_path)):
        raise error

    assert events(tmp_path) == [RunInterrupted(reason)]


def test_a_torn_line_of_a_killed_driver_costs_itself_only(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(encode(Record("a", "t", 0.0, Warned("first"))) + b'{"event":"warned","run":"a","ti')

    with EventLog(str(tmp_path)) as log:
        log.add(Warned("second"))

    assert events(tmp_path) == [Warned("first"), Warned("second")]
    last = last_record(str(tmp_path))
    assert last is not None and last.event == Warned("second")


def test_a_torn_line_at_the_end_does_not_hide_the_last_whole_one(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(encode(Record("a", "t", 0.0, Warned("first"))) + b'{"event":"warned","run":"a","ti')

    last = last_record(str(tmp_path))
    assert last is not None and last.event == Warned("first")
    assert last_record(str(tmp_path / "nothing")) is None


def test_a_clock_that_jumps_back_moves_no_duration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wall = iter([2e9, 1e9, 3e9])
    monkeypatch.setattr(time, "time", lambda: next(wall))
    with EventLog(str(tmp_path)) as log:
        for name in "abc":
            log.add(Warned(name))

    records = list(read_records(str(tmp_path)))
    assert [record.time[:4] for record in records] == ["2033", "2001", "2065"]
    assert all(before.at <= after.at < 60 for before, after in itertools.pairwise(records))


def test_events_reach_the_file_while_nothing_more_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_log, "FLUSH_SECONDS", 0.01)
    monkeypatch.setattr(event_log, "PULSE_SECONDS", 0.05)
    with EventLog(str(tmp_path)) as log:
        log.add(Warned("only one"))
        deadline = time.monotonic() + 10
        while len(events(tmp_path)) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        first, second = lines(tmp_path)[:2]

    assert first["message"] == "only one"
    assert second["event"] == "pulse" and int(str(second["disk_free_bytes"])) > 0


def test_a_storage_that_refuses_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """/dev/full says that the disk is full to every write."""
    with Path("/dev/full").open("wb", buffering=0) as full, EventLog(str(tmp_path)) as log:
        working = log._sink
        log._sink = full
        log.add(Warned("one"))
        log.flush()
        log.flush()
        log._sink = working

    assert events(tmp_path) == [Warned("one")]
    assert capsys.readouterr().err.count("the event log cannot be written, trying again") == 1


def test_an_event_costs_less_than_a_tenth_of_a_millisecond(tmp_path: Path) -> None:
    with EventLog(str(tmp_path)) as log:
        start = time.thread_time()
        for _ in range(5000):
            log.add(SHARD)
        each = (time.thread_time() - start) / 5000

    assert each < 1e-4
    assert len(events(tmp_path)) == 5000
