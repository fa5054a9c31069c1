"""`datapipe runs`: finds runs without walking into them."""

import json
import os
from pathlib import Path

import pytest
from workshop import Workshop, many

from datapipe.observing.runs import find_runs
from datapipe.observing.runs_report import print_runs
from datapipe.observing.status import read_status
from datapipe.output import RunError, locked


@pytest.fixture
def several(workshop: Workshop) -> Workshop:
    """A finished run, a trial of it in a folder beside, and one that failed, deeper."""
    workshop.write("left/a.tsv", many(20, 1))
    workshop.write("right/b.tsv", many(20, 2))
    workshop.run()
    workshop.run(max_shards=1, sample=0.5)
    workshop.write("left/a.tsv", ["?"])
    with pytest.raises(RunError):
        workshop.run("output=deep/er")
    return workshop


def test_every_run_below_a_folder_is_found(several: Workshop) -> None:
    found = {Path(one.folder).relative_to(several.folder).as_posix(): one for one in find_runs(str(several.folder))}

    assert list(found) == ["deep/er", "out", "out-sample-0.5-max-shards-1"]
    out, trial, failed = found["out"], found["out-sample-0.5-max-shards-1"], found["deep/er"]
    assert (out.recipe, out.state, out.owner, out.sample) == ("letters", "finished", "", None)
    kept = json.loads((several.out / "run.json").read_text())
    documents = [unit["documents"] for d in kept["kept"].values() for unit in d.values()]
    assert out.documents == sum(documents) == read_status(out.folder).documents_kept
    kinds = ("documents", "annotations", "decisions", "survivors", "shards", "validation")
    stored = [path.stat().st_size for kind in kinds for path in (several.out / kind).rglob("*.parquet")]
    assert out.stored_bytes == sum(stored)
    assert (trial.state, trial.sample, trial.max_shards) == ("finished", 0.5, 1)
    assert (failed.state, failed.documents) == ("failed", None)


def test_a_run_is_found_by_its_own_folder_and_not_looked_into(several: Workshop) -> None:
    (several.out / "documents/plan.json").write_text("{}")

    assert [one.folder for one in find_runs(str(several.out))] == [str(several.out)]


def test_the_owner_of_a_run_that_is_on_is_shown(several: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    with locked(str(several.out)):
        print_runs(str(several.folder), as_json=True)
    told = {Path(one["folder"]).name: one for one in json.loads(capsys.readouterr().out)}

    assert told["out"]["owner"].startswith(f"process {os.getpid()} on ")
    assert told["er"]["owner"] == ""


def test_the_terminal_lists_them(
    several: Workshop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "150")
    print_runs(str(several.folder))

    said = capsys.readouterr().out
    assert "finished, sample 0.5, 1 groups per source" in said
    assert "deep/er" in said and "failed" in said


def test_a_folder_without_runs_is_told(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no run at or below it"):
        print_runs(str(tmp_path))
