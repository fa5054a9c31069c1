"""Source files become documents that know their repository, path and language."""

from typing import Any

import pytest
from stored_files import Contents, contents

from datapipe.reader import ReadOptions
from datapipe.readers.source_tree import SourceTree


def read(relative: str, data: bytes = b"int x;\n", **options: Any) -> Contents:
    return contents(SourceTree(**options), data, relative=relative)


def test_a_file_knows_its_repository_path_and_language() -> None:
    (row,) = read("lz4/lib/lz4.c").rows
    assert row == {
        "record": 0,
        "source_id": "lz4/lib/lz4.c",
        "url": None,
        "date": None,
        "media_type": "text/plain",
        "encoding": "utf-8",
        "text": "int x;\n",
        "path": "lib/lz4.c",
        "repository": "lz4",
        "programming_language": "C",
    }


def test_the_repository_may_be_given_or_missing() -> None:
    (row,) = read("lib/lz4.c", repository="github.com/lz4/lz4").rows
    assert (row["repository"], row["path"]) == ("github.com/lz4/lz4", "lib/lz4.c")
    (row,) = read("lz4.c").rows
    assert (row["repository"], row["path"]) == (None, "lz4.c")


@pytest.mark.parametrize(
    ("relative", "kind"),
    [
        ("a/.git/config", "hidden"),
        ("a/.hidden.py", "hidden"),
        ("a/node_modules/b/index.js", "vendored"),
        ("a/vendor/b/c.go", "vendored"),
        ("a/third_party/c.c", "vendored"),
    ],
)
def test_hidden_and_vendored_files_are_passed_over_unopened(relative: str, kind: str) -> None:
    found = read(relative)
    assert (found.rows, found.passed_over, found.bytes_read) == ([], {kind: 1}, 0)
    assert len(read(relative, keep_hidden=True, keep_vendored=True).rows) == 1


def test_a_repository_may_be_called_vendor() -> None:
    assert len(read("vendor/a.py").rows) == 1
    assert len(read("a/vendor").rows) == 1


def test_binary_files_are_passed_over() -> None:
    assert read("a/b.png", b"\x89PNG\0").passed_over == {"binary": 1}
    assert read("a/b.bin", b"x" * 8191 + b"\0").passed_over == {"binary": 1}
    assert len(read("a/b.txt", b"x" * 8192 + b"\0").rows) == 1
    assert read("a/b.gz", b"\x1f\x8b\x08\0\0\0\0\0").passed_over == {"binary": 1}


def test_text_in_other_charsets_is_decoded_where_nothing_is_lost() -> None:
    assert read("a/b.cs", "// ü".encode("utf-16")).texts == ["// ü"]
    assert read("a/b.cs", b"\xef\xbb\xbfclass A {}").texts == ["class A {}"]
    comment = "/* Größe der Tabelle für Übergänge, geändert von Jörg Müller */"
    (row,) = read("a/b.c", comment.encode("cp1252")).rows
    assert (row["text"], row["encoding"]) == (comment, "cp1252")


def test_text_that_would_lose_characters_is_unreadable() -> None:
    found = read("a/b.c", ("/* " + "größer " * 50).encode() + b"\xff */")
    assert found.rows == []
    assert found.errors == ["not valid UTF-8: invalid start byte at byte 453, and utf-8 loses characters"]
    assert len(read("a/b.c", "/* \ufffd is kept */".encode()).rows) == 1


def test_an_empty_file_is_an_empty_document() -> None:
    (row,) = read("a/__init__.py", b"").rows
    assert (row["text"], row["programming_language"]) == ("", "Python")


def test_a_large_file_is_unreadable() -> None:
    found = contents(SourceTree(), b"x" * 101, ReadOptions(max_record_bytes=100), "a/b.js")
    assert found.errors == ["file of more than 100 bytes (max_record_bytes)"]
