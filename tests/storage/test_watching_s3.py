"""Event log, status, runs and clean of a run whose output lies in an object store."""

import json
import os
from pathlib import Path

import pytest

from datapipe import run
from datapipe.housekeeping.clean import find_leftovers, remove
from datapipe.observing import event_log
from datapipe.observing.event_log import EventLog, last_record, read_records
from datapipe.observing.events import RunFinished, RunStarted, Warned
from datapipe.observing.runs import find_runs
from datapipe.observing.status import read_status
from datapipe.output import locked
from tests.run.workshop import Workshop, many
from tests.storage.conftest import Store

SAME = ("documents", "annotations", "decisions", "quarantine", "survivors", "shards", "validation")


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """The letters recipe over three local files."""
    one = Workshop.at(tmp_path)
    one.write("left/a.tsv", [*many(300, 1), "?"])
    one.write("left/b.tsv", many(300, 3))
    one.write("right/b.tsv", many(300, 2))
    return one


def run_into(store: Store, workshop: Workshop) -> str:
    return run(workshop.recipe(f"output='{store.uri('runs/out')}'", "max_error_fraction=0.5"))


def test_a_run_is_logged_in_parts_and_told_of_from_them(store: Store, workshop: Workshop) -> None:
    folder = run_into(store, workshop)

    parts = sorted(store.objects("runs/out/events/"))
    events = list(read_records(folder))
    assert parts[0] == f"runs/out/events/{events[0].run}-000000.jsonl"
    assert isinstance(events[0].event, RunStarted) and isinstance(events[-1].event, RunFinished)
    status = read_status(folder)
    assert (status.state, status.recipe, status.disk_free_bytes) == ("finished", "letters", None)
    assert status.quarantined == {"left": 1}
    assert [count for count, _ in status.errors] == [1]
    (found,) = find_runs(store.uri())
    assert (found.folder, found.recipe, found.state) == (store.uri("runs/out"), "letters", "finished")
    kinds = tuple(f"runs/out/{kind}/" for kind in SAME)
    assert found.stored_bytes == sum(size for key, size in store.objects().items() if key.startswith(kinds))
    assert find_leftovers(folder).categories == []


def test_a_run_that_is_on_is_told_by_its_lease(store: Store) -> None:
    folder = store.uri("out")
    begin = RunStarted("small", "0.1.0", "ray", "mill", 77, {}, {})
    with EventLog(folder) as log:
        log.add(begin)

    with locked(folder):
        running = read_status(folder)
    assert (running.state, running.owner.partition(" on ")[0]) == ("running", f"process {os.getpid()}")
    assert read_status(folder).state == "died"


def test_a_long_run_writes_a_part_now_and_then(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_log, "FLUSH_SECONDS", 0.02)
    monkeypatch.setattr(event_log, "PART_SECONDS", 0.05)
    folder = store.uri("out")
    with EventLog(folder) as log:
        for number in range(3):
            log.add(Warned(str(number)))
            while len(store.objects("out/events/")) <= number:
                pass

    assert [record.event for record in read_records(folder)] == [Warned("0"), Warned("1"), Warned("2")]
    assert sorted(store.objects("out/events/")) == [f"out/events/{log.run}-{number:06}.jsonl" for number in range(3)]


def test_runs_stand_in_the_order_of_the_stores_clock(store: Store) -> None:
    """A driver whose clock was years ahead does not stay the last one for ever."""
    for run_id, message in (("20651122T130440Z-aaaa", "first"), ("20261122T130440Z-bbbb", "second")):
        line = {"event": "warned", "run": run_id, "time": "2026-11-22T13:04:40.000Z", "at": 0.0, "message": message}
        store.put(f"out/events/{run_id}-000000.jsonl", json.dumps(line).encode() + b"\n")

    last = last_record(store.uri("out"))
    assert last is not None and last.event in (Warned("first"), Warned("second"))
    assert [record.run for record in read_records(store.uri("out"))][-1] == last.run


@pytest.mark.slow
def test_a_store_is_cleaned_of_what_earlier_runs_left(store: Store, workshop: Workshop) -> None:
    folder = run_into(store, workshop)
    (workshop.folder / "left/b.tsv").unlink()
    path = workshop.folder / "recipe.yaml"
    path.write_text(path.read_text().replace("name: look", "name: gaze"))
    run_into(store, workshop)
    store.put("runs/out/documents/notes.txt", b"mine")
    before = store.objects("runs/out/")

    left = find_leftovers(folder)
    names = {path for one in left.categories for path in one.files}
    assert names and all("/look" in path or "left-000001-" in path for path in names)
    assert left.foreign == ["documents/notes.txt"]
    remove(left)
    after = store.objects("runs/out/")
    assert {key.removeprefix("runs/out/") for key in before.keys() - after.keys()} >= names
    assert find_leftovers(folder).categories == []
    run_into(store, workshop)

    done = store.objects("runs/out/")
    kept = {key: size for key, size in after.items() if key.startswith(tuple(f"runs/out/{kind}/" for kind in SAME))}
    assert kept.items() <= done.items()
    extract = [one for one in read_status(folder).passes if one.name == "extract"]
    assert extract[0].reused_shards == extract[0].shards
