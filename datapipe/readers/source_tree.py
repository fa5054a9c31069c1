"""Trees of source code: a document per file, with its repository, path and programming language."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import pyarrow as pa

from datapipe.reader import Delivery, Position, ReadOptions, SourceFile, delivered_schema, reader
from datapipe.readers.assembly import Document, Outcome, RecordError
from datapipe.readers.charset import REPLACEMENT, WIDE_MARKS, decoded, invalid_utf8
from datapipe.readers.programming_languages import programming_language
from datapipe.readers.whole_files import deliver_file, deliver_outcome

BINARY_BYTES = 8 << 10
"""A file with a NUL among its first bytes is binary; git looks at about as many (8,000)."""
VENDORED = {
    "3rdparty",
    "Carthage",
    "Pods",
    "__pycache__",
    "bower_components",
    "jspm_packages",
    "node_modules",
    "site-packages",
    "third-party",
    "third_party",
    "thirdparty",
    "vendor",
    "vendored",
}
"""Folders that hold copies of other people's code."""


@reader("source_tree")
@dataclass(frozen=True)
class SourceTree:
    """Source files as they lie in folders, never decompressed.

    `path` is the path in the repository, `programming_language` Linguist's name of the language (see
    programming_languages.csv) or null. Binary files, and files in hidden or vendored folders, are passed over. A file
    that is not UTF-8 is decoded by the statistics of its bytes, and unreadable where that loses anything. Symbolic
    links are for the listing of the source to leave out: a reader sees files.
    """

    version: ClassVar = 1
    suffixes: ClassVar = ()
    columns: ClassVar = pa.schema(
        [
            pa.field("path", pa.string()),
            pa.field("repository", pa.string()),
            pa.field("programming_language", pa.string()),
        ]
    )
    has_fields: ClassVar = False

    repository: str | None = None
    """Repository of all files; without it, that of a file is the first folder below the source's root."""
    keep_hidden: bool = False
    """Whether to read files in folders that begin with a dot, and files that do."""
    keep_vendored: bool = False
    """Whether to read files in folders of copied code (`node_modules`, `vendor`, `third_party` and others)."""

    def read(self, file: SourceFile, start: Position, options: ReadOptions) -> Iterator[Delivery]:
        """Deliver the source text that `file` is."""
        schema = delivered_schema(self, options)
        repository, path = self._located(file.relative)
        if (kind := self._set_aside(path)) is not None:
            yield from deliver_outcome(file, start, options, schema, kind)
        else:
            outcome_of = partial(_outcome, file, repository, path)
            yield from deliver_file(file, start, options, schema, outcome_of, decompress=False)

    def _located(self, relative: str) -> tuple[str | None, str]:
        """Repository, and the path in it."""
        if self.repository is not None:
            return self.repository, relative
        first, slash, rest = relative.partition("/")
        return (first, rest) if slash else (None, relative)

    def _set_aside(self, path: str) -> str | None:
        """Why a file is not even opened."""
        parts = path.split("/")
        if not self.keep_hidden and any(part.startswith(".") for part in parts):
            return "hidden"
        return None if self.keep_vendored or VENDORED.isdisjoint(parts[:-1]) else "vendored"


def _outcome(file: SourceFile, repository: str | None, path: str, data: bytes) -> Outcome:
    if b"\0" in data[:BINARY_BYTES] and not data.startswith(WIDE_MARKS):
        return "binary"
    text, encoding = decoded(data)
    if text.count(REPLACEMENT) > data.count(REPLACEMENT):
        return RecordError(f"{invalid_utf8(data)}, and {encoding} loses characters")
    language = programming_language(path, text)
    return Document(
        text,
        source_id=file.relative,
        media_type="text/plain",
        encoding=encoding,
        own=(path, repository, language),
    )
