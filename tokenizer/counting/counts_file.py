"""The counts of a corpus on disk: `counts.json`, and `counts/NNNNNN.parquet`, which it names.

{"fingerprint", "symbols": {"user_defined", "split_digits"}, "cuts", "max_fragment_bytes",
 "units": [{"domain", "unit", "documents", "bytes", "rows", "fragments",
            "lost_documents", "lost_fragments", "lost_bytes"}, ...],
 "sampled": {language: rate, ...},
 "files": [{"path", "rows", "bytes", "sha256"}, ...]}
"""

import dataclasses
import errno
import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from datapipe import storage
from datapipe.output import RunError
from datapipe.shard_files import opened
from tokenizer.recipe import Symbols
from tokenizer.symbols import cuts_fingerprint

FILE = "counts.json"
AGAIN = "run `tokenizer count` once more"


@dataclass(frozen=True)
class UnitTotals:
    """What was counted of a unit."""

    domain: str
    unit: str
    documents: int
    bytes: int
    """Of text."""
    rows: int
    """Different fragments,"""
    fragments: int
    """and how many they are: in the sample, of those that are sampled."""
    lost_documents: int
    """Documents with fragments that are too long to be counted,"""
    lost_fragments: int
    """how many fragments these are,"""
    lost_bytes: int
    """and how much text."""


@dataclass(frozen=True)
class CountsFile:
    """One file."""

    path: str
    """In the folder."""
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Counts:
    """The counts of all fragments of a corpus."""

    fingerprint: str
    """Of the texts and of how they were counted."""
    symbols: Symbols
    """The recipe's, and"""
    cuts: str
    """the fingerprint of where they had text cut (`tokenizer.symbols.cuts_fingerprint`)."""
    max_fragment_bytes: int
    """Longer fragments were not counted."""
    units: tuple[UnitTotals, ...]
    """By domain and unit."""
    sampled: Mapping[str, float]
    """By language, "" for none, the share of its documents in which fragments were counted that grow with the text."""
    files: tuple[CountsFile, ...]
    folder: str = ""
    """Not in the file: where it lies."""

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All rows: `fragment`, `domain`, `unit`, `sample_rate`, `count`; a fragment's rows stand together, in order.

        The corpus holds a fragment about count / sample_rate times. Raises RunError when a file is damaged.
        """
        for file in self.files:
            path, rows = storage.join(self.folder, file.path), 0
            try:
                with opened([path]) as (parquet,):
                    for batch in parquet.iter_batches(use_threads=False):
                        rows += batch.num_rows
                        yield batch
            except OSError as error:
                if error.errno == errno.EIO:
                    raise RunError(f"{path}: damaged; `tokenizer count --verify` makes it anew") from None
                raise RunError(f"{path}: {error.strerror or error}; {AGAIN}") from None
            if rows != file.rows:
                raise RunError(f"{path}: {rows:,} rows instead of {file.rows:,}; {AGAIN}")


def open_counts(folder: str, symbols: Symbols | None = None) -> Counts:
    """The counts in an output folder. Raises RunError where there are none, or damaged ones, or of other symbols."""
    path = storage.join(folder, FILE)
    try:
        data = storage.read_bytes(path)
    except FileNotFoundError:
        raise RunError(f"{folder}: no {FILE}: `tokenizer count` of the recipe comes first") from None
    try:
        found = _types().validate_json(data, strict=True)
    except ValueError:
        raise RunError(f"{path} is damaged: {AGAIN}") from None
    assert isinstance(found, Counts)
    for file in found.files:
        if storage.size_of(storage.join(folder, file.path)) != file.bytes:
            raise RunError(f"{storage.join(folder, file.path)}: gone, or not of {file.bytes:,} bytes; {AGAIN}")
    if symbols is not None and cuts_fingerprint(symbols) != found.cuts:
        raise RunError(f"{path}: cut at other symbols than the recipe's; {AGAIN}")
    return dataclasses.replace(found, folder=folder)


def write_counts(counts: Counts) -> None:
    """Write `counts.json`, whole: from then on there are counts."""
    data = {name: value for name, value in dataclasses.asdict(counts).items() if name != "folder"}
    text = json.dumps(data, ensure_ascii=False, indent=1)
    storage.write_bytes(storage.join(counts.folder, FILE), f"{text}\n".encode())


def forget_counts(folder: str, fingerprint: str) -> None:
    """Remove `counts.json` unless it tells of these counts: files that it names are about to change or go."""
    try:
        is_still_true = open_counts(folder).fingerprint == fingerprint
    except RunError:
        is_still_true = False
    if not is_still_true:
        storage.remove(storage.join(folder, FILE))


@functools.cache
def _types() -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(Counts)
