"""A disk that fills up: the run stops before, or fails in one line, and goes on where it stopped when there is room."""

import contextlib
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from workshop import Workshop, many, redone, tree, written

from datapipe.housekeeping import disk
from datapipe.housekeeping.clean import find_leftovers, remove
from datapipe.housekeeping.disk import DiskGuard, free_bytes
from datapipe.observing.status import read_status
from datapipe.output import RunError
from datapipe.receipts import Receipt
from datapipe.storage import Output

EVERYTHING = 2**62


def receipt(size: int, reused: bool = False) -> Receipt:
    return Receipt("extract", "s", "f", "i", outputs=(Output("documents/a", size, ""),), reused=reused)


def test_the_room_on_a_disk_is_what_the_system_says(tmp_path: Path) -> None:
    free = free_bytes(str(tmp_path / "not" / "there" / "yet"))

    assert free is not None and abs(free - shutil.disk_usage(tmp_path).free) < 1 << 30
    assert free_bytes("s3://bucket/out") is None


def test_a_run_stops_when_less_than_the_reserve_is_free(tmp_path: Path) -> None:
    DiskGuard(str(tmp_path), 1, 1).check()
    with pytest.raises(RunError, match=r"the disk is nearly full: [\d,]+ bytes are free, .* are kept in reserve"):
        DiskGuard(str(tmp_path), EVERYTHING, 1).check()


def test_no_reserve_means_that_nobody_looks(tmp_path: Path) -> None:
    guard = DiskGuard(str(tmp_path), 0, 8)
    guard.add(receipt(EVERYTHING))
    guard.check()


def test_what_running_tasks_may_write_is_kept_free(tmp_path: Path) -> None:
    """Eight tasks that write as much as the largest so far; what earlier runs wrote says nothing of this one's."""
    guard = DiskGuard(str(tmp_path), 1, 8)
    guard.add(receipt(EVERYTHING, reused=True))
    with pytest.raises(RunError, match=r"8 running tasks may write 36,893,488,147,419,103,232"):
        guard.add(receipt(EVERYTHING))
        guard.check()


def test_the_disk_is_looked_at_now_and_then_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "CHECK_SECONDS", 3600.0)
    guard = DiskGuard(str(tmp_path), 1, 1)
    guard.check()
    guard.add(receipt(EVERYTHING))


def test_a_run_on_a_full_disk_does_not_begin_and_says_so(workshop: Workshop) -> None:
    workshop.write("left/a.tsv", many(20, 1))
    workshop.write("right/b.tsv", many(20, 2))

    with pytest.raises(RunError, match="the disk is nearly full"):
        workshop.run(disk_reserve_gib=1e9)
    status = read_status(str(workshop.out))
    assert (status.state, status.error.partition(": ")[2][:25]) == ("failed", "the disk is nearly full: ")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Makes a disk of so many bytes in memory, or gives the one there is another size."""
    folder = tmp_path / "disk"

    def sized(size: int) -> Path:
        options = f"size={size}" if not folder.exists() else f"remount,size={size}"
        folder.mkdir(exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"this user may not mount: {done.stderr.strip()}")
        return folder

    yield sized
    with contextlib.suppress(FileNotFoundError):
        subprocess.run(["umount", str(folder)], capture_output=True)


@pytest.fixture
def large(workshop: Workshop) -> Workshop:
    """Input whose outputs take some 2 MB, and what an undisturbed run makes of it."""
    workshop.write("left/a.tsv", many(3000, 1))
    workshop.write("right/b.tsv", many(3000, 2))
    workshop.run()
    return workshop


def test_a_run_stops_with_room_left_and_goes_on_when_there_is_more(
    large: Workshop, small_disk: Callable[[int], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "CHECK_SECONDS", 0.0)
    out = small_disk(2 << 20) / "out"

    with pytest.raises(RunError, match=r"the disk is nearly full: .* make room, then run the same command again"):
        large.run(f"output={out}", disk_reserve_gib=2**-10)
    free = free_bytes(str(out))
    assert free is not None and 0 < free < 1 << 20
    done = {path: path.stat().st_mtime_ns for path in out.rglob("receipts/*/*.json")}
    assert done
    small_disk(64 << 20)
    large.run(f"output={out}", disk_reserve_gib=2**-10)

    assert tree(out) == tree(large.out)
    assert done.items() <= {path: path.stat().st_mtime_ns for path in out.rglob("receipts/*/*.json")}.items()


def test_a_disk_that_is_full_in_the_middle_of_a_write_leaves_nothing_half_done(
    large: Workshop, small_disk: Callable[[int], Path]
) -> None:
    out = small_disk(1 << 20) / "out"

    with pytest.raises(OSError, match="No space left on device"):
        large.run(f"output={out}", disk_reserve_gib=0.0)
    assert list(out.rglob(".*.tmp")) == []
    small_disk(64 << 20)
    assert read_status(str(out)).state in ("failed", "died")  # there may have been no room to say so
    large.run(f"output={out}", disk_reserve_gib=0.0)

    assert tree(out) == tree(large.out)


def test_a_rerun_that_has_nothing_to_do_needs_no_room(workshop: Workshop) -> None:
    workshop.write("left/a.tsv", many(20, 1))
    workshop.write("right/b.tsv", many(20, 2))
    workshop.run()
    whole, receipts = tree(workshop.out), written(workshop.out)

    workshop.run(disk_reserve_gib=1e9)

    assert read_status(str(workshop.out)).state == "finished"
    assert (tree(workshop.out), redone(receipts, written(workshop.out))) == (whole, set())


def test_a_rerun_without_room_changes_nothing_and_leaves_the_finished_run_to_be_cleaned(workshop: Workshop) -> None:
    workshop.write("left/a.tsv", many(20, 1))
    workshop.write("right/b.tsv", many(20, 2))
    workshop.run()
    whole, receipts = tree(workshop.out), written(workshop.out)
    path = workshop.folder / "recipe.yaml"
    text = path.read_text()
    path.write_text(text.replace("name: look", "name: gaze"))

    with pytest.raises(RunError, match="the disk is nearly full"):
        workshop.run(disk_reserve_gib=1e9)
    assert (tree(workshop.out), redone(receipts, written(workshop.out))) == (whole, set())

    left = find_leftovers(str(workshop.out), intermediates=True)
    assert [one.name.partition(" ")[0] for one in left.categories] == ["survivors"]
    assert left.notes == ["a later run failed before it changed anything: this goes by the one before"]
    remove(left)
    path.write_text(text)
    workshop.run()
    assert tree(workshop.out) == whole
