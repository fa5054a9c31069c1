"""Makers of large and hostile files: a block of real text again and again, each time numbered, written as a stream.

Each takes a folder and a scale (1: full size) and writes the input of one case; `CASES` names them.
"""

import gzip
import io
import itertools
import json
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from tests.benchmarks.corpus import documents

GB, MB = 10**9, 10**6
GOOD_RECORDS = 1000
"""Ordinary documents before a hostile one, and as many behind it: all of them must arrive."""
BLOCK_BYTES = 64 * MB
"""Made once, text by text; what is larger repeats it, at the speed of the disk."""
TURN = b"@@turn@@"
"""In every line of a block: how often it has been repeated, in as many digits."""


def texts() -> Iterator[str]:
    """Endless: the corpus again and again, each time numbered and begun at another place."""
    base = [text for text in documents()["text"].to_pylist() if len(text) > 200]
    for turn in itertools.count():
        for number, text in enumerate(base):
            yield f"{turn}.{number} {text[turn * 37 % 150 :]}"


def lines() -> Iterator[bytes]:
    """Endless JSON lines."""
    for number, text in enumerate(texts()):
        yield json.dumps({"id": number, "turn": TURN.decode(), "text": text}, ensure_ascii=False).encode() + b"\n"


def blocks(size: float) -> Iterator[bytes]:
    """JSON lines of about `size` bytes in all."""
    block = b"".join(_whole(lines(), min(size, BLOCK_BYTES)))
    for turn in range(max(1, round(size / len(block)))):
        yield block.replace(TURN, b"%08d" % turn)


def _whole(source: Iterator[bytes], size: float) -> Iterator[bytes]:
    made = 0
    while made < size:
        piece = next(source)
        made += len(piece)
        yield piece


def good() -> Iterator[bytes]:
    """JSON lines of ordinary documents."""
    return itertools.islice(lines(), GOOD_RECORDS)


@contextmanager
def zst(path: Path) -> Iterator[BinaryIO]:
    """One frame; buffered, since the writer of `zstandard` has no `writelines`."""
    with path.open("wb") as file, zstandard.ZstdCompressor(level=1).stream_writer(file) as stream:
        buffered = io.BufferedWriter(cast(io.RawIOBase, stream), MB)
        yield cast(BinaryIO, buffered)
        buffered.flush()


def jsonl(folder: Path, scale: float) -> None:
    """4 GB of plain lines: read in parts."""
    with (folder / "a.jsonl").open("wb") as file:
        file.writelines(blocks(4 * GB * scale))


def jsonl_zst(folder: Path, scale: float) -> None:
    """4 GB of lines in one zstd frame."""
    with zst(folder / "a.jsonl.zst") as file:
        for block in blocks(4 * GB * scale):
            file.write(block)


def jsonl_zst_frames(folder: Path, scale: float) -> None:
    """4 GB of lines in frames of 1 MB."""
    compressor = zstandard.ZstdCompressor(level=1)
    with (folder / "a.jsonl.zst").open("wb") as file:
        for block in blocks(4 * GB * scale):
            for begin in range(0, len(block), MB):
                file.write(compressor.compress(block[begin : begin + MB]))


def _long_line(file: BinaryIO, scale: float) -> None:
    file.writelines(good())
    file.write(b'{"text": "')
    for text in itertools.islice(texts(), int(1000 * scale) + 1):
        file.write((json.dumps(text)[1:-1] * 1000)[:MB].encode()[:MB])
    file.write(b'"}\n')
    file.writelines(good())


def line_plain(folder: Path, scale: float) -> None:
    """A line of 1 GB among ordinary ones."""
    with (folder / "a.jsonl").open("wb") as file:
        _long_line(file, scale)


def line_gz(folder: Path, scale: float) -> None:
    """The same in one gzip member."""
    with gzip.open(folder / "a.jsonl.gz", "wb", 1) as file:
        _long_line(cast(BinaryIO, file), scale)


def line_zst(folder: Path, scale: float) -> None:
    """The same in one zstd frame."""
    with zst(folder / "a.jsonl.zst") as file:
        _long_line(file, scale)


def gzip_bomb(folder: Path, scale: float) -> None:
    """10 GB of one letter, a thousandth of that as stored, behind ordinary lines."""
    with gzip.open(folder / "a.jsonl.gz", "wb", 9) as file:
        file.writelines(good())
        block = b"a" * MB
        for _ in range(int(10_000 * scale)):
            file.write(block)
        file.write(b"\n")
        file.writelines(good())


def parquet_one_group(folder: Path, scale: float) -> None:
    """1.5 GB of text in one row group."""
    found = list(_until(texts(), 1.5 * GB * scale))
    pq.write_table(pa.table({"text": pa.array(found, pa.large_string())}), folder / "a.parquet", row_group_size=1 << 30)


def parquet_large_pages(folder: Path, scale: float) -> None:
    """1 GB of texts of 380 kB: pyarrow writes a thousand of them to one page."""
    found = [(text.encode() * (MB // len(text) + 1))[:380_000] for text in itertools.islice(texts(), int(2700 * scale))]
    found = [text.decode("utf-8", "ignore").encode() for text in found]
    table = pa.table({"text": pa.array(found, pa.large_binary())})
    pq.write_table(table, folder / "a.parquet", row_group_size=1 << 30, use_dictionary=False, compression="zstd")


def parquet_cell(folder: Path, scale: float) -> None:
    """A cell of 1 GB in a row group of its own, among ordinary ones."""
    schema = pa.schema([("text", pa.large_string())])
    some = [json.loads(line)["text"] for line in good()]
    cell = "".join(_until(texts(), 1 * GB * scale))
    with pq.ParquetWriter(folder / "a.parquet", schema, compression="zstd", use_dictionary=False) as writer:
        for group in (some, [cell], some):
            writer.write_table(pa.table({"text": pa.array(group, pa.large_string())}))


def _until(source: Iterator[str], size: float) -> Iterator[str]:
    made = 0
    for text in source:
        yield text
        made += len(text.encode())
        if made >= size:
            return


def _page(number: int, text: str) -> bytes:
    body = (
        f"<!doctype html><title>{number}</title><article><p>{text.replace(chr(10), '</p><p>')}</p></article>".encode()
    )
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + body


def _record_head(number: int, length: int) -> bytes:
    return (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://example.org/{number}\r\n"
        f"WARC-Date: 2026-01-01T00:00:00Z\r\nWARC-Record-ID: <urn:uuid:{number:036}>\r\n"
        f"Content-Type: application/http\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


def _records(count: int, first: int = 0) -> Iterator[bytes]:
    for number, text in zip(range(first, first + count), texts(), strict=False):
        page = _page(number, text)
        yield _record_head(number, len(page)) + page + b"\r\n\r\n"


def warc(folder: Path, scale: float) -> None:
    """5 GB of records, a gzip member each: those of one block, compressed once."""
    size = 5 * GB * scale
    records = list(_whole(_records(1 << 40), min(size, BLOCK_BYTES)))
    block = b"".join(gzip.compress(record, 1) for record in records)
    with (folder / "a.warc.gz").open("wb") as file:
        for _ in range(round(size / sum(map(len, records)))):
            file.write(block)


def warc_record(folder: Path, scale: float) -> None:
    """A record of 1 GB and a page of 100 MB among ordinary ones, in one gzip member."""
    with gzip.open(folder / "a.warc.gz", "wb", 1) as file:
        file.writelines(_records(GOOD_RECORDS))
        for count in (int(1000 * scale), 100):
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
            file.write(_record_head(-1, len(head) + count * MB) + head)
            for text in itertools.islice(texts(), count):
                file.write((f"<p>{text}</p>".encode() * 5000)[:MB])
            file.write(b"\r\n\r\n")
        file.writelines(_records(GOOD_RECORDS, GOOD_RECORDS))


def html_page(folder: Path, scale: float) -> None:
    """A page of 100 MB as a file of its own, taken by a larger `max_record_bytes`."""
    with (folder / "a.html").open("wb") as file:
        for text in itertools.islice(texts(), int(100 * scale)):
            file.write((f"<p>{text}</p>".encode() * 5000)[:MB])
    for number, text in zip(range(GOOD_RECORDS), texts(), strict=False):
        (folder / f"b{number}.html").write_text(f"<html><body><p>{text}</p></body></html>")


def tiny_files(folder: Path, scale: float) -> None:
    """100,000 files of 1 kB."""
    for number, text in zip(range(int(100_000 * scale)), texts(), strict=False):
        below = folder / f"{number // 1000:03}"
        if number % 1000 == 0:
            below.mkdir()
        (below / f"{number}.txt").write_bytes(text.encode()[:1000].decode("utf-8", "ignore").encode())


def tar_gz(folder: Path, scale: float) -> None:
    """2 GB in a tar.gz: members of 1 MB, and two of 200 MB."""
    large, count = 200 * MB * min(1.0, scale), int(1600 * scale) + 2
    source = lines()
    pieces = [b"".join(_whole(source, MB)) for _ in range(min(count, BLOCK_BYTES // MB))]
    with tarfile.open(folder / "a.tar.gz", "w:gz", compresslevel=1) as archive:
        for number in range(count):
            piece = pieces[number % len(pieces)].replace(TURN, b"%08d" % number)
            data = b"".join(blocks(large)) if number in (5, 6) else piece
            info = tarfile.TarInfo(f"part/{number}.jsonl")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))


@dataclass(frozen=True)
class Case:
    """One input, and the source that reads it."""

    make: Callable[[Path, float], None]
    reader: str = "jsonl"
    steps: str = "[content_hash]"
    source: str = ""
    """Further keys of the source."""
    paths: str = "[in]"


CASES = {
    "jsonl": Case(jsonl),
    "jsonl_zst": Case(jsonl_zst),
    "jsonl_zst_frames": Case(jsonl_zst_frames),
    "line_plain": Case(line_plain),
    "line_gz": Case(line_gz),
    "line_zst": Case(line_zst),
    "gzip_bomb": Case(gzip_bomb),
    "parquet_one_group": Case(parquet_one_group, "parquet"),
    "parquet_large_pages": Case(parquet_large_pages, "parquet"),
    "parquet_cell": Case(parquet_cell, "parquet"),
    "warc": Case(warc, "warc", "[extract_html, content_hash]"),
    "warc_record": Case(warc_record, "warc", "[extract_html, content_hash]"),
    "html_page": Case(html_page, "html_tree", "[extract_html, content_hash]", "max_record_bytes: 200_000_000"),
    "tiny_files": Case(tiny_files, "text"),
    "tar_gz": Case(tar_gz, paths='["in/*.tar.gz"]'),
}
