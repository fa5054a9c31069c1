"""Small objects are fetched before their turn, and come out as if they had not been."""

import os
from pathlib import Path

import pytest

from datapipe import run
from datapipe.inputs import InputFile
from datapipe.passes.read_ahead import FILES, ReadAhead
from tests.run.workshop import Workshop, many, tree
from tests.storage.conftest import Store

MB = 1 << 20


def planned(store: Store, contents: list[bytes]) -> list[InputFile]:
    """Objects with these bytes, as files of a plan."""
    for number, data in enumerate(contents):
        store.put(f"in/{number:03}", data)
    return [InputFile(n, store.uri(f"in/{n:03}"), f"{n:03}", len(data), "") for n, data in enumerate(contents)]


def test_files_arrive_in_order_and_several_are_fetched_at_once(store: Store) -> None:
    contents = [os.urandom(300 + number) for number in range(40)]
    files = planned(store, contents)
    store.proxy.delay_seconds = 0.02
    with ReadAhead(files) as ahead:
        assert [ahead.opened(index).open().read() for index in range(40)] == contents

    assert 1 < store.proxy.most_at_once <= FILES
    assert len(store.proxy.requests("GET")) == 40


def test_large_files_are_left_to_their_readers(store: Store) -> None:
    files = planned(store, [b"a", bytes(2 * MB), b"b"])
    with ReadAhead(files) as ahead:
        assert ahead.opened(0).open().read() == b"a"
        assert store.proxy.requests("GET", "in/001") == []
        assert ahead.opened(1).open().read() == bytes(2 * MB)


def test_an_error_is_that_of_the_file_and_comes_at_its_turn(store: Store) -> None:
    files = planned(store, [b"a", b"b", b"c"])
    store.s3.delete_object(Bucket=store.bucket, Key="in/001")
    with ReadAhead(files) as ahead:
        assert ahead.opened(0).open().read() == b"a"
        with pytest.raises(FileNotFoundError, match="gone since the plan was made") as error:
            ahead.opened(1).open()
        assert error.value.filename == store.uri("in/001")


def test_a_run_over_many_small_objects_has_the_bytes_of_one_over_files(store: Store, tmp_path: Path) -> None:
    workshop = Workshop.at(tmp_path)
    for number in range(30):
        store.put(f"in/{number:03}.tsv", workshop.write(f"left/{number:03}.tsv", many(7, number)).read_bytes())
    workshop.write("right/a.tsv", many(50, 2))
    workshop.run()
    run(workshop.recipe(f"sources.0.paths=[{store.uri('in')}]", "output=remote"), root=str(tmp_path))

    assert tree(tmp_path / "remote") == tree(workshop.out)
