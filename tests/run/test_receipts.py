"""A receipt says that a shard is done; anything amiss says that it is not."""

import dataclasses
import json
import shutil
from pathlib import Path

import pytest

from datapipe import storage
from datapipe.receipts import (
    Count,
    Place,
    Receipt,
    Stopwatch,
    UnitCount,
    finished,
    read_receipt,
    relative,
    write_receipt,
)
from datapipe.storage import Output

FULL = Receipt(
    "measure",
    "web-000000-0001",
    "f1",
    "i1",
    rows_in=5,
    rows_out=3,
    bytes_in=50,
    bytes_out=30,
    bytes_read=20,
    quarantined=1,
    passed_over={"request": 2},
    counts=(Count("en", "", "", 3, 30), Count("世", "select", "gopher.word_count.min", 1, 10)),
    failed={"gopher.word_count.min": 1},
    units=(UnitCount("english", "C++", 3, 30, (0, 2)),),
    held_out=(UnitCount("english", "a/b", 1, 5, ()),),
    outputs=(Output("documents/measure/web-000000-0001.parquet", 4, "0" * 64),),
    seconds=1.5,
    cpu_seconds=1.25,
    step_seconds={"letters": 0.5},
    peak_mb=100.5,
    next=Place(1, 2, 3, 4),
)


def path_of(folder: Path) -> Path:
    return folder / "receipts" / "measure" / "web-000000-0001.json"


@pytest.fixture
def done(tmp_path: Path) -> Path:
    """A folder with one output and its receipt."""
    output = relative(
        storage.write_bytes(str(tmp_path / "documents" / "measure" / "a.parquet"), b"data"), str(tmp_path)
    )
    write_receipt(str(tmp_path), dataclasses.replace(FULL, outputs=(output,)))
    return tmp_path


def is_done(folder: Path, fingerprint: str = "f1", input_fingerprint: str = "i1", verify: bool = False) -> bool:
    return finished(str(folder), "measure", "web-000000-0001", fingerprint, input_fingerprint, verify) is not None


def test_a_receipt_comes_back_as_it_was_written(tmp_path: Path) -> None:
    write_receipt(str(tmp_path), FULL)

    assert read_receipt(str(tmp_path), "measure", "web-000000-0001") == FULL


def test_a_receipt_without_a_next_place_comes_back(tmp_path: Path) -> None:
    write_receipt(str(tmp_path), dataclasses.replace(FULL, next=None))

    assert read_receipt(str(tmp_path), "measure", "web-000000-0001") == dataclasses.replace(FULL, next=None)


def test_outputs_are_named_below_the_output_folder() -> None:
    assert relative(Output("/o/ut/shards/a.parquet", 1, "x"), "/o/ut/").path == "shards/a.parquet"
    assert relative(Output("s3://b/out/a", 1, "x"), "s3://b/out").path == "a"


def test_an_output_is_found_by_its_folder() -> None:
    assert FULL.output("documents") == FULL.outputs[0]
    assert FULL.output("document") is None


def test_a_shard_with_its_receipt_and_outputs_is_done(done: Path) -> None:
    found = finished(str(done), "measure", "web-000000-0001", "f1", "i1")

    assert found is not None
    assert found.reused
    assert dataclasses.replace(found, reused=False, outputs=()) == dataclasses.replace(FULL, outputs=())


def test_a_shard_without_outputs_is_done_by_its_receipt_alone(tmp_path: Path) -> None:
    write_receipt(str(tmp_path), dataclasses.replace(FULL, outputs=()))

    assert is_done(tmp_path)


def test_another_fingerprint_is_not_done(done: Path) -> None:
    other = done.with_name("other")
    shutil.copytree(done, other)

    assert not is_done(done, fingerprint="f2")
    assert not is_done(other, input_fingerprint="i2")


def test_a_receipt_that_is_not_right_goes_before_its_outputs_are_overwritten(done: Path) -> None:
    assert not is_done(done, fingerprint="f2")
    assert not path_of(done).exists()


def test_a_missing_receipt_is_not_done(done: Path) -> None:
    path_of(done).unlink()

    assert not is_done(done)


def test_a_missing_output_is_not_done(done: Path) -> None:
    (done / "documents/measure/a.parquet").unlink()

    assert not is_done(done)


def test_an_output_cut_short_is_not_done(done: Path) -> None:
    (done / "documents/measure/a.parquet").write_bytes(b"dat")

    assert not is_done(done)


def test_changed_bytes_of_the_same_size_are_seen_only_by_verify(done: Path) -> None:
    (done / "documents/measure/a.parquet").write_bytes(b"dota")

    assert is_done(done)
    assert not is_done(done, verify=True)


def test_verify_passes_what_is_intact(done: Path) -> None:
    assert is_done(done, verify=True)


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"7",
        b'"text"',
        b"{}",
        b"\xff\xfe",
        b'{"counts": 3}',
        b'{"counts": [1], "units": [], "held_out": [], "outputs": [], "next": null}',
        b'{"counts": [], "units": [], "held_out": [], "outputs": [], "next": "there"}',
        b'{"counts": [], "units": [{"ladder": 1}], "held_out": [], "outputs": [], "next": null}',
        b'{"counts": [], "units": [], "held_out": [], "outputs": [], "next": null, "unheard": 1}',
    ],
)
def test_what_is_no_receipt_is_not_done(done: Path, garbage: bytes) -> None:
    path_of(done).write_bytes(garbage)

    assert not is_done(done)


def test_a_receipt_cut_short_anywhere_is_not_done(done: Path) -> None:
    whole = path_of(done).read_bytes()
    assert is_done(done)
    for length in range(len(whole)):
        path_of(done).write_bytes(whole[:length])
        assert not is_done(done)


def test_a_receipt_that_lacks_any_field_of_an_older_format_is_not_done(done: Path) -> None:
    data = json.loads(path_of(done).read_text())
    for key in ("pass_name", "shard", "fingerprint", "input_fingerprint", "counts", "units", "outputs", "next"):
        path_of(done).write_text(json.dumps({name: value for name, value in data.items() if name != key}))
        assert not is_done(done), key


def test_a_stopwatch_adds_up_the_seconds_of_a_step() -> None:
    watch = Stopwatch()
    with watch.step("a"):
        sum(range(300_000))
    once = watch.steps["a"]
    with pytest.raises(KeyError), watch.step("a"):
        sum(range(300_000))
        raise KeyError
    with watch.step("b"):
        pass
    costs = watch.costs()

    assert 0 < once < watch.steps["a"]
    assert list(costs["step_seconds"]) == ["a", "b"]
    assert costs["cpu_seconds"] >= round(watch.steps["a"], 3) - 0.002
    assert costs["peak_mb"] > 10
