"""A file that was changed or deleted after the plan is never read for a shard named after the old one."""

import os
import time
from pathlib import Path

import pytest

from datapipe.files.versions import Version, check_version, open_version
from datapipe.inputs import find_groups
from tests.run.workshop import Workshop, many, tree
from tests.storage.conftest import Store


def version_of(path: Path) -> Version:
    return Version(path.stat().st_size, str(path.stat().st_mtime_ns))


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    made = Workshop.at(tmp_path)
    made.write("left/a.tsv", many(300, 1))
    made.write("right/a.tsv", many(50, 2))
    return made


def test_a_file_as_it_was_planned_opens(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    with open_version(str(path), version_of(path)) as stream:
        assert stream.read() == b"abc"
    check_version(str(path), version_of(path))


@pytest.mark.parametrize("change", ["grown", "touched", "gone", "pipe"])
def test_another_version_of_a_local_file_is_refused(tmp_path: Path, change: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    planned = version_of(path)
    if change == "grown":
        path.write_bytes(b"abcd")
    elif change == "touched":
        os.utime(path, ns=(1, 1))
    else:
        path.unlink()
    if change == "pipe":
        os.mkfifo(path)

    said = {"grown": "3 bytes then, 4 now", "touched": "written since", "gone": "gone since", "pipe": "no regular file"}
    for look in (open_version, check_version):
        with pytest.raises(OSError, match=said[change]) as error:
            look(str(path), planned)
        assert error.value.filename == str(path)
        assert error.value.strerror.endswith("run again")


@pytest.mark.parametrize("change", ["grown", "touched", "gone"])
def test_another_version_of_an_object_is_refused(store: Store, change: str) -> None:
    store.put("a", b"abc")
    written = store.s3.head_object(Bucket=store.bucket, Key="a")["LastModified"]
    planned = Version(3, str(int(written.timestamp() * 10**9)))
    with open_version(store.uri("a"), planned) as stream:
        assert stream.read() == b"abc"
    check_version(store.uri("a"), planned)
    if change == "grown":
        store.put("a", b"abcd")
    elif change == "touched":
        time.sleep(1.1)
        store.put("a", b"ABC")
    else:
        store.s3.delete_object(Bucket=store.bucket, Key="a")

    said = {"grown": "3 bytes then, 4 now", "touched": "written since", "gone": "gone since"}
    for look in (open_version, check_version):
        with pytest.raises(OSError, match=said[change]) as error:
            look(store.uri("a"), planned)
        assert error.value.filename == store.uri("a")


def changing(workshop: Workshop, monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """Append to an input file while its documents are being read."""
    from datapipe.passes import reading

    original = reading._documents  # the moment between two batches of a file

    def documents(*args: object) -> object:
        with path.open("ab") as file:
            file.write(b"tale\ten\tadded\n")
        return original(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(reading, "_documents", documents)


def test_a_file_written_while_it_is_read_stops_the_run_and_the_rerun_reads_it_whole(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workshop.write("left/a.tsv", many(6_000, 1, ("en",)))
    with monkeypatch.context() as patch, pytest.raises(OSError, match="changed since the plan was made") as error:
        changing(workshop, patch, path)
        workshop.run()
    assert error.value.filename == str(path)
    assert not list(workshop.out.glob("receipts/extract/left-*"))

    workshop.run()
    again = Workshop.at(tmp_path / "undisturbed")
    again.write("left/a.tsv", [])
    (again.folder / "left/a.tsv").write_bytes(path.read_bytes())
    again.write("right/a.tsv", many(50, 2))
    again.run()
    assert tree(workshop.out) == tree(again.out)


def test_a_file_deleted_between_plan_and_run_is_one_line_of_error(workshop: Workshop) -> None:
    (group,) = find_groups(workshop.recipe(), {})["left"]
    (workshop.folder / "left/a.tsv").unlink()
    with pytest.raises(FileNotFoundError, match="gone since the plan was made; run again"):
        group.files[0].opened().open()
