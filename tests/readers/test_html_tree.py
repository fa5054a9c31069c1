"""HTML files become documents with the address they had, decoded and otherwise as they are."""

import gzip

import pytest
from stored_files import contents

from datapipe.reader import ReadOptions
from datapipe.readers.html_tree import HtmlTree

PAGE = "<!doctype html><meta charset=windows-1251><p>Все люди рождаются свободными</p>"


@pytest.mark.parametrize(("codec", "encoding"), [("utf-8", "utf-8"), ("cp1251", "cp1251")])
def test_a_page_is_decoded_by_its_bytes_then_by_its_claim(codec: str, encoding: str) -> None:
    (row,) = contents(HtmlTree(), PAGE.encode(codec), relative="ru/index.html").rows
    assert row == {
        "record": 0,
        "source_id": "ru/index.html",
        "url": None,
        "date": None,
        "media_type": "text/html",
        "encoding": encoding,
        "text": PAGE,
    }


def test_the_address_is_a_prefix_and_the_path() -> None:
    reader = HtmlTree(url_prefix="https://example.org/docs/")
    (row,) = contents(reader, gzip.compress(b"<p>"), relative="é/a b.html").rows
    assert (row["url"], row["text"]) == ("https://example.org/docs/%C3%A9/a%20b.html", "<p>")


def test_a_large_page_is_unreadable() -> None:
    found = contents(HtmlTree(), b"<p>" * 1000, ReadOptions(max_record_bytes=2999))
    assert (found.rows, found.errors) == ([], ["file of more than 2,999 bytes (max_record_bytes)"])


def test_an_empty_page_is_an_empty_document() -> None:
    assert contents(HtmlTree(), b"").texts == [""]
