"""Plain text is read per file or per line, in the charset that the recipe names or the bytes show."""

import gzip
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from stored_files import Contents, contents

from datapipe.reader import ReadOptions
from datapipe.readers.text import Text

RUSSIAN = "Все люди рождаются свободными и равными.\n" * 5


def read(data: bytes, max_record_bytes: int = 1 << 20, **options: Any) -> Contents:
    return contents(Text(**options), data, ReadOptions(max_record_bytes=max_record_bytes), "prose/a b.txt")


def test_a_file_is_a_document_as_it_stands() -> None:
    (row,) = read("one\r\n\ntwo\0 ü".encode()).rows
    assert row == {
        "record": 0,
        "source_id": "prose/a b.txt",
        "url": None,
        "date": None,
        "media_type": "text/plain",
        "encoding": "utf-8",
        "text": "one\r\n\ntwo\0 ü",
    }


def test_an_empty_file_is_an_empty_document() -> None:
    assert read(b"").texts == [""]
    assert read(gzip.compress(b"")).texts == [""]


def test_a_line_is_a_document() -> None:
    found = read(b"\xef\xbb\xbfone\r\n\n two \n \t\nthree", per="line")
    assert (found.texts, found.records) == (["one", " two ", "three"], [0, 2, 4])
    assert found.passed_over == {"blank line": 2}
    assert {row["source_id"] for row in found.rows} == {None}


@pytest.mark.parametrize("per", ["file", "line"])
def test_packed_text_is_read(per: str) -> None:
    assert read(gzip.compress(b"a ") + gzip.compress(b"b"), per=per).texts == ["a b"]
    assert read(zstandard.compress(b"a b"), per=per).texts == ["a b"]


def test_what_is_not_in_the_charset_is_unreadable() -> None:
    assert read(b"caf\xe9").errors == ["not valid UTF-8: unexpected end of data at byte 3"]
    lines = read(b"one\ncaf\xe9!\ntwo\n", per="line")
    assert (lines.texts, lines.errors) == (["one", "two"], ["not valid UTF-8: invalid continuation byte at byte 3"])
    assert read(b"\x81", encoding="windows-1252").errors == ["not cp1252"]


@pytest.mark.parametrize(
    ("encoding", "codec", "mark"),
    [
        ("utf-8", "utf-8", b"\xef\xbb\xbf"),
        ("windows-1251", "cp1251", b""),
        ("KOI8-R", "koi8-r", b""),
        ("utf-16", "utf-16-le", b"\xff\xfe"),
        ("utf-16be", "utf-16-be", b"\xfe\xff"),
    ],
)
def test_a_recipe_names_the_charset(encoding: str, codec: str, mark: bytes) -> None:
    (row,) = read(mark + RUSSIAN.encode(codec), encoding=encoding).rows
    assert (row["text"], row["encoding"]) == (RUSSIAN, codec)


@pytest.mark.parametrize("codec", ["utf-8", "cp1251", "koi8-r"])
def test_or_the_bytes_of_the_whole_file_show_it(codec: str) -> None:
    assert read(RUSSIAN.encode(codec), encoding="detect").texts == [RUSSIAN]
    lines = read(RUSSIAN.encode(codec), encoding="detect", per="line")
    assert lines.texts == RUSSIAN.splitlines()
    assert {row["encoding"] for row in lines.rows} == {codec}


def test_a_charset_without_lines_is_refused() -> None:
    with pytest.raises(ValueError, match="'utf-16' has no bytes that end lines"):
        Text(per="line", encoding="utf-16")
    found = read(b"\xff\xfe" + "a\nb".encode("utf-16-le"), per="line", encoding="detect")
    assert found.rows == [] and set(found.errors) == {"utf-16-le has no bytes that end lines: read it per file"}


@pytest.mark.parametrize("encoding", ["rot13", "hex", "", "utf-9"])
def test_an_unknown_charset_is_refused(encoding: str) -> None:
    with pytest.raises(ValueError, match="unknown encoding"):
        Text(encoding=encoding)


def test_a_large_file_is_not_kept() -> None:
    found = read(gzip.compress(bytes(50 << 20)), max_record_bytes=1000)
    assert (found.rows, found.errors) == ([], ["file of more than 1,000 bytes (max_record_bytes)"])
    assert read(b"x" * 1000, max_record_bytes=1000).texts == ["x" * 1000]


def test_a_file_cut_short_is_no_document() -> None:
    data = gzip.compress(bytes(range(128)) * 100)
    assert read(data[:-5]).errors == ["gzip member cut short"]
    assert read(data[:-5] + data).rows == []


@given(lines=st.lists(st.text(st.characters(exclude_categories=["Cs", "Z", "C"]), min_size=1, max_size=9)))
def test_lines_come_back_as_they_were_written(lines: list[str]) -> None:
    assert read("\n".join(lines).encode(), per="line").texts == lines
