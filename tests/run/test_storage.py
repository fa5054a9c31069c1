"""Files appear whole or not at all, and their sizes and sums are known."""

import gc
import hashlib
import os
import resource
import signal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datapipe import storage
from datapipe.storage import ROW_GROUP_BYTES, Output, open_writing, writing_parquet

SCHEMA = pa.schema([pa.field("text", pa.large_string())])


def batch_of(*texts: str) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({"text": texts}, SCHEMA)


def files_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_written_file_has_the_size_and_sum_of_its_bytes(tmp_path: Path) -> None:
    path = str(tmp_path / "deep" / "file.bin")

    assert storage.write_bytes(path, b"mill") == Output(path, 4, hashlib.sha256(b"mill").hexdigest())
    assert storage.read_bytes(path) == b"mill"
    assert storage.size_of(path) == 4
    assert files_below(tmp_path) == ["deep/file.bin"]


def test_a_parquet_file_has_the_size_and_sum_of_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    with writing_parquet(str(path), SCHEMA) as (file, outputs):
        file.write(batch_of("one", "two"))
        assert outputs == []

    data = path.read_bytes()
    assert outputs == [Output(str(path), len(data), hashlib.sha256(data).hexdigest())]
    assert pq.read_table(path).to_pylist() == [{"text": "one"}, {"text": "two"}]
    assert pq.ParquetFile(path).metadata.row_group(0).column(0).compression == "ZSTD"


def test_an_exception_leaves_neither_the_file_nor_a_temporary_one(tmp_path: Path) -> None:
    with pytest.raises(KeyError), open_writing(str(tmp_path / "a.bin")) as sink:
        sink.write(b"half")
        raise KeyError

    assert files_below(tmp_path) == []


def test_an_exception_leaves_the_older_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    storage.write_bytes(str(path), b"older")
    with pytest.raises(KeyError), open_writing(str(path)) as sink:
        sink.write(b"half")
        raise KeyError

    assert path.read_bytes() == b"older"
    assert files_below(tmp_path) == ["a.bin"]


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_an_abandoned_parquet_file_leaves_nothing_and_says_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyError), writing_parquet(str(tmp_path / "a.parquet"), SCHEMA) as (file, outputs):
        file.write(batch_of("one"))
        raise KeyError
    del file
    gc.collect()

    assert outputs == []
    assert files_below(tmp_path) == []


def test_the_file_does_not_exist_before_the_block_has_ended(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    with open_writing(str(path)) as sink:
        sink.write(b"x" * 1_000_000)
        assert not path.exists()

    assert path.stat().st_size == 1_000_000


def test_all_bytes_are_on_the_disk_before_the_file_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.bin"
    synced: list[tuple[int, bool]] = []
    monkeypatch.setattr(os, "fsync", lambda number: synced.append((os.fstat(number).st_size, path.exists())))
    storage.write_bytes(str(path), b"x" * 10_000)

    assert synced == [(10_000, False)]


def test_two_processes_writing_one_file_do_not_share_a_temporary_one(tmp_path: Path) -> None:
    """A task that Ray retries elsewhere may run beside its first attempt, under the same process id."""
    path = tmp_path / "a.bin"
    with open_writing(str(path)) as first:
        first.write(b"same")
        with open_writing(str(path)) as second:
            second.write(b"same")

    assert path.read_bytes() == b"same"
    assert files_below(tmp_path) == ["a.bin"]


def test_small_batches_share_a_row_group_until_it_is_full(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    third = "x" * (ROW_GROUP_BYTES // 3 + 1)
    with writing_parquet(str(path), SCHEMA) as (file, _):
        for _ in range(4):
            file.write(batch_of(third))
        file.write(batch_of("y"))

    metadata = pq.ParquetFile(path).metadata
    assert [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)] == [3, 2]


def test_an_aligned_file_has_one_row_group_per_batch_even_an_empty_one(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    with writing_parquet(str(path), SCHEMA, align=True) as (file, _):
        for batch in (batch_of("a", "b"), batch_of(), batch_of("c")):
            file.write(batch)
        file.add_metadata({"id_digest": "beef"})

    metadata = pq.ParquetFile(path).metadata
    assert [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)] == [2, 0, 1]
    assert metadata.metadata[b"id_digest"] == b"beef"


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        with writing_parquet(str(tmp_path / name), SCHEMA) as (file, _):
            file.write(batch_of("one", "two"))

    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_signatures_have_no_dictionary_and_other_columns_do(tmp_path: Path) -> None:
    signature = pa.list_(pa.field("item", pa.uint32(), nullable=False), 4)
    schema = pa.schema([pa.field("language", pa.string()), pa.field("signature", signature)])
    path = str(tmp_path / "signatures.parquet")
    with writing_parquet(path, schema) as (file, _):
        file.write(pa.record_batch([["en"] * 99, pa.array([[1, 2, 3, 4]] * 98 + [None], signature)], schema=schema))
    group = pq.ParquetFile(path).metadata.row_group(0)
    assert [group.column(k).has_dictionary_page for k in range(2)] == [True, False]
    assert pq.read_table(path)["signature"].to_pylist() == [[1, 2, 3, 4]] * 98 + [None]


@pytest.mark.parametrize(
    "name", ["plain.txt", "a b.txt", "a%2Fb.txt", "a#b.txt", "a?b.txt", "straße 世.txt", "+&=.txt"]
)
def test_a_uri_names_its_file_as_it_stands(tmp_path: Path, name: str) -> None:
    """Object keys may hold any character: nothing of a path is decoded or cut off as a query."""
    storage.write_bytes(f"file://{tmp_path}/{name}", b"here")

    assert files_below(tmp_path) == [name]
    assert storage.read_bytes(f"file://{tmp_path}/{name}") == b"here"


def test_an_unknown_scheme_is_refused_by_its_name() -> None:
    with pytest.raises(OSError, match="s4://bucket/key"):
        storage.locate("s4://bucket/key")


def test_only_files_exist(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert storage.exists(str(tmp_path / "file"))
    assert not storage.exists(str(tmp_path))
    assert not storage.exists(str(tmp_path / "nothing"))
    assert storage.size_of(str(tmp_path)) is None


def test_paths_join_below_local_folders_and_buckets() -> None:
    assert storage.join("/out/", "documents", "a.parquet") == "/out/documents/a.parquet"
    assert storage.join("s3://bucket/out", "plan.json") == "s3://bucket/out/plan.json"


def test_a_relative_path_stands_in_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    storage.write_bytes("a.txt", b"here")

    assert files_below(tmp_path) == ["a.txt"]


@pytest.mark.parametrize(("limit", "size"), [(1_000_000, 2_000_000), (100, 1_000)], ids=["large", "in a buffer"])
def test_an_error_of_writing_names_the_file_and_one_of_whoever_writes_stays_as_it_is(
    tmp_path: Path, limit: int, size: int
) -> None:
    """RLIMIT_FSIZE stands for a full disk: the system refuses to write on."""
    path, soft_hard = str(tmp_path / "a.bin"), resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, soft_hard[1]))
    try:
        with pytest.raises(OSError, match="File too large") as error, open_writing(path) as sink:
            sink.write(b"x" * size)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, soft_hard)
        signal.signal(signal.SIGXFSZ, ignored)
    assert error.value.filename == path
    assert files_below(tmp_path) == []

    with pytest.raises(OSError, match="elsewhere") as error, open_writing(path) as sink:
        raise OSError("elsewhere")
    assert error.value.filename is None
