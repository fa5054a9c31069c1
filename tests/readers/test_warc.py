"""Pages come out of web archives as they were sent, and nothing but the damaged record is lost."""

import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
import zstandard
from fastwarc.stream_io import BrotliWriter
from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType
from hypothesis import given, settings
from hypothesis import strategies as st
from stored_files import DEFAULT, SMALL, Contents, contents, deliveries, stored

from datapipe.reader import Position, ReadOptions
from datapipe.readers.warc import Warc

HTML = b"<!doctype html><html><body><p>Hello</p></body></html>"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
Packer = Callable[[bytes], bytes]


def record(
    number: int,
    block: bytes,
    kind: str = "response",
    content_type: str = "application/http; msgtype=response",
    length: int | str | None = None,
    url: str | None = None,
) -> bytes:
    fields = {
        "WARC-Type": kind,
        "WARC-Record-ID": f"<urn:uuid:{number:04}>",
        "WARC-Date": "2024-05-31T12:00:00Z",
        "WARC-Target-URI": url or f"https://example.org/{number}",
        "Content-Type": content_type,
        "Content-Length": str(len(block) if length is None else length),
    }
    header = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"WARC/1.0\r\n{header}\r\n".encode() + block + b"\r\n\r\n"


def page(number: int, text: str = "", headers: bytes = b"", body: bytes | None = None) -> bytes:
    """A record of a page that holds its number, if nothing else."""
    return record(number, OK + headers + b"\r\n" + (f"<p>{number} {text}</p>".encode() if body is None else body))


def read(data: bytes, options: ReadOptions = DEFAULT) -> Contents:
    return contents(Warc(), data, options)


def body(headers: bytes, sent: bytes) -> str:
    """The text of a page sent with these headers."""
    (text,) = read(page(0, headers=headers, body=sent)).texts
    return str(text)


def brotli(data: bytes) -> bytes:
    sink = io.BytesIO()
    with BrotliWriter(sink) as writer:
        writer.write(data)
    return sink.getvalue()


def chunked(data: bytes, size: int = 10) -> bytes:
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in [*parts, b""])


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(data)


def test_a_page_carries_what_its_record_says() -> None:
    found = read(record(7, OK + b"\r\n" + HTML))
    assert found.rows == [
        {
            "record": 0,
            "source_id": "<urn:uuid:0007>",
            "url": "https://example.org/7",
            "date": "2024-05-31T12:00:00Z",
            "media_type": "text/html",
            "encoding": "utf-8",
            "text": HTML.decode(),
        }
    ]
    assert (found.unreadable, found.passed_over) == ([], {})


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstd])
@pytest.mark.parametrize("is_per_record", [True, False])
def test_every_packing_gives_the_same_pages(pack: Packer, is_per_record: bool) -> None:
    records = [page(number) for number in range(7)]
    data = b"".join(map(pack, records)) if is_per_record else pack(b"".join(records))
    found = read(data)
    assert found.texts == [f"<p>{number} </p>" for number in range(7)]
    assert found.records == [*range(7)]
    assert found.bytes_read == len(data)


@pytest.mark.parametrize("pack", [gzip.compress, zstd])
def test_a_position_is_the_start_of_the_record_in_the_file(pack: Packer) -> None:
    """So that an index of the archive and a resumed run find it by seeking."""
    members = [pack(page(number)) for number in range(5)]
    starts = [sum(map(len, members[:number])) for number in range(1, 6)]
    found = deliveries(Warc(), stored(b"".join(members)), ReadOptions(batch_rows=1))
    assert [one.next for one in found] == [Position(offset=start, record=n) for n, start in enumerate(starts, 1)]


def test_a_position_inside_a_large_member_skips_to_the_record() -> None:
    pages = [page(number) for number in range(5)]
    found = deliveries(Warc(), stored(gzip.compress(b"".join(pages))), ReadOptions(batch_rows=1))
    # The record begins behind the line ends of the one before it, or with them: the reader passes over both.
    assert [one.next.offset for one in found[:-1]] == [0, 0, 0, 0]
    assert [one.next.within for one in found[:-1]] == [sum(map(len, pages[:number])) for number in range(1, 5)]


def test_other_records_count_but_are_no_documents() -> None:
    data = b"".join(
        [
            record(0, b"software: x\r\n", "warcinfo", "application/warc-fields"),
            record(1, b"GET / HTTP/1.1\r\n\r\n", "request", "application/http; msgtype=request"),
            page(2),
            record(3, b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n<p>gone</p>"),
            record(4, b"HTTP/1.1 301 Moved\r\nLocation: /\r\n\r\n"),
            record(5, b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n\x89PNG"),
            record(6, OK + b"\r\n", "revisit"),
            record(7, b"a: b\r\n", "metadata", "application/warc-fields"),
            record(8, b"Wget log", "resource", "text/plain", url="metadata://gnu.org/software/wget/wget.log"),
            record(9, b"x", "mystery"),
            record(10, OK + b"\r\n%PDF-1.7 sent as HTML"),
            page(11),
        ]
    )
    found = read(data)
    assert found.records == [2, 11]
    assert found.passed_over == {
        "warcinfo": 1,
        "request": 1,
        "status 404": 1,
        "status 301": 1,
        "image/png": 1,
        "revisit": 1,
        "metadata": 1,
        "crawler's notes": 1,
        "unknown record type": 1,
        "binary": 1,
    }
    assert found.unreadable == []


def test_resources_and_conversions_of_text_are_documents() -> None:
    data = record(0, HTML, "resource", "text/html") + record(1, b"Plain words", "conversion", "text/plain")
    found = read(data + record(2, b"{}", "resource", "application/json"))
    assert [(row["media_type"], row["text"]) for row in found.rows] == [
        ("text/html", HTML.decode()),
        ("text/plain", "Plain words"),
    ]
    assert found.passed_over == {"application/json": 1}


def test_the_recipe_names_the_media_types() -> None:
    data = record(0, b"HTTP/1.1 200 OK\r\nContent-Type: Text/Markdown; charset=utf-8\r\n\r\n# Title") + page(1)
    found = contents(Warc(media_types=("text/markdown",)), data)
    assert found.texts == ["# Title"]
    assert found.passed_over == {"text/html": 1}


def test_a_page_without_a_type_is_html_if_it_begins_so() -> None:
    without = b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n"
    assert read(record(0, without + b" \n<!-- x --><HTML>")).texts == [" \n<!-- x --><HTML>"]
    found = read(record(0, without + HTML) + record(1, without + b"\x00\x01") + record(2, b"HTTP/1.0 200 OK\r\n\r\n"))
    assert found.texts == [HTML.decode()]
    assert found.passed_over == {"no media type": 2}


@pytest.mark.parametrize(
    ("headers", "sent"),
    [
        (b"Content-Encoding: gzip\r\n", gzip.compress(HTML, mtime=0)),
        (b"content-encoding: X-GZIP\r\n", gzip.compress(HTML, mtime=0)),
        (b"Content-Encoding: deflate\r\n", zlib.compress(HTML)),
        (b"Content-Encoding: deflate\r\n", raw_deflate(HTML)),
        (b"Content-Encoding: br\r\n", brotli(HTML)),
        (b"Content-Encoding: zstd\r\n", zstd(HTML)),
        (b"Content-Encoding: gzip, br\r\n", brotli(gzip.compress(HTML, mtime=0))),
        (b"Content-Encoding: identity\r\n", HTML),
        (b"Content-Encoding: UTF-8\r\n", HTML),
        (b"Transfer-Encoding: chunked\r\n", chunked(HTML)),
        (b"Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n", chunked(gzip.compress(HTML, mtime=0))),
        (b"Content-Length: 3\r\n", HTML),
    ],
)
def test_a_body_is_decoded(headers: bytes, sent: bytes) -> None:
    assert body(headers, sent) == HTML.decode()


@pytest.mark.parametrize("coding", [b"gzip", b"deflate", b"br", b"zstd"])
def test_a_body_that_the_crawler_decoded_is_taken_as_it_is(coding: bytes) -> None:
    headers = b"Transfer-Encoding: chunked\r\nContent-Encoding: " + coding + b"\r\n"
    assert body(headers, HTML) == HTML.decode()


def test_chunks_cut_short_are_taken_as_far_as_they_go() -> None:
    assert body(b"Transfer-Encoding: chunked\r\n", chunked(HTML)[:40]) == HTML.decode()[:27]


@pytest.mark.parametrize(
    ("coding", "sent", "error"),
    [
        (b"gzip", gzip.compress(HTML, mtime=0)[:-9], "content-encoding gzip: cut short"),
        (b"deflate", zlib.compress(HTML)[:-9], "content-encoding deflate: cut short"),
        (b"br", b"\xff" * 50, "content-encoding br: Invalid Data"),
        (b"zstd", zstd(HTML * 9)[:9] + b"\xff" * 50, "content-encoding zstd"),
        (b"zstd", zstd(HTML)[:-9], "content-encoding zstd: cut short"),
        (
            b"gzip",
            gzip.compress(bytes(5_000_000), mtime=0),
            "body of more than 100,000 bytes when decoded (max_record_bytes)",
        ),
        (b"br", brotli(bytes(5_000_000)), "body of more than 100,000 bytes when decoded (max_record_bytes)"),
        (b"zstd", zstd(bytes(5_000_000)), "body of more than 100,000 bytes when decoded (max_record_bytes)"),
    ],
)
def test_a_body_that_cannot_be_decoded_is_unreadable(coding: bytes, sent: bytes, error: str) -> None:
    data = page(0, headers=b"Content-Encoding: " + coding + b"\r\n", body=sent) + page(1)
    found = read(data, ReadOptions(max_record_bytes=100_000))
    assert found.records == [1]
    assert found.errors[0].startswith(error)
    assert found.unreadable[0].record == 0


def test_the_charset_follows_from_the_bytes_then_the_header_then_the_page() -> None:
    russian = "<meta charset=koi8-r><p>Все люди рождаются свободными</p>"
    data = b"".join(
        [
            record(0, b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=koi8-r\r\n\r\n" + russian.encode()),
            record(
                1, b'HTTP/1.1 200 OK\r\nContent-Type: text/html; charset="cp1251"\r\n\r\n' + russian.encode("cp1251")
            ),
            record(2, OK + b"\r\n" + russian.encode("koi8-r")),
        ]
    )
    found = read(data)
    assert found.texts == [russian] * 3
    assert [row["encoding"] for row in found.rows] == ["utf-8", "cp1251", "koi8-r"]


@pytest.mark.parametrize(
    ("block", "error"),
    [
        (b"<html>no header at all", "no HTTP status line"),
        (b"HTTPX/1.1 200 OK\r\n\r\n", "no HTTP status line"),
        (b"", "no HTTP status line"),
    ],
)
def test_a_response_without_a_status_is_unreadable(block: bytes, error: str) -> None:
    found = read(record(0, block) + page(1))
    assert (found.records, found.errors) == ([1], [error])


def test_line_ends_of_any_kind_are_read() -> None:
    """Status lines without a reason, headers ended by LF, and a crawler that wrote CR CR LF."""
    lf = record(0, b"HTTP/1.1 200\nContent-Type: text/html\nX-Folded: a\n b\n\n<p>0</p>").replace(b"\r\n", b"\n")
    strange = record(1, OK + b"\r\n<p>1</p>").split(b"\r\n\r\n", 1)
    crcrlf = strange[0].replace(b"\r\n", b"\r\r\n") + b"\r\r\n\r\r\n" + strange[1]
    found = read(lf + crcrlf + page(2).rstrip() + page(3))
    assert found.texts == ["<p>0</p>", "<p>1</p>", "<p>2 </p>", "<p>3 </p>"]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstd])
@pytest.mark.parametrize(
    ("length", "error"),
    [
        (20, "wrong Content-Length 20: the next record begins 56 bytes on"),
        (60, "wrong Content-Length 60: the next record begins 56 bytes on"),
        (10**6, "wrong Content-Length 1,000,000: the next record begins 56 bytes on"),
        (10**15, "wrong Content-Length 1,000,000,000,000,000: the next record begins 56 bytes on"),
        (-1, "no valid Content-Length: '-1'"),
        ("many", "no valid Content-Length: 'many'"),
        ("9" * 30, "no valid Content-Length: '999999999999999999999999999999'"),
        ("", "no valid Content-Length: ''"),
    ],
)
def test_a_wrong_length_costs_one_record(length: int | str, error: str, pack: Packer) -> None:
    wrong = record(1, OK + b"\r\n<p>1</p>", length=length)
    assert wrong.index(b"HTTP/") + 56 == len(wrong)
    records = [page(0), wrong, page(2), page(3)]
    found = read(b"".join(map(pack, records)))
    assert (found.records, found.errors) == ([0, 2, 3], [error])
    assert found.unreadable[0].offset == len(pack(records[0]))


def test_a_large_record_is_passed_without_keeping_it() -> None:
    data = page(0) + record(1, OK + b"\r\n" + b"x" * 3_000_000) + page(2)
    found = read(data, ReadOptions(max_record_bytes=100_000))
    assert found.records == [0, 2]
    assert found.errors == ["block of 3,000,044 bytes is above max_record_bytes (100,000)"]


def test_a_large_record_that_is_no_document_is_passed_over() -> None:
    film = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n\r\n" + bytes(3_000_000)
    found = read(record(0, film) + record(1, film, "request") + page(2), ReadOptions(max_record_bytes=100_000))
    assert (found.records, found.unreadable) == ([2], [])
    assert found.passed_over == {"video/mp4": 1, "request": 1}


def test_a_header_without_end_is_unreadable() -> None:
    endless = page(1).replace(b"WARC-Date", b"X-Long: " + b"y" * 10_000_000 + b"\r\nWARC-Date")
    found = read(page(0) + endless + page(2))
    assert (found.records, found.errors) == ([0, 2], ["neither a WARC nor an ARC record"])


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstd])
def test_a_file_cut_short_delivers_what_came_before(pack: Packer) -> None:
    whole = pack(page(0)) + pack(page(1))
    text = "ü" * 5000
    found = read(whole + pack(record(2, OK + b"\r\n" + text.encode()))[:-30])
    assert found.records == [0, 1]
    assert len(found.errors) == 1 and "cut short" in found.errors[0]


def test_a_damaged_member_costs_its_record() -> None:
    members = [gzip.compress(page(number, "text " * 500)) for number in range(4)]
    broken = bytearray(members[1])
    broken[60] ^= 0xFF
    found = read(members[0] + bytes(broken) + members[2] + members[3])
    assert [text[:5] for text in found.texts] == ["<p>0 ", "<p>2 ", "<p>3 "]
    assert len(found.errors) == 1 and found.unreadable[0].offset == len(members[0])


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", "the file is empty"),
        (gzip.compress(b"", mtime=0), "the file is empty"),
        (b"\r\n\r\n", "the file is empty"),
        (b"{}\n{}\n", "neither a WARC nor an ARC record"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 100, "neither a WARC nor an ARC record"),
        (b"WARC/1.0\r\n", "neither a WARC nor an ARC record"),
    ],
)
def test_a_file_that_is_no_archive_says_so(data: bytes, error: str) -> None:
    found = read(data)
    assert (found.rows, found.errors) == ([], [error])


ARC = (
    b"filedesc://a.arc 127.0.0.1 20140216050221 text/plain 75\n1 0 LiveWeb Capture\n"
    b"URL IP-address Archive-date Content-type Archive-length\n\n"
)


def arc(url: str, block: bytes, length: int | None = None, kind: str = "text/html") -> bytes:
    return (
        f"{url} 93.184.216.119 20140216050221 {kind} {len(block) if length is None else length}\n".encode()
        + block
        + b"\n"
    )


def test_arc_files_are_read() -> None:
    data = ARC.replace(b"75", b"76") + arc("http://a.org/", OK + b"\r\n" + HTML) + arc("http://b.org/", b"<p>bare</p>")
    for packed in (data, gzip.compress(data)):
        found = read(packed)
        assert [(row["url"], row["date"], row["text"]) for row in found.rows] == [
            ("http://a.org/", "2014-02-16T05:02:21Z", HTML.decode()),
            ("http://b.org/", "2014-02-16T05:02:21Z", "<p>bare</p>"),
        ]
        assert [row["source_id"] for row in found.rows] == [None, None]
        assert (found.passed_over, found.unreadable) == ({"warcinfo": 1}, [])


def test_a_wrong_length_in_an_arc_file_costs_one_record() -> None:
    bad = [arc("http://b.org/", b"<p>b</p>", length) for length in (-1, 3, 11)]
    data = ARC.replace(b"75", b"76") + b"".join(arc("http://a.org/", b"<p>a</p>") + one for one in bad)
    found = read(data + arc("http://c.org/", b"<p>c</p>"))
    assert found.texts == ["<p>a</p>", "<p>a</p>", "<p>a</p>", "<p>c</p>"]
    assert found.records == [1, 3, 5, 7]


def test_dates_become_seconds_in_utc() -> None:
    dated = page(0).replace(b"2024-05-31T12:00:00Z", b"2024-05-31T14:00:00.123456+02:00")
    odd = page(1).replace(b"2024-05-31T12:00:00Z", b"last spring")
    assert [row["date"] for row in read(dated + odd).rows] == ["2024-05-31T12:00:00Z", "last spring"]


def archive(number_of_records: int) -> Iterator[bytes]:
    """Records as fastwarc writes them."""
    for number in range(number_of_records):
        one = WarcRecord()
        one.init_headers(WarcRecordType.response if number % 3 else WarcRecordType.request)
        one.headers["WARC-Target-URI"] = f"https://example.org/{number}"
        one.headers["Content-Type"] = "application/http"
        one.is_http = True
        one.set_bytes_content(OK + b"\r\n" + f"<p>{'é' * number}</p>".encode())
        sink = io.BytesIO()
        one.write(sink)
        yield sink.getvalue()


def test_a_sound_archive_reads_as_fastwarc_reads_it() -> None:
    data = b"".join(archive(20))
    responses = ArchiveIterator(io.BytesIO(data), record_types=WarcRecordType.response, parse_http=True)
    expected = [(one.record_id, one.headers["WARC-Target-URI"], one.reader.read().decode()) for one in responses]
    assert [(row["source_id"], row["url"], row["text"]) for row in read(data).rows] == expected
    assert len(expected) == 13


@settings(max_examples=60)
@given(data=st.data())
def test_damage_anywhere_ends_well_and_spares_the_records_far_from_it(data: st.DataObject) -> None:
    """Before it always; behind it as a rule: a damaged frame may take up to 128 KiB of others for its own."""
    records = [page(number, "text " * number) for number in range(8)]
    pack: Packer = data.draw(st.sampled_from([bytes, gzip.compress, zstd]))
    members = [pack(one) for one in records]
    file = bytearray(b"".join(members))
    at = data.draw(st.integers(4, len(file) - 1))  # the first four bytes tell how the file is packed
    file[at : at + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=20))
    found = contents(Warc(), bytes(file), SMALL)
    ends = [sum(map(len, members[: number + 1])) for number in range(8)]
    before = [number for number in range(8) if ends[number] <= at - 20]
    behind = [number for number in range(1, 8) if pack is bytes and ends[number - 1] >= at + 30]
    numbers = [int(text[3 : text.index(" ")]) for text in found.texts if text[3:4].isdigit()]
    assert {*before[:-1], *behind[1:]} <= {*numbers}
    assert all(one < following for one, following in pairwise(found.records))
