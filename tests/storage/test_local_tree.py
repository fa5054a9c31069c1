"""What counts as a file of a local folder: links, loops, pipes, devices."""

import os
import socket
from pathlib import Path

import pytest

from datapipe.files.local_tree import local_files


def names(folder: Path, is_deep: bool = True) -> list[str]:
    return sorted(file.path.removeprefix(f"{folder}/") for file in local_files(str(folder), is_deep))


def touch(folder: Path, *files: str) -> None:
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")


def test_a_loop_of_links_ends_and_nothing_is_listed_twice(tmp_path: Path) -> None:
    touch(tmp_path, "in/a", "in/deep/b")
    (tmp_path / "in/deep/up").symlink_to("..")
    (tmp_path / "in/self").symlink_to("self")
    (tmp_path / "in/again").symlink_to("deep")
    (tmp_path / "in/a-again").symlink_to("a")

    assert names(tmp_path / "in") == ["a", "deep/b"]


def test_links_out_of_the_folder_are_followed_once(tmp_path: Path) -> None:
    touch(tmp_path, "in/a", "other/b", "other/deep/c", "blobs/d")
    (tmp_path / "in/x").symlink_to("../other")
    (tmp_path / "in/y").symlink_to("../other/deep")
    (tmp_path / "in/d").symlink_to("../blobs/d")
    (tmp_path / "in/e").symlink_to("../blobs/d")

    assert names(tmp_path / "in") == ["a", "d", "x/b", "x/deep/c"]


def test_a_link_changes_no_name_of_what_stands_there_itself(tmp_path: Path) -> None:
    """`0` comes first in the order of names, and yet `z/f` keeps its name."""
    touch(tmp_path, "in/z/f")
    (tmp_path / "in/0").symlink_to("z")
    (tmp_path / "in/1").symlink_to("z/f")

    assert names(tmp_path / "in") == ["z/f"]


def test_what_is_no_regular_file_is_passed_over(tmp_path: Path) -> None:
    touch(tmp_path, "a")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "null").symlink_to("/dev/null")
    (tmp_path / "nowhere").symlink_to("nothing")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        assert names(tmp_path) == ["a"]


def test_hard_links_are_files_of_their_own(tmp_path: Path) -> None:
    touch(tmp_path, "a")
    (tmp_path / "b").hardlink_to(tmp_path / "a")

    assert names(tmp_path) == ["a", "b"]


def test_one_folder_alone_is_not_walked_below(tmp_path: Path) -> None:
    touch(tmp_path, "a", "deep/b")
    (tmp_path / "linked").symlink_to("deep")

    assert names(tmp_path, is_deep=False) == ["a"]
    assert names(tmp_path / "none") == []
    assert names(tmp_path / "a") == []


def test_sizes_and_times_are_those_of_what_a_link_leads_to(tmp_path: Path) -> None:
    touch(tmp_path, "blobs/d")
    (tmp_path / "in").mkdir()
    (tmp_path / "in/d").symlink_to("../blobs/d")

    (file,) = local_files(str(tmp_path / "in"))
    assert (file.size, file.mtime_ns) == (1, (tmp_path / "blobs/d").stat().st_mtime_ns)


def test_a_name_that_is_no_utf8_is_an_error(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/b\xff")).touch()

    with pytest.raises(UnicodeEncodeError):
        local_files(str(tmp_path))
