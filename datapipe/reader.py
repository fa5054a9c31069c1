"""What a reader delivers, and the registry of readers.

A reader turns the bytes of one source file into RecordBatches of documents. It streams: memory is bounded by
`ReadOptions`, whatever the size of the file. A record that cannot be read never stops it: the record is reported as
`Unreadable` with its place and the reason, and reading goes on behind it where the format allows.

A reader is a frozen dataclass whose fields are its recipe keys (`reader: {text: {per: line}}`)::

    @reader("jsonl")
    @dataclass(frozen=True)
    class Jsonl:
        '''One JSON object per line.'''

        version: ClassVar = 1
        suffixes: ClassVar = (".jsonl", ".jsonl.gz", ".jsonl.zst")
        columns: ClassVar = pa.schema([])
        has_fields: ClassVar = True

        def read(self, file: SourceFile, start: Position, options: ReadOptions) -> Iterator[Delivery]: ...
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol, TypeVar, runtime_checkable

import pyarrow as pa
from pydantic import ConfigDict

READER_SCHEMA = pa.schema(
    [
        pa.field("record", pa.int64(), nullable=False),
        pa.field("source_id", pa.string()),
        pa.field("url", pa.string()),
        pa.field("date", pa.string()),
        pa.field("media_type", pa.string()),
        pa.field("encoding", pa.string()),
        pa.field("text", pa.large_string(), nullable=False),
    ]
)
"""The first columns of every delivered batch; the reader's own and the source's extra columns follow.

`record` counts the records of the file from 0, before any filter, unreadable ones included. `source_id` is the user's
own id. `date` is ISO 8601 in UTC (`2024-05-31T12:00:00Z`) where it could be parsed, else as found. `media_type` is
lower case without parameters (`text/html`). `encoding` is the charset the text was decoded from (`utf-8`).
"""


@dataclass(frozen=True, order=True, kw_only=True)
class Position:
    """Where reading goes on in a file: a place a reader can seek to, how far to skip from there, and the next record.

    All belong together: a position is kept and given back whole.
    """

    offset: int = 0
    """Byte of the file as stored; in a compressed file the start of a gzip member or zstd frame; in Parquet a row."""
    within: int = 0
    """Decompressed bytes to skip from the start of that member or frame; 0 in files that are not compressed."""
    record: int = 0
    """Number of the record that begins there."""
    member: int = 0
    """In an archive: number of the member that all of this is about."""


@dataclass(frozen=True)
class ReadOptions:
    """What a source asks of its reader.

    A batch ends before it would exceed `batch_rows` or, once it holds a row, `batch_bytes` of text. The cut must follow
    from the file alone and from `start`: reading from a delivered `next` gives the same batches as reading through.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    """Column of ours -> name of the field in the record (`{"text": "content", "source_id": "uid"}`)."""
    extra_columns: pa.Schema = field(default_factory=lambda: pa.schema([]))
    """Columns beyond READER_SCHEMA that the source declares, by the name of their field in the record."""
    max_record_bytes: int = 32 << 20
    batch_rows: int = 8192
    batch_bytes: int = 16 << 20
    end: int | None = None
    """`Position.offset` at which reading stops: where a `Part` of the file ends. None: at the end of the file."""

    def field_name(self, column: str) -> str:
        """The record's name for a column of ours."""
        return self.fields.get(column, column)


@dataclass(frozen=True)
class Part:
    """A stretch of a file that can be read apart from the others, with the same records as when all is read through."""

    start: Position
    end: int
    """`Position.offset` behind its last record: the start of the next part, or the end of the file."""
    text_bytes: int
    """At most about so much text."""


@dataclass(frozen=True)
class SourceFile:
    """One input file. `relative` is its path below the source's root, with forward slashes."""

    path: str
    relative: str
    size: int
    open: Callable[[], BinaryIO]
    """A new raw (still compressed) stream at offset 0; local ones are seekable."""


@dataclass(frozen=True)
class Unreadable:
    """A record that could not be read: it goes to quarantine. `record` is None where the reader lost count."""

    record: int | None
    offset: int
    """As in Position: of the byte where it begins, or of the member or frame that holds that byte."""
    error: str


@dataclass(frozen=True)
class Delivery:
    """Documents of one batch (perhaps none), the records between them that failed, and where reading goes on."""

    batch: pa.RecordBatch
    next: Position
    bytes_read: int
    """Bytes taken from the file for this delivery, as stored (compressed)."""
    unreadable: tuple[Unreadable, ...] = ()
    passed_over: Mapping[str, int] = field(default_factory=dict)
    """Records that are no documents, counted by what they are (`request`, `status 404`, `image`, `blank line`)."""


class Reader(Protocol):
    """What the runner needs of a reader."""

    @property
    def version(self) -> int:
        """Raised whenever the same file may give other documents: it is part of the fingerprint."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Endings of the files taken from a folder; `()` takes every file."""

    @property
    def columns(self) -> pa.Schema:
        """Columns that this reader always adds to READER_SCHEMA."""

    @property
    def has_fields(self) -> bool:
        """Whether its records have named fields: without them a source can set neither `fields` nor `extra_columns`."""

    def read(self, file: SourceFile, start: Position, options: ReadOptions) -> Iterator[Delivery]:
        """Deliver the documents of `file` from `start` on.

        A file of the wrong kind or cut short delivers what could be read and ends with an `Unreadable` that says so.
        Raises OSError where storage fails.
        """


@runtime_checkable
class SplittingReader(Reader, Protocol):
    """A reader that can say where else in a large file reading may begin. It heeds `ReadOptions.end`."""

    def parts(self, file: SourceFile, part_bytes: int) -> tuple[Part, ...]:
        """Parts of about `part_bytes` of text that make up the file, in order; none where it must be read through.

        Fast: it looks for places to cut at and parses no record. Raises OSError where storage fails.
        """


def delivered_schema(reader: Reader, options: ReadOptions) -> pa.Schema:
    """Schema of every batch `reader` delivers: READER_SCHEMA, the reader's own columns, the source's extra columns."""
    return pa.schema([*READER_SCHEMA, *reader.columns, *options.extra_columns])


def name_of(reader: Reader) -> str:
    """The word a reader is registered under."""
    name: str = type(reader).reader_name  # type: ignore[attr-defined]
    return name


READERS: dict[str, type[Any]] = {}
"""Registered readers by name: the word behind `reader:` and the name of the reader's file."""

ReaderClass = TypeVar("ReaderClass", bound=type[Any])


def reader(name: str) -> Callable[[ReaderClass], ReaderClass]:
    """Register a frozen dataclass as the reader `name`. A name already taken is a ValueError."""

    def register(cls: ReaderClass) -> ReaderClass:
        taken = READERS.get(name)
        if taken is not None and (taken.__module__, taken.__qualname__) != (cls.__module__, cls.__qualname__):
            raise ValueError(f"reader name {name!r} is taken by {taken.__module__}.{taken.__qualname__}")
        cls.__pydantic_config__ = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True)
        cls.reader_name = name
        READERS[name] = cls
        return cls

    return register
