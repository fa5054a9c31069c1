"""Rows of Parquet files become documents, of whatever type the columns are."""

import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stored_files import FailingStream, OneWayStream, contents, deliveries, stored

from datapipe.reader import Position, ReadOptions, SourceFile
from datapipe.readers.assembly import RecordError
from datapipe.readers.parquet import Parquet
from datapipe.readers.parquet_pages import pages
from datapipe.readers.watched_stream import WatchedStream


def parquet(columns: dict[str, Any], **options: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, **options)
    return sink.getvalue()


def read(data: bytes, **options: Any):
    return contents(Parquet(), data, ReadOptions(**options))


@pytest.mark.parametrize(
    "kind",
    [
        pa.string(),
        pa.large_string(),
        pa.string_view(),
        pa.binary(),
        pa.large_binary(),
        pa.binary_view(),
        pa.dictionary(pa.int32(), pa.string()),
    ],
)
def test_text_of_every_type_is_read(kind: pa.DataType) -> None:
    found = read(parquet({"text": pa.array(["", "ü\0", "last"]).cast(kind)}, row_group_size=2))
    assert (found.texts, found.records) == (["", "ü\0", "last"], [0, 1, 2])


def test_columns_of_ours_are_taken_by_name_or_by_fields() -> None:
    data = parquet(
        {
            "content": ["a"],
            "uid": [7],
            "url": ["https://example.org"],
            "crawled": pa.array([datetime(2024, 5, 31, 14, tzinfo=UTC)], pa.timestamp("ns", "Europe/Berlin")),
            "media_type": pa.array(["TEXT/HTML"]).dictionary_encode(),
            "text": ["another"],
        }
    )
    assert read(data, fields={"text": "content", "source_id": "uid", "date": "crawled"}).rows == [
        {
            "record": 0,
            "source_id": "7",
            "url": "https://example.org",
            "date": "2024-05-31T14:00:00Z",
            "media_type": "text/html",
            "encoding": "utf-8",
            "text": "a",
        }
    ]


def test_dates_are_read_from_days_and_strings() -> None:
    days = pa.array([date(2024, 5, 31), None], pa.date32())
    assert [row["date"] for row in read(parquet({"text": ["a", "b"], "date": days})).rows] == [
        "2024-05-31T00:00:00Z",
        None,
    ]
    strings = ["2024-05-31 14:00+02:00", "spring"]
    assert [row["date"] for row in read(parquet({"text": ["a", "b"], "date": strings})).rows] == [
        "2024-05-31T12:00:00Z",
        "spring",
    ]


def test_extra_columns_are_cast_where_nothing_is_lost() -> None:
    data = parquet(
        {
            "text": ["a", "b"],
            "count": pa.array([1, 2**64 - 1], pa.uint64()),
            "score": pa.array([3, None], pa.int8()),
            "half": pa.array([0.5, None], pa.float32()),
            "is_new": [True, None],
            "name": pa.array([b"x", b"\xff"]),
        }
    )
    kinds = {
        "count": pa.int64(),
        "score": pa.float64(),
        "half": pa.float64(),
        "is_new": pa.bool_(),
        "name": pa.string(),
    }
    found = read(data, extra_columns=pa.schema([*kinds.items()]))
    assert [[row[name] for name in kinds] for row in found.rows] == [[1, 3.0, 0.5, True, "x"]]
    assert found.errors == ["field 'count' is outside 64 bits"]


@pytest.mark.parametrize(
    ("columns", "error"),
    [
        ({"body": ["a"], "url": ["b"]}, "no column 'text' for text; the file has body, url"),
        ({"text": [1]}, "column 'text' is int64: another type than records need"),
        ({"text": [["a"]]}, "column 'text' is list<element: string>: another type than records need"),
        ({"text": ["a"], "url": [{"x": 1}]}, "column 'url' is struct<x: int64>: another type than records need"),
        ({"text": ["a"], "n": ["1"]}, "column 'n' is string: another type than records need"),
        ({"text": ["a"], "n": [1.5]}, "column 'n' is double: another type than records need"),
    ],
)
def test_a_file_of_other_columns_says_so_in_one_line(columns: dict[str, Any], error: str) -> None:
    found = read(parquet(columns), extra_columns=pa.schema([pa.field("n", pa.int64())]))
    assert (found.rows, found.errors) == ([], [error])
    assert found.unreadable[0].record is None


def test_a_column_that_is_there_twice_is_refused() -> None:
    table = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["text", "text"])
    sink = io.BytesIO()
    pq.write_table(table, sink)
    assert read(sink.getvalue()).errors == ["there are several columns 'text'"]


@pytest.mark.parametrize(
    "data",
    [b"", b"PAR1", b"not Parquet at all", parquet({"text": ["a"]})[:-9], parquet({"text": ["a"]})[:-4] + b"PARE"],
)
def test_a_file_that_is_no_parquet_is_one_failure(data: bytes) -> None:
    found = read(data)
    assert (found.rows, len(found.errors)) == ([], 1)
    assert found.errors[0] and "\n" not in found.errors[0]


def test_a_row_without_text_is_unreadable_and_spares_the_others() -> None:
    texts = pa.array([b"a", None, b"\xff\xfe", b"b" * 1000, b"c"], pa.binary())
    found = read(parquet({"text": texts}), max_record_bytes=100)
    assert (found.texts, found.records) == (["a", "c"], [0, 4])
    assert found.errors == [
        "field 'text' is null",
        "field 'text' is not valid UTF-8: invalid start byte at byte 0",
        "row of 1,000 bytes is above max_record_bytes (100)",
    ]
    assert [one.offset for one in found.unreadable] == [1, 2, 3]


def test_a_damaged_row_group_costs_itself() -> None:
    texts = [f"{number} {'x' * 100}" for number in range(30)]
    data = bytearray(parquet({"text": texts}, row_group_size=10, compression="zstd", use_dictionary=False))
    second = pq.ParquetFile(io.BytesIO(bytes(data))).metadata.row_group(1).column(0)
    begin = second.data_page_offset
    data[begin + 20 : begin + second.total_compressed_size] = bytes(second.total_compressed_size - 20)
    found = read(bytes(data))
    assert found.records == [*range(10), *range(20, 30)]
    assert len(found.errors) == 1 and found.errors[0].startswith("row group 1: ")
    assert (found.unreadable[0].record, found.unreadable[0].offset) == (None, 10)


def test_a_large_row_group_is_read_a_few_rows_at_a_time() -> None:
    """100 MB of text in one row group, of which a delivery holds at most 1 MB."""
    data = parquet({"text": [f"{number:06}" * 1700 for number in range(10_000)]}, row_group_size=10_000)
    before = pa.total_allocated_bytes()
    peak = 0
    for one in Parquet().read(stored(data), Position(), ReadOptions(batch_bytes=1 << 20)):
        assert one.batch.nbytes < 1_200_000
        peak = max(peak, pa.total_allocated_bytes() - before)
    assert peak < 40_000_000


def test_a_position_is_the_number_of_a_row() -> None:
    data = parquet({"text": [str(number) for number in range(7)]}, row_group_size=3)
    found = deliveries(Parquet(), stored(data), ReadOptions(batch_rows=2))
    assert [one.next for one in found] == [Position(offset=row, record=row) for row in (2, 4, 6, 7)]


def test_failing_storage_is_no_bad_file() -> None:
    data = parquet({"text": [f"{number}" * 1000 for number in range(4000)]}, compression="none", use_dictionary=False)
    file = SourceFile("x", "x", len(data), lambda: LateFailure(data, 2 << 20))
    with pytest.raises(OSError, match="connection lost"):
        list(Parquet().read(file, Position(), ReadOptions()))


class LateFailure(FailingStream):
    """Storage that gives the footer, and fails in the middle of the data."""

    def read(self, count: int | None = -1) -> bytes:
        if self.tell() > len(self.getvalue()) - 100_000:
            return io.BytesIO.read(self, count)
        return super().read(count)


def test_a_stream_that_cannot_seek_is_one_failure() -> None:
    data = parquet({"text": ["a"]})
    file = SourceFile("x", "x", len(data), lambda: OneWayStream(data))
    (found,) = Parquet().read(file, Position(), ReadOptions())
    assert [one.error for one in found.unreadable] == ["Parquet needs a file that can be read in any order"]


@settings(max_examples=30)
@given(
    texts=st.lists(st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=9)), min_size=1),
    group=st.integers(1, 9),
)
def test_texts_come_back_as_they_were_written(texts: list[str | None], group: int) -> None:
    found = read(parquet({"text": pa.array(texts, pa.string())}, row_group_size=group))
    assert found.texts == [text for text in texts if text is not None]
    assert len(found.errors) == texts.count(None)


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("text_of", [str, lambda n: "x" * n], ids=["dictionary", "plain"])
def test_pages_are_found_by_their_headers(version: str, text_of: Callable[[int], str]) -> None:
    """One page holds one batch of the writer; a dictionary comes first."""
    sink = io.BytesIO()
    table = pa.table({"text": [text_of(n % 300) for n in range(5000)]})
    pq.write_table(table, sink, data_page_version=version, data_page_size=100, write_batch_size=500, compression="zstd")
    column = pq.ParquetFile(sink).metadata.row_group(0).column(0)
    begin = column.dictionary_page_offset
    found = list(pages(WatchedStream(sink), begin, begin + column.total_compressed_size))

    assert [page.values for page in found[1:]] == [500] * 10
    assert 0 < sum(page.size for page in found) <= column.total_uncompressed_size
    with pytest.raises(RecordError, match="no page at byte"):
        list(pages(WatchedStream(sink), begin + 1, begin + 2))


def test_a_page_that_does_not_fit_into_memory_costs_itself_and_what_follows_in_its_group(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("datapipe.readers.parquet.MAX_PAGE_BYTES", 5000)
    sink = io.BytesIO()
    texts = ["x"] * 7 + ["y" * 6000] + ["x"] * 6
    table = pa.table({"text": [*texts, *["z"] * 3]})
    pq.write_table(
        table, sink, row_group_size=14, use_dictionary=False, data_page_size=1, write_batch_size=1, compression="gzip"
    )
    found = read(sink.getvalue())

    assert found.texts == ["x"] * 7 + ["z"] * 3
    assert found.records == [0, 1, 2, 3, 4, 5, 6, 14, 15, 16]
    assert [one.offset for one in found.unreadable] == [7]
    assert found.errors[0].startswith("row group 0: from here on not read: a page of 6,")
