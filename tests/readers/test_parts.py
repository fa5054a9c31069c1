"""Large files in parts: together they give the records of reading through, with the same numbers and places."""

import gzip
import io
import json
import random
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from stored_files import DEFAULT, comparable, deliveries, stored

from datapipe.reader import Part, Position, Reader, ReadOptions, SourceFile, SplittingReader
from datapipe.readers.jsonl import Jsonl
from datapipe.readers.parquet import Parquet
from datapipe.readers.text import Text


def line_of(size: int) -> bytes:
    """A JSON line of exactly `size` bytes, its newline included."""
    return json.dumps({"text": "x" * (size - len('{"text": ""}\n'))}).encode() + b"\n"


def records(
    reader: Reader, file: SourceFile, start: Position, options: ReadOptions
) -> tuple[list[dict[str, Any]], list[Any], dict[str, int]]:
    """Rows, failures and counts of all deliveries."""
    found = [comparable(one) for one in deliveries(reader, file, options, start)]
    counts: dict[str, int] = {}
    for kind, count in (pair for _, _, _, passed_over in found for pair in passed_over.items()):
        counts[kind] = counts.get(kind, 0) + count
    return [row for one in found for row in one[0]], [failed for one in found for failed in one[2]], counts


def check_parts(
    reader: SplittingReader, data: bytes, part_bytes: int, options: ReadOptions = DEFAULT
) -> tuple[Part, ...]:
    """The parts of a file, after a check that they make up the whole of it."""
    file = stored(data)
    parts = reader.parts(file, part_bytes)
    if parts:
        assert parts[0].start == Position()
        assert [part.start.offset for part in parts[1:]] == [part.end for part in parts[:-1]]
        through = records(reader, file, Position(), options)
        found = [records(reader, file, part.start, replace(options, end=part.end)) for part in parts]
        assert [row for one in found for row in one[0]] == through[0]
        assert [failed for one in found for failed in one[1]] == through[1]
        assert {kind: sum(one[2].get(kind, 0) for one in found) for kind in through[2]} == through[2]
    return parts


def test_of_a_part_nothing_before_and_behind_it_is_read() -> None:
    data = line_of(1 << 10) * 5000
    reader, file = Jsonl(), stored(data)
    parts = reader.parts(file, 2_000_000)
    read = [
        sum(one.bytes_read for one in reader.read(file, part.start, replace(DEFAULT, end=part.end))) for part in parts
    ]

    assert read == [part.text_bytes for part in parts]
    assert sum(read) == len(data)


def test_the_footer_of_a_parquet_file_counts_once() -> None:
    sink = io.BytesIO()
    texts = [random.Random(number).randbytes(50_000).hex() for number in range(100)]
    pq.write_table(pa.table({"text": texts}), sink, row_group_size=1)
    reader, file = Parquet(), stored(sink.getvalue())
    parts = reader.parts(file, 1 << 20)
    read = [
        sum(one.bytes_read for one in reader.read(file, part.start, replace(DEFAULT, end=part.end))) for part in parts
    ]

    assert len(parts) > 8
    through = sum(one.bytes_read for one in reader.read(file, Position(), DEFAULT))
    assert sum(read) == through
    assert abs(through - len(sink.getvalue())) < 100_000


def test_a_part_ends_behind_the_last_line_that_fits() -> None:
    parts = check_parts(Jsonl(), line_of(40) * 10, 100)

    assert [part.end for part in parts] == [80, 160, 240, 320, 400]
    assert [part.start.record for part in parts] == [0, 2, 4, 6, 8]
    assert {part.text_bytes for part in parts} == {80}


def test_a_line_longer_than_a_part_is_in_one_part() -> None:
    parts = check_parts(Jsonl(), line_of(40) + line_of(350) + line_of(40) * 2, 100)

    assert [part.end for part in parts] == [40, 430, 470]


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + line_of(50) * 9,
        line_of(50).replace(b"\n", b"\r\n") * 9,
        line_of(50) * 9 + line_of(50)[:-1],
        b"\n" * 300 + line_of(50) * 3,
        line_of(50) * 3 + line_of(900) + line_of(50) * 3,
        line_of(50) * 3 + line_of(900)[:-1],
        b"\r" * 500,
        b"\xef\xbb\xbf",
    ],
    ids=["mark", "crlf", "no last newline", "blank", "too long", "too long at the end", "no newline", "only a mark"],
)
@pytest.mark.parametrize("part_bytes", [20, 64, 200])
def test_parts_make_up_the_file(data: bytes, part_bytes: int) -> None:
    assert check_parts(Jsonl(), data, part_bytes, ReadOptions(max_record_bytes=300))


@settings(deadline=None)
@given(st.lists(st.integers(0, 60).map(lambda n: b"x" * n), max_size=30), st.integers(1, 100), st.booleans())
@example([b"", b"", b""], 1, True)
def test_lines_of_any_length_are_cut_anywhere(lines: list[bytes], part_bytes: int, is_open: bool) -> None:
    data = b"\n".join(lines) + (b"" if is_open else b"\n")
    check_parts(Text(per="line"), data, part_bytes, ReadOptions(max_record_bytes=40))


@pytest.mark.parametrize("data", [b"", gzip.compress(line_of(50) * 1000), b"\x28\xb5\x2f\xfd" + b"x" * 500])
def test_a_compressed_or_empty_file_has_no_parts(data: bytes) -> None:
    assert Jsonl().parts(stored(data), 10) == ()


def test_a_file_that_is_a_document_has_no_parts() -> None:
    assert Text().parts(stored(b"one\ntwo\n" * 100), 10) == ()


def parquet(rows: int, group_rows: int) -> bytes:
    sink = io.BytesIO()
    table = pa.table({"text": [f"{number:04}" + "x" * 996 for number in range(rows)]})
    pq.write_table(table, sink, row_group_size=group_rows, use_dictionary=False)
    return sink.getvalue()


def test_row_groups_are_parts_as_many_together_as_fit() -> None:
    parts = check_parts(Parquet(), parquet(100, 10), 25_000)

    assert [(part.start.record, part.end) for part in parts] == [(0, 20), (20, 40), (40, 60), (60, 80), (80, 100)]


def test_a_large_row_group_is_one_part() -> None:
    parts = check_parts(Parquet(), parquet(100, 60), 10_000)

    assert [(part.start.record, part.end) for part in parts] == [(0, 60), (60, 100)]
    assert parts[0].text_bytes == pytest.approx(60_000, rel=0.1)


def test_a_damaged_row_group_costs_only_itself_in_parts_too() -> None:
    data = bytearray(parquet(40, 10))
    data[len(data) // 2 : len(data) // 2 + 40] = b"?" * 40

    assert len(check_parts(Parquet(), bytes(data), 10_000)) == 4


def test_a_file_without_a_footer_has_no_parts() -> None:
    assert Parquet().parts(stored(b"PAR1 junk"), 10) == ()
