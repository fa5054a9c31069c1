"""Records that crash, hang or take all memory are found and set apart; all others come out as if they had not been."""

import os
import shutil
import signal
import time
from collections.abc import Callable
from functools import partial
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psutil
import pytest
from workshop import Workshop, many, rows, tree

from datapipe.executors import RayExecutor, Resources
from datapipe.isolation import watching
from datapipe.isolation.supervision import begin_task
from datapipe.isolation.watching import AT_READ, AT_ROW, AT_STEP, Death, Fork, Note, watch
from datapipe.output import RunError

TOUCHY = (
    "imports=[own.py, touchy.py]",
    "passes.measure.steps=[letters, touchy]",
    "passes.measure.memory_bytes=500_000_000",
    "max_error_fraction=0.5",
)
QUICKLY = "passes.measure.record_cpu_seconds=0.4"
TELLING = "passes.measure.steps=[letters, {touchy: {tells_rows: true}}]"
READER = ("sources.0.reader=touchy_lines", "passes.extract.record_cpu_seconds=0.2")
PREFIX = "left/6fee1cee2777d9ab/"
"""Of the ids of left/a.tsv."""
ENDINGS = {
    "SEGFAULT": "crashed: signal 11 (SIGSEGV)",
    "EXIT": "crashed: exited with code 3",
    "MEMORY": "needed more than 0.5 GiB",
    "LOOP": "took more than 0.4 s of CPU",
    "REGEX": "took more than 0.4 s of CPU",
    "KERNEL": "took more than 0.4 s of CPU",
    "RAISE": "ValueError: raised",
}


def lines(*marks: str) -> list[tuple[str, str, str]]:
    """Forty documents, and among them, as the 4th, 9th, 14th, ... one for each mark."""
    found = many(40, 7, ("en", "de"))
    for number, mark in enumerate(marks):
        found.insert(3 + 5 * number, ("tale", "en", mark))
    return found


def without(found: list[dict[str, Any]], numbers: list[int]) -> list[dict[str, Any]]:
    """The rows of the other documents."""
    return [row for number, row in enumerate(found) if number not in numbers]


def assert_set_apart(workshop: Workshop, *marks: str, setting: tuple[str, ...] = ()) -> None:
    """Run over records with these marks on Ray: they are quarantined, nothing else differs from a run without marks."""
    workshop.write("right/b.tsv", many(20, 3))
    workshop.write("left/a.tsv", lines(*["calm"] * len(marks)))
    workshop.run(*TOUCHY, "output=calm")
    workshop.write("left/a.tsv", lines(*marks))
    workshop.run(*TOUCHY, *setting, executor="ray")

    numbers = [3 + 5 * number for number in range(len(marks))]
    found = [(row["id"], row["step"], row["error"]) for row in rows(workshop.out, "quarantine/*/*.parquet")]
    expected = zip(numbers, marks, strict=True)
    assert found == [(f"{PREFIX}{number:010}", "touchy", ENDINGS[mark]) for number, mark in expected]
    for kind in ("documents/extract", "annotations/measure", "annotations/look"):
        ours, theirs = (rows(workshop.folder / name, f"{kind}/left-*.parquet") for name in ("out", "calm"))
        assert without(ours, numbers) == without(theirs, numbers)
        assert rows(workshop.out, f"{kind}/right-*.parquet") == rows(
            workshop.folder / "calm", f"{kind}/right-*.parquet"
        )
    dropped = [row["id"] for row in rows(workshop.out, "decisions/*/*.parquet") if row["drop_reason"] == "quarantined"]
    assert dropped == [f"{PREFIX}{number:010}" for number in numbers]


def forget(workshop: Workshop) -> None:
    """Delete what was made, but not what is known."""
    for name in ("receipts", "annotations", "quarantine", "documents"):
        shutil.rmtree(workshop.out / name, ignore_errors=True)


def test_records_that_end_their_process_are_set_apart_for_ever(workshop: Workshop, ray_cluster: None) -> None:
    assert_set_apart(workshop, "SEGFAULT", "EXIT", "RAISE", "MEMORY")
    whole = tree(workshop.out)

    for executor in ("ray", "inline"):  # which would not survive them
        forget(workshop)
        assert "begun anew" not in workshop.run(*TOUCHY, executor=executor)
        assert tree(workshop.out) == whole


def test_a_record_that_hangs_is_known_at_once_where_the_stage_tells_its_rows(
    workshop: Workshop, ray_cluster: None
) -> None:
    assert_set_apart(workshop, "LOOP", setting=(TELLING, QUICKLY))


@pytest.mark.slow
@pytest.mark.parametrize("mark", ["LOOP", "REGEX", "KERNEL"])
def test_a_record_that_hangs_is_found_by_taking_its_batch_apart(
    workshop: Workshop, ray_cluster: None, mark: str
) -> None:
    assert_set_apart(workshop, mark, setting=(QUICKLY,))


@pytest.mark.slow
@pytest.mark.parametrize("mark", ["SEGFAULT", "REGEX", "KERNEL"])
def test_many_such_records_are_found_where_the_stage_tells_its_rows(
    workshop: Workshop, ray_cluster: None, mark: str
) -> None:
    assert_set_apart(workshop, *[mark] * 4, setting=(TELLING, QUICKLY))


def test_a_changed_record_is_tried_again(workshop: Workshop, ray_cluster: None) -> None:
    assert_set_apart(workshop, "SEGFAULT")
    workshop.write("left/a.tsv", lines("calmed down"))
    workshop.run(*TOUCHY, executor="ray")

    assert rows(workshop.out, "quarantine/*/*.parquet") == []


def test_a_process_killed_from_outside_says_nothing_against_the_record(workshop: Workshop, ray_cluster: None) -> None:
    workshop.write("right/b.tsv", many(20, 3))
    workshop.write("left/a.tsv", lines(f"KILLED {workshop.folder}/mark"))
    printed = workshop.run(*TOUCHY, executor="ray")
    whole = tree(workshop.out)

    assert "crashed: signal 9 (SIGKILL); begun anew" in printed
    assert not (workshop.out / "verdicts").exists()
    forget(workshop)
    workshop.run(*TOUCHY)
    assert tree(workshop.out) == whole


def test_a_record_that_is_always_killed_is_set_apart_at_last(workshop: Workshop, ray_cluster: None) -> None:
    workshop.write("right/b.tsv", many(20, 3))
    workshop.write("left/a.tsv", lines("KILLED "))
    workshop.run(*TOUCHY, executor="ray")

    assert [(row["id"][-2:], row["error"]) for row in rows(workshop.out, "quarantine/*/*.parquet")] == [
        ("03", "crashed: signal 9 (SIGKILL)")
    ]


def read_with(workshop: Workshop, mark: str, executor: str) -> None:
    """Three files read together; in the middle one the 5th line has the mark, which its reader does not survive."""
    workshop.write("right/b.tsv", many(20, 3))
    for name in "abc":
        found = many(7, ord(name), ("en",))
        if name == "b":
            found[4] = ("tale", "en", mark)
        workshop.write(f"left/{name}.tsv", found)
    workshop.run(*TOUCHY, *READER, executor=executor)


def assert_rest_is_quarantined(workshop: Workshop, error: str) -> None:
    """The 1st delivery of the middle file and both other files came through."""
    (row,) = rows(workshop.out, "quarantine/*.parquet")
    first = sum(len("\t".join(line)) + 1 for line in many(7, ord("b"), ("en",))[:3])
    assert row == {
        "id": None, "file": "b.tsv", "offset": first, "step": "read",
        "error": f"{error}; what follows in the file is not read",
    }  # fmt: skip
    found = [row["id"][-2:] for row in rows(workshop.out, "documents/extract/left-*.parquet")]
    assert found == [f"{number:02}" for number in [*range(7), *range(3), *range(7)]]


@pytest.mark.parametrize("executor", ["inline", "ray"])
def test_a_reader_that_raises_ends_its_file_and_not_the_run(
    workshop: Workshop, ray_cluster: None, executor: str
) -> None:
    read_with(workshop, "RAISE", executor)

    assert_rest_is_quarantined(workshop, "ValueError: raised")


@pytest.mark.parametrize(
    ("mark", "error"),
    [
        ("SEGFAULT", "crashed: signal 11 (SIGSEGV)"),
        pytest.param("EXIT", "crashed: exited with code 3", marks=pytest.mark.slow),
        pytest.param("REGEX", "took more than 0.8 s of CPU", marks=pytest.mark.slow),
        pytest.param("KILLED", "crashed: signal 9 (SIGKILL)", marks=pytest.mark.slow),
    ],
)
def test_a_reader_that_ends_its_process_ends_its_file_and_not_the_run(
    workshop: Workshop, ray_cluster: None, mark: str, error: str
) -> None:
    read_with(workshop, mark, "ray")
    assert_rest_is_quarantined(workshop, error)
    whole = tree(workshop.out)

    for executor in ("ray", "inline"):
        forget(workshop)
        assert "begun anew" not in workshop.run(*TOUCHY, *READER, executor=executor)
        assert tree(workshop.out) == whole


def test_a_task_that_dies_without_a_record_to_blame_ends_the_run_with_a_line(ray_cluster: None) -> None:
    with pytest.raises(
        RunError,
        match=r"^task unknown died 3 times without a record to blame, the last time on node \S+, at no step: "
        r"crashed: signal 6 \(SIGABRT\), peak memory \d\.\d GiB$",
    ):
        list(RayExecutor().map(lambda _: os.abort(), [1], Resources(memory_bytes=64 << 20)))


def test_a_killed_child_is_replaced(ray_cluster: None, tmp_path: Path) -> None:
    def killed_once(n: int) -> int:
        if not (tmp_path / "killed").exists():
            (tmp_path / "killed").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return n

    executor = RayExecutor()
    assert list(executor.map(killed_once, [7], Resources(memory_bytes=64 << 20))) == [7]
    assert [one.error for one in executor.incidents] == ["crashed: signal 9 (SIGKILL)"]


def test_a_task_whose_worker_is_killed_is_a_retry_that_is_told(ray_cluster: None, tmp_path: Path) -> None:
    def orphaned_once(n: int) -> int:
        begin_task("extract", "web-000000-0000")
        if not (tmp_path / "killed").exists():
            (tmp_path / "killed").touch()
            os.kill(os.getppid(), signal.SIGKILL)
            time.sleep(60)
        return n

    executor = RayExecutor()
    assert list(executor.map(orphaned_once, [7], Resources(memory_bytes=64 << 20))) == [7]
    assert [(one.kind, one.task, one.error) for one in executor.incidents] == [
        ("retry", "extract web-000000-0000", "its worker or node died: attempt 2")
    ]  # fmt: skip


def test_the_child_of_a_killed_worker_dies_with_it(ray_cluster: None, tmp_path: Path) -> None:
    def orphaned_once(folder: Path) -> int:
        if not (folder / "child").exists():
            (folder / "child").write_text(str(os.getpid()))
            os.kill(os.getppid(), signal.SIGKILL)
            time.sleep(600)
        return int((folder / "child").read_text())

    (child,) = RayExecutor().map(orphaned_once, [tmp_path], Resources(memory_bytes=64 << 20))
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE


def watched(work: Callable[[Connection, Note], None]) -> bytes | Death:
    """What watching a process that does `work` comes to."""
    ours, theirs = Pipe()
    note = Note.new()
    process = Fork(lambda: work(theirs, note))
    theirs.close()
    return watch(ours, process, note, 0)


def test_a_step_that_only_waits_is_found_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "STILL_SECONDS", 0.3)

    def wait(_: Connection, note: Note, kind: bytes) -> None:
        note.write(kind, 30.0, "step", "id")
        time.sleep(1)
        os._exit(7)

    waiting = watched(partial(wait, kind=AT_STEP))
    assert isinstance(waiting, Death)
    assert (waiting.kind, waiting.error, waiting.entry.what) == ("cpu", "stood still for 0.3 s", "id")
    reading = watched(partial(wait, kind=AT_READ))
    assert isinstance(reading, Death)
    assert reading.error == "crashed: exited with code 7"


def test_a_watched_process_gives_its_message() -> None:
    assert watched(lambda connection, _: connection.send_bytes(b"message")) == b"message"


def test_a_note_outlives_its_writer() -> None:
    def die(_: Connection, note: Note) -> None:
        note.begin("extract left-000000-0000")
        note.write(AT_ROW, 30.0, "extract_html", "é" * 2000)
        os.kill(os.getpid(), signal.SIGSYS)

    death = watched(die)
    assert isinstance(death, Death)
    assert (death.kind, death.error) == ("crashed", "crashed: signal 31 (SIGSYS)")
    assert death.entry[2:] == (AT_ROW, "extract left-000000-0000", "extract_html", "é" * 1000)


PAGES = """name: pages
output: out
sources:
  - {name: web, reader: html_tree, paths: [pages]}
passes:
  - name: extract
    steps: [extract_html: {}]
    record_cpu_seconds: 1
domains:
  - {name: all, weight: 1.0}
max_error_fraction: 0.5
holdout: {fraction: 0, min_documents: 0}
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "is_borne"),
    [
        ("<p " + " ".join(f"a{number}=1" for number in range(100_000)) + ">text</p>", False),
        ("<div>" * 50_000 + "text", True),
    ],
    ids=["100,000 attributes", "50,000 nested div"],
)
def test_a_page_that_keeps_the_parser_busy_is_set_apart(
    tmp_path: Path, ray_cluster: None, page: str, is_borne: bool
) -> None:
    (tmp_path / "recipe.yaml").write_text(PAGES)
    (tmp_path / "pages").mkdir()
    for name in "abcde":
        text = page if name == "c" else f"<html><body><p>Page {name}, a paragraph of some length.</p></body></html>"
        (tmp_path / "pages" / f"{name}.html").write_text(text)
    workshop = Workshop(tmp_path)
    workshop.run(executor="ray")

    errors = [(row["id"][-13:], row["error"]) for row in rows(workshop.out, "quarantine/*.parquet")]
    assert [error for _, error in errors] == ([] if is_borne else ["took more than 1 s of CPU"])
    assert len(rows(workshop.out, "documents/extract/*.parquet")) == (5 if is_borne else 4)
