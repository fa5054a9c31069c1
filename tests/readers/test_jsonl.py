"""Every line of a JSON lines file becomes a document, or says why it does not."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from stored_files import FailingStream, contents, stored

from datapipe.reader import Position, ReadOptions, SourceFile
from datapipe.readers.jsonl import Jsonl

EXTRA = pa.schema(
    [
        pa.field("name", pa.string()),
        pa.field("count", pa.int64()),
        pa.field("score", pa.float64()),
        pa.field("is_new", pa.bool_()),
    ]
)


def lines(*records: Any) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in records)


def read(data: bytes, **options: Any):
    return contents(Jsonl(), data, ReadOptions(**options))


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(data)


def test_an_object_becomes_a_document() -> None:
    record = {
        "text": "Hello\u0000 wörld",
        "source_id": "a1",
        "url": "https://example.org/",
        "date": "2024-05-31",
        "media_type": "Text/HTML; charset=utf-8",
        "encoding": "cp1252",
        "other": [1, {"deep": None}],
    }
    assert read(lines(record, {"text": ""})).rows == [
        {
            "record": 0,
            "source_id": "a1",
            "url": "https://example.org/",
            "date": "2024-05-31T00:00:00Z",
            "media_type": "text/html",
            "encoding": "cp1252",
            "text": "Hello\0 wörld",
        },
        {
            "record": 1,
            "source_id": None,
            "url": None,
            "date": None,
            "media_type": None,
            "encoding": "utf-8",
            "text": "",
        },
    ]


def test_fields_may_have_other_names() -> None:
    fields = {"text": "content", "source_id": "uid", "url": "link", "size": "n"}
    record = {"content": "yes", "text": "no", "uid": 12345678901234567890, "link": "https://a.org", "n": 3}
    (row,) = read(lines(record), fields=fields, extra_columns=pa.schema([pa.field("size", pa.int64())])).rows
    assert (row["text"], row["source_id"], row["url"], row["size"]) == (
        "yes",
        "12345678901234567890",
        "https://a.org",
        3,
    )


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b"{", "not JSON: EOF while parsing"),
        (b'{"text": "a"} {"text": "b"}', "not JSON: trailing characters"),
        (b'{"text": "a\tb"}', "not JSON: control character"),
        (b'{"text": "a\0b"}', "not JSON: control character"),
        (b'{"text": "a", "x": NaN}', "not JSON: expected value"),
        (b'{"text": "\\ud800"}', "not JSON: "),
        (b'{"text": "\\udc00\\ud800"}', "not JSON: "),
        (b'{"text": "\xff"}', "not valid UTF-8: invalid start byte at byte 10"),
        (b'{"text": "\xed\xa0\x80"}', "not valid UTF-8: invalid continuation byte at byte 10"),
        (b"[" * 100_000, "not JSON: recursion limit"),
        (b"[1, 2]", "the line is an array, expected an object"),
        (b"null", "the line is null, expected an object"),
        (b"true", "the line is true or false, expected an object"),
        (b"12", "the line is a number, expected an object"),
        (b'"text"', "the line is a string, expected an object"),
        (b"{}", "no field 'text'"),
        (b'{"Text": "a"}', "no field 'text'"),
        (b'{"text": null}', "field 'text' is null"),
        (b'{"text": 1}', "field 'text' is a number, expected a string"),
        (b'{"text": ["a"]}', "field 'text' is an array, expected a string"),
        (b'{"text": "a", "url": {}}', "field 'url' is an object, expected a string"),
        (b'{"text": "a", "date": 20240531}', "field 'date' is a number, expected a string"),
        (b'{"text": "a", "source_id": true}', "field 'source_id' is true or false, expected a string"),
        (b'{"text": "a", "name": 1}', "field 'name' is a number, expected a string"),
        (b'{"text": "a", "count": 1.0}', "field 'count' is a number, expected a whole number"),
        (b'{"text": "a", "count": true}', "field 'count' is true or false, expected a whole number"),
        (b'{"text": "a", "count": "1"}', "field 'count' is a string, expected a whole number"),
        (b'{"text": "a", "count": 9223372036854775808}', "field 'count' is outside 64 bits"),
        (b'{"text": "a", "score": "1"}', "field 'score' is a string, expected a number"),
        (b'{"text": "a", "score": 1' + b"0" * 400 + b"}", "field 'score' is outside the range of a double"),
        (b'{"text": "a", "is_new": 0}', "field 'is_new' is a number, expected true or false"),
        (b"\x89PNG\x00\x01", "not valid UTF-8"),
    ],
)
def test_a_bad_line_says_what_is_wrong_and_spares_the_others(line: bytes, error: str) -> None:
    found = read(lines({"text": "first"}) + line + b"\n" + lines({"text": "last"}), extra_columns=EXTRA)
    assert (found.texts, found.records) == (["first", "last"], [0, 2])
    assert found.errors[0].startswith(error)
    assert (found.unreadable[0].record, found.unreadable[0].offset) == (1, len(lines({"text": "first"})))


def test_extra_columns_keep_their_values() -> None:
    full = {"text": "a", "name": "ü", "count": -(2**63), "score": 1, "is_new": False}
    first, second = read(lines(full, {"text": "b", "count": None}), extra_columns=EXTRA).rows
    assert [first[name] for name in EXTRA.names] == ["ü", -(2**63), 1.0, False]
    assert [second[name] for name in EXTRA.names] == [None] * 4


def test_a_type_that_records_cannot_have_is_refused_before_reading() -> None:
    with pytest.raises(ValueError, match="extra column 'when' is timestamp"):
        read(b"", extra_columns=pa.schema([pa.field("when", pa.timestamp("s"))]))


def test_records_have_the_numbers_of_their_lines() -> None:
    found = read(b'\xef\xbb\xbf{"text": "a"}\r\n\n  \t\r\n{"text": "b"}\n\n{"text": "c"}')
    assert (found.texts, found.records) == (["a", "b", "c"], [0, 3, 5])
    assert found.passed_over == {"blank line": 3}


@pytest.mark.parametrize("data", [b"", gzip.compress(b"", mtime=0), b"\xef\xbb\xbf"])
def test_an_empty_file_says_so(data: bytes) -> None:
    found = read(data)
    assert (found.rows, found.errors) == ([], ["the file is empty"])


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstd])
def test_every_packing_gives_the_same_documents(pack: Callable[[bytes], bytes]) -> None:
    records = [{"text": f"document {number} " * number} for number in range(40)]
    data = lines(*records)
    for packed in (pack(data), pack(data[:500]) + pack(data[500:510]) + pack(b"") + pack(data[510:])):
        found = read(packed)
        assert found.texts == [one["text"] for one in records]
        assert found.bytes_read == len(packed)


def test_a_position_is_the_place_of_a_line() -> None:
    data = lines(*({"text": str(number)} for number in range(4)))
    file = stored(data)
    found = list(Jsonl().read(file, Position(), ReadOptions(batch_rows=1)))
    assert [one.next for one in found] == [Position(offset=14 * n, record=n) for n in range(1, 5)]
    packed = stored(gzip.compress(data))
    found = list(Jsonl().read(packed, Position(), ReadOptions(batch_rows=1)))
    assert [one.next for one in found[:-1]] == [Position(within=14 * n, record=n) for n in range(1, 4)]


def test_a_file_cut_short_gives_the_whole_lines() -> None:
    data = gzip.compress(lines(*({"text": f"{number:05}"} for number in range(100))))
    found = read(data[: len(data) // 2])
    assert 20 < len(found.rows) < 80
    assert found.texts == [f"{number:05}" for number in range(len(found.rows))]
    assert found.errors == ["gzip member cut short, within this line"]
    assert found.unreadable[0].record == len(found.rows)


def test_a_damaged_member_costs_its_lines() -> None:
    members = [gzip.compress(lines({"text": f"{number} " * 200})) for number in range(3)]
    broken = bytearray(members[1])
    broken[20] ^= 0xFF
    found = read(members[0] + bytes(broken) + members[2])
    assert [text[:2] for text in found.texts] == ["0 ", "2 "]
    assert len(found.errors) == 1 and "gzip member damaged" in found.errors[0]


@pytest.mark.parametrize("size", [199, 3_000_000])
def test_a_long_line_is_skipped(size: int) -> None:
    long = b'{"text": "' + b"x" * size + b'"}\n'
    found = read(lines({"text": "a"}) + long + lines({"text": "b"}) + long[:-1], max_record_bytes=200)
    assert (found.texts, found.records) == (["a", "b"], [0, 2])
    assert found.errors == ["line of more than 200 bytes (max_record_bytes)"] * 2


def test_a_delivery_is_cut_by_rows_and_by_bytes() -> None:
    data = lines(*({"text": "x" * 10, "name": "y" * 30} for _ in range(10)))
    rows = [one.batch.num_rows for one in Jsonl().read(stored(data), Position(), ReadOptions(batch_rows=4))]
    assert rows == [4, 4, 2]
    # 10 bytes of text and 5 of `utf-8` each; with the extra column 45
    sizes = ReadOptions(batch_bytes=45)
    assert [one.batch.num_rows for one in Jsonl().read(stored(data), Position(), sizes)] == [3, 3, 3, 1]
    wide = ReadOptions(batch_bytes=45, extra_columns=pa.schema([pa.field("name", pa.string())]))
    assert [one.batch.num_rows for one in Jsonl().read(stored(data), Position(), wide)] == [1] * 10


def test_failures_are_delivered_in_bounded_portions() -> None:
    found = list(Jsonl().read(stored(b"x\n" * 1000), Position(), ReadOptions(batch_rows=100)))
    assert [len(one.unreadable) for one in found] == [100] * 10


def test_failing_storage_is_no_bad_record() -> None:
    data = lines({"text": "x" * 1000}) * 4000
    file = SourceFile("x", "x", len(data), lambda: FailingStream(data, 2 << 20))
    with pytest.raises(OSError, match="connection lost"):
        list(Jsonl().read(file, Position(), ReadOptions()))


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(
    texts=st.lists(TEXTS, min_size=1, max_size=12),
    is_ascii=st.booleans(),
    pack=st.sampled_from([bytes, gzip.compress, zstd]),
)
def test_texts_come_back_as_they_were_written(texts: list[str], is_ascii: bool, pack: Callable[[bytes], bytes]) -> None:
    data = "\n".join(json.dumps({"text": text}, ensure_ascii=is_ascii) for text in texts).encode()
    assert read(pack(data)).texts == texts


@given(data=st.binary(max_size=300), size=st.integers(1, 40))
def test_any_bytes_are_read_to_their_end(data: bytes, size: int) -> None:
    found = read(data, max_record_bytes=size)
    assert len(found.rows) + len(found.errors) + found.passed_over.total() >= 1
