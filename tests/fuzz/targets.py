"""What is fuzzed: every reader over files of its kind in every packing, archives, and the recipe loader."""

import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from datapipe.loading.load import loads
from datapipe.loading.located_yaml import RecipeError
from datapipe.reader import Delivery, Position, Reader, ReadOptions, SourceFile, SplittingReader
from datapipe.readers.archives import deliver_members
from datapipe.readers.html_tree import HtmlTree
from datapipe.readers.jsonl import Jsonl
from datapipe.readers.parquet import Parquet
from datapipe.readers.source_tree import SourceTree
from datapipe.readers.text import Text
from datapipe.readers.warc import Warc
from tests.fuzz.mutation import mutated, mutated_text

RECIPES = Path(__file__).parents[2] / "recipes"
OPTIONS = ReadOptions(
    extra_columns=pa.schema([("count", pa.int64()), ("score", pa.float64())]), max_record_bytes=100_000, batch_rows=50
)
PLAIN = ReadOptions(max_record_bytes=100_000, batch_rows=50)
MAX_DELIVERIES = 100_000
"""More of one small file is a reader that goes round in circles."""


def check_reader(reader: Reader, data: bytes, options: ReadOptions = PLAIN) -> None:
    """Read all of a file, then go on from one place in it, then in parts; anything raised is a fault of ours."""
    file = SourceFile("memory", "a/b", len(data), lambda: io.BytesIO(data))
    found = list(_bounded(reader.read(file, Position(), options)))
    if found:
        middle = found[len(found) // 2]
        again = sum(one.batch.num_rows for one in _bounded(reader.read(file, middle.next, options)))
        assert again == sum(one.batch.num_rows for one in found[len(found) // 2 + 1 :])
    if isinstance(reader, SplittingReader):
        reader.parts(file, 1000)


def check_archive(reader: Reader, data: bytes) -> None:
    """The same for the members of an archive."""
    file = SourceFile("memory", "a.tar", len(data), lambda: io.BytesIO(data))
    found = list(_bounded(one for _, one in deliver_members(reader, file, Position(), PLAIN)))
    if found:
        for _ in _bounded(one for _, one in deliver_members(reader, file, found[len(found) // 2].next, PLAIN)):
            pass


def _bounded(deliveries: Iterator[Delivery]) -> Iterator[Delivery]:
    for number, one in enumerate(deliveries):
        assert number < MAX_DELIVERIES
        one.batch.validate(full=True)
        yield one


def check_recipe(text: str) -> None:
    """Load it: a recipe, or an error in one line that names the file."""
    try:
        loads(text, str(RECIPES / "tiny" / "recipe.yaml"))
    except RecipeError as error:
        assert "recipe" in str(error)


RECORD = {"text": "text ж", "url": "https://a.org", "date": "2024-05-31", "count": 1, "score": 0.5}
LINES = b"".join(json.dumps({**RECORD, "count": number}).encode() + b"\n" for number in range(30))
HTML = '<!doctype html><html><head><meta charset="windows-1251"></head><body><p>Hello</p>ж</body></html>'.encode()


def _warc() -> bytes:
    bodies = [
        b"Content-Type: text/html\r\n\r\n" + HTML,
        b"Content-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n<p>x\r\n0\r\n\r\n",
        b"Content-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(HTML, mtime=0),
        b"Content-Type: text/plain; charset=koi8-r\r\n\r\n" + "текст".encode("koi8-r"),
    ]
    made = b""
    for number, body in enumerate(bodies):
        block = b"HTTP/1.1 200 OK\r\n" + body
        made += (
            f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{number}>\r\n"
            f"WARC-Date: 2024-05-31T12:00:00Z\r\nWARC-Target-URI: https://a.org/{number}\r\n"
            f"Content-Type: application/http\r\nContent-Length: {len(block)}\r\n\r\n"
        ).encode() + block + b"\r\n\r\n"  # fmt: skip
    arc = b"http://a.org/ 1.2.3.4 20240531120000 text/html %d\n" % (19 + len(HTML)) + b"HTTP/1.1 200 OK\r\n\r\n" + HTML
    return made + arc + b"\n"


def _parquet() -> list[bytes]:
    table = pa.table({"text": [f"text {n % 7}" for n in range(60)], "count": list(range(60)), "date": ["2024"] * 60})
    found = []
    for compression, dictionary, version in (("zstd", True, "1.0"), ("snappy", False, "2.0"), ("none", True, "2.0")):
        sink = io.BytesIO()
        kind = {"compression": compression, "use_dictionary": dictionary, "data_page_version": version}
        pq.write_table(table, sink, row_group_size=20, **kind)
        found.append(sink.getvalue())
    return found


def _tar(kind: int) -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w", format=kind) as archive:
        for name, data in {"a.jsonl": LINES, "d/" * 60 + "b.jsonl.gz": gzip.compress(LINES, mtime=0)}.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return sink.getvalue()


def _zip(method: int) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", method) as archive:
        archive.writestr("a.jsonl", LINES)
        archive.writestr("b/c.jsonl", LINES)
    return sink.getvalue()


def packed(data: bytes) -> list[bytes]:
    """As it is, in a gzip member, in two, and in a zstd frame."""
    half = len(data) // 2
    two = gzip.compress(data[:half], mtime=0) + gzip.compress(data[half:], mtime=0)
    return [data, gzip.compress(data, mtime=0), two, zstandard.ZstdCompressor().compress(data)]


@dataclass(frozen=True)
class Target:
    """Seeds, and what is called with each mutation of them."""

    check: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    is_text: bool = False

    def one(self, random: Random) -> bytes:
        """A mutation."""
        if self.is_text:
            return mutated_text(random, [seed.decode() for seed in self.seeds]).encode("utf-8", "replace")
        return mutated(random, self.seeds)


def _recipes() -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in sorted(RECIPES.glob("*/*recipe.yaml")))


_TARS = [_tar(tarfile.PAX_FORMAT), _tar(tarfile.GNU_FORMAT)]
TARGETS = {
    "jsonl": Target(lambda data: check_reader(Jsonl(), data, OPTIONS), tuple(packed(LINES))),
    "text": Target(lambda data: check_reader(Text(per="line", encoding="detect"), data), tuple(packed(HTML * 9))),
    "file": Target(lambda data: check_reader(Text(encoding="detect"), data), tuple(packed(HTML))),
    "html_tree": Target(lambda data: check_reader(HtmlTree(), data), tuple(packed(HTML))),
    "source_tree": Target(lambda data: check_reader(SourceTree(), data), (HTML, "x = 'é'\n".encode("utf-16"))),
    "warc": Target(lambda data: check_reader(Warc(), data), tuple(packed(_warc()))),
    "parquet": Target(lambda data: check_reader(Parquet(), data, OPTIONS), tuple(_parquet())),
    "tar": Target(
        lambda data: check_archive(Jsonl(), data),
        (*_TARS, gzip.compress(_TARS[0], mtime=0), bz2.compress(_TARS[0]), lzma.compress(_TARS[0])),
    ),
    "zip": Target(
        lambda data: check_archive(Jsonl(), data), tuple(map(_zip, (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)))
    ),
    "recipe": Target(lambda data: check_recipe(data.decode("utf-8", "replace")), _recipes(), is_text=True),
}
