"""A full disk, a limit on files, a process killed while it saves: what was there stays, nothing half done does."""

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from datapipe.output import RunError
from tests.trainer import killed_saves
from tests.trainer import tiny_training as tiny
from tests.trainer.small_run import told, trained
from trainer.checkpoint import State, load, save
from trainer.checkpointing.folders import clean


def small(samples_seen: int) -> State:
    """Of some kB."""
    return State(tiny.record(samples_seen), {"w": torch.ones(100)}, {})


def large(samples_seen: int) -> State:
    """Of 8 MB."""
    return State(tiny.record(samples_seen), {"w": torch.ones(2 << 20)}, {})


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MB and ten names: a checkpoint and its folder take five."""
    folder = tmp_path / "disk"
    folder.mkdir()
    options = ["-o", "size=4m,nr_inodes=11", "none"]
    if shutil.which("mount") is None or subprocess.run(["mount", "-t", "tmpfs", *options, folder]).returncode:
        pytest.skip("file systems cannot be mounted here")
    yield folder
    subprocess.run(["umount", folder], check=True)


def check_that_the_first_is_all_there_is(output: Path) -> None:
    checkpoints = output / "checkpoints"
    assert [one.name for one in checkpoints.iterdir()] == ["000000000004"]
    assert load(checkpoints / "000000000004").record.samples_seen == 4


def test_a_disk_without_room_is_told_before_anything_is_written(small_disk: Path) -> None:
    save(small_disk, small(4))
    free = shutil.disk_usage(small_disk).free

    with pytest.raises(RunError) as failure:
        save(small_disk, large(8))

    needed = (8 << 20) + (1 << 20)
    said = f"/000000000008: a checkpoint takes {needed:,} bytes, {free:,} are free on the disk; make room"
    assert said in str(failure.value)
    check_that_the_first_is_all_there_is(small_disk)


def test_a_disk_that_fills_up_in_between_is_told(small_disk: Path) -> None:
    """There are bytes left for it, but no name for its last file."""
    save(small_disk, small(4))
    others = [small_disk / str(number) for number in range(2)]
    for other in others:
        other.touch()

    with pytest.raises(RunError, match="not saved: No space left on device; the checkpoints before are as they were"):
        save(small_disk, small(8))

    check_that_the_first_is_all_there_is(small_disk)
    others[0].unlink()
    assert save(small_disk, small(8)).name == "000000000008"


def test_training_does_not_begin_where_no_checkpoint_has_room(small_disk: Path, tmp_path: Path) -> None:
    (small_disk / "filling").write_bytes(bytes(7 << 19))

    with pytest.raises(RunError, match=r"run/checkpoints: a checkpoint takes 1,[0-9,]+ bytes, [0-9]+,[0-9]+ are free"):
        trained(tmp_path, small_disk)

    assert told(small_disk, "step") == []


def test_a_limit_on_the_size_of_files_is_told(tmp_path: Path) -> None:
    save(tmp_path, small(4))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4 << 20, limits[1]))
    try:
        with pytest.raises(RunError, match="000000000008: not saved: File too large; the checkpoints before are"):
            save(tmp_path, large(8))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    check_that_the_first_is_all_there_is(tmp_path)


def test_a_folder_where_checkpoints_should_be_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").write_text("")
    with pytest.raises(RunError, match="000000000004: not saved: "):
        save(tmp_path, small(4))


def test_what_a_killed_save_left_goes_with_the_next_run(tmp_path: Path) -> None:
    folder = save(tmp_path, small(4))
    shutil.copytree(folder, folder.with_name(".000000000008.0123456789ab.tmp"))

    clean(tmp_path)

    check_that_the_first_is_all_there_is(tmp_path)


@pytest.mark.parametrize("rounds", [20, pytest.param(120, marks=pytest.mark.slow)])
def test_a_save_may_be_killed_at_any_moment(tmp_path: Path, rounds: int) -> None:
    """Whatever was told to be saved is there and whole; nothing else is."""
    root = str(Path(__file__).parents[3])
    done = subprocess.run(
        [sys.executable, killed_saves.__file__, str(tmp_path), str(rounds)],
        env={**os.environ, "PYTHONPATH": root},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    cut, saves = map(int, done.stdout.split())
    assert cut > rounds / 10
    assert saves > 0
