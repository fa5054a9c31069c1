"""Where the output of a run is, that one run writes it at a time, and what is left of runs that were killed."""

import errno
import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest
from workshop import Workshop, many

from datapipe.output import RunError, Trial, locked, output_folder, owner, read_plan, reading

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def no_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CORPUSMILL_ROOT", raising=False)


def test_a_relative_output_stands_under_the_root_or_the_current_folder(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert output_folder(workshop.recipe()) == f"{tmp_path}/out"
    assert output_folder(workshop.recipe(), "/elsewhere") == "/elsewhere/out"
    assert output_folder(workshop.recipe(), "there") == f"{tmp_path}/there/out"
    assert output_folder(workshop.recipe(), "s3://bucket/deep/") == "s3://bucket/deep/out"
    monkeypatch.setenv("CORPUSMILL_ROOT", "/shared")
    assert output_folder(workshop.recipe()) == "/shared/out"
    assert output_folder(workshop.recipe(), "/elsewhere") == "/elsewhere/out"


def test_an_absolute_output_and_a_uri_stand_for_themselves(workshop: Workshop) -> None:
    assert output_folder(workshop.recipe("output=/abs/out"), "/elsewhere") == "/abs/out"
    assert output_folder(workshop.recipe("output='s3://bucket/out/'"), "/elsewhere") == "s3://bucket/out"


def test_a_trial_has_a_folder_of_its_own(workshop: Workshop) -> None:
    def name(**trial: object) -> str:
        return output_folder(workshop.recipe(), "/r", Trial(**trial)).removeprefix("/r/")  # type: ignore[arg-type]

    assert name(sample=0.01) == "out-sample-0.01"
    assert name(max_shards=3) == "out-max-shards-3"
    assert name(sample=0.5, max_shards=1) == "out-sample-0.5-max-shards-1"
    assert name() == "out"


def test_an_output_that_would_be_lost_with_a_jobs_copy_is_refused(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "runtime_resources" / "working_dir_files" / "_ray_pkg_1"
    copy.mkdir(parents=True)
    monkeypatch.chdir(copy)

    with pytest.raises(
        RunError, match=r"'out' is relative and would be lost .* give --root FOLDER or set CORPUSMILL_ROOT"
    ):
        output_folder(workshop.recipe())
    assert output_folder(workshop.recipe(), "/elsewhere") == "/elsewhere/out"


def test_a_second_run_is_refused_and_told_who_writes(workshop: Workshop) -> None:
    workshop.write("left/a.tsv", many(50, 1))
    workshop.write("right/a.tsv", many(50, 2))
    with (
        locked(str(workshop.out)),
        pytest.raises(RunError, match=f"another run is writing .*/out: process {os.getpid()} on"),
    ):
        workshop.run()
    workshop.run()


def test_readers_share_a_folder_and_each_takes_back_its_own_note(tmp_path: Path) -> None:
    with locked(str(tmp_path)):
        pass
    script = (
        "import sys; from datapipe.output import reading\n"
        "with reading(sys.argv[1]):\n    print(flush=True); sys.stdin.read()"
    )
    with (
        reading(str(tmp_path)),
        subprocess.Popen([sys.executable, "-c", script, tmp_path], cwd=ROOT, stdin=-1, stdout=-1) as other,
    ):
        assert other.stdout is not None
        other.stdout.readline()
        both = f"being read, so no run may write it: process {os.getpid()} on .*, process {other.pid} on "
        with pytest.raises(RunError, match=both), locked(str(tmp_path)):
            pass
        assert owner(str(tmp_path)) is None, "nobody writes"
        other.communicate()
        with pytest.raises(RunError, match=f"write it: process {os.getpid()} on [^,]*$"), locked(str(tmp_path)):
            pass
    with locked(str(tmp_path)), pytest.raises(RunError, match="another run is writing"), reading(str(tmp_path)):
        pass


def test_a_run_that_fails_lets_go_of_the_lock(workshop: Workshop) -> None:
    with pytest.raises(KeyError), locked(str(workshop.out)):
        raise KeyError
    with locked(str(workshop.out)):
        pass


def test_a_killed_process_lets_go_of_the_lock_and_its_temporary_files_go(workshop: Workshop) -> None:
    killed = (
        "import os, signal, sys; from datapipe import storage; from datapipe.output import locked\n"
        "with locked(sys.argv[1]), storage.open_writing(sys.argv[1] + '/documents/a.parquet') as sink:\n"
        "    sink.write(b'half'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", killed, str(workshop.out)], cwd=ROOT, check=False)
    assert done.returncode < 0
    assert len(list(workshop.out.rglob(".*.tmp"))) == 1
    with locked(str(workshop.out)):
        assert list(workshop.out.rglob(".*.tmp")) == []


def test_what_killed_workers_left_goes_with_the_end_of_the_run(tmp_path: Path) -> None:
    with pytest.raises(KeyError), locked(str(tmp_path)):
        (tmp_path / ".a.0123.tmp").touch()
        raise KeyError

    assert list(tmp_path.rglob(".*.tmp")) == []


def test_a_file_system_without_locks_is_served_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And then nothing is cleaned up: another run may be writing."""

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(fcntl, "flock", refuse)
    (tmp_path / ".a.0123.tmp").touch()
    with locked(str(tmp_path)):
        (tmp_path / ".b.4567.tmp").touch()

    assert {path.name for path in tmp_path.glob(".*.tmp")} == {".a.0123.tmp", ".b.4567.tmp"}


def test_a_folder_that_cannot_be_written_is_an_error_of_storage(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(OSError), locked(str(tmp_path / "file" / "out")):
        pass


def test_a_folder_without_a_plan_has_an_empty_one(tmp_path: Path) -> None:
    assert read_plan(str(tmp_path)) == {}


@pytest.mark.parametrize("content", ["", "{", "7", "[1]", '{"name": "let'])
def test_a_damaged_plan_is_one_line_of_error(workshop: Workshop, content: str) -> None:
    workshop.write("left/a.tsv", many(50, 1))
    workshop.write("right/a.tsv", many(50, 2))
    workshop.out.mkdir()
    (workshop.out / "plan.json").write_text(content)

    with pytest.raises(RunError, match=r"out/plan\.json is damaged: .* delete it if that is all right$"):
        workshop.run()
