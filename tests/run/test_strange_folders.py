"""Output folders that somebody edited, an older version wrote, two runs want at once, or a clock has left behind."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from workshop import Workshop, many, redone, tree, written

ROOT = Path(__file__).parents[2]
RECEIPT = "measure/left-000000-0000.json"


@pytest.fixture
def finished(workshop: Workshop) -> Workshop:
    workshop.write("left/a.tsv", many(300, 1))
    workshop.write("right/b.tsv", many(100, 2))
    workshop.run()
    return workshop


def output(data: dict[str, Any], key: str, value: object) -> None:
    data["outputs"][0][key] = value


EDITS: dict[str, Callable[[dict[str, Any]], object]] = {
    "a word for a number": lambda data: data.update(rows_in="many"),
    "a fraction of a row": lambda data: data.update(rows_out=0.5),
    "null for seconds": lambda data: data.update(cpu_seconds=None),
    "a list for an object": lambda data: data.update(step_seconds=[1]),
    "an output without size": lambda data: output(data, "bytes", None),
    "another size": lambda data: output(data, "bytes", 10**30),
    "another file": lambda data: output(data, "path", "../../../../etc/passwd"),
    "a nest without end": lambda data: data.update(failed=json.loads("[" * 900 + "]" * 900)),
}


@pytest.mark.parametrize("edit", EDITS)
def test_a_receipt_edited_by_hand_is_made_again(finished: Workshop, edit: str) -> None:
    before, whole = written(finished.out), tree(finished.out)
    path = finished.out / "receipts" / RECEIPT
    data = json.loads(path.read_text())
    EDITS[edit](data)
    path.write_text(json.dumps(data))
    finished.run()

    assert redone(before, written(finished.out)) == {RECEIPT}
    assert tree(finished.out) == whole


@pytest.mark.parametrize("content", [b"[" * 200_000, b"\0" * 5_000_000], ids=["brackets", "zeros"])
def test_a_receipt_of_garbage_is_made_again(finished: Workshop, content: bytes) -> None:
    before, whole = written(finished.out), tree(finished.out)
    (finished.out / "receipts" / RECEIPT).write_bytes(content)
    finished.run()

    assert redone(before, written(finished.out)) == {RECEIPT}
    assert tree(finished.out) == whole


def test_a_folder_of_an_older_format_is_made_anew(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    workshop.write("left/a.tsv", many(300, 1))
    workshop.write("right/b.tsv", many(100, 2))
    workshop.run("output=expected")
    with monkeypatch.context() as patch:
        for name, module in list(sys.modules.items()):
            if name.startswith("datapipe.") and name != "datapipe.observing.events" and hasattr(module, "FORMAT"):
                patch.setattr(module, "FORMAT", 0)
        workshop.run()
    before = written(workshop.out)
    workshop.run()

    assert redone(before, written(workshop.out)) == set(before)
    assert tree(workshop.out) == tree(workshop.folder / "expected")


def test_a_clock_that_goes_back_changes_nothing(finished: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    before, whole = written(finished.out), tree(finished.out)
    now, started = time.time, time.time()
    monkeypatch.setattr(time, "time", lambda: now() - 10 * 365 * 86_400 - 100 * (now() - started))
    finished.run()

    assert redone(before, written(finished.out)) == set()
    finished.run("domains.english.rules.0.max=200")
    finished.run()
    assert tree(finished.out) == whole


def test_an_input_whose_date_goes_back_is_read_again(finished: Workshop) -> None:
    before, whole = written(finished.out), tree(finished.out)
    os.utime(finished.folder / "left/a.tsv", ns=(1, 1))
    finished.run()

    assert "extract/left-000000-0000.json" in redone(before, written(finished.out))
    assert tree(finished.out) == whole


def test_of_two_drivers_at_once_one_runs_and_one_says_who_does(workshop: Workshop) -> None:
    workshop.write("left/a.tsv", many(3_000, 1))
    workshop.write("right/b.tsv", many(1_000, 2))
    workshop.run("output=expected")
    command = [sys.executable, "-m", "datapipe.cli", "run", str(workshop.folder / "recipe.yaml"), "--root"]
    command += [str(workshop.folder), "--executor", "inline"]
    both = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in "ab"
    ]
    said = [process.communicate()[1] for process in both]
    codes = [process.returncode for process in both]

    assert tree(workshop.out) == tree(workshop.folder / "expected")
    assert 0 in codes
    for code, text in zip(codes, said, strict=True):
        if code != 0:  # unless it came when the other one had finished
            assert text.count("\n") == 1, text
            assert f"another run is writing {workshop.out}: process " in text
