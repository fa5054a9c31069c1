"""Plain text: a document per file or per line."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Literal

import pyarrow as pa

from datapipe.reader import Delivery, Part, Position, ReadOptions, SourceFile, delivered_schema, reader
from datapipe.readers.assembly import Document, Outcome, RecordError
from datapipe.readers.charset import codec_of, decoded, decoded_strictly, invalid_utf8, without_mark
from datapipe.readers.lines import deliver_lines, parts_of_lines
from datapipe.readers.stored_bytes import BLOCK_BYTES
from datapipe.readers.whole_files import deliver_file
from datapipe.readers.window import Window

DETECT = "detect"
WIDE = ("utf-16", "utf-32")
"""Charsets in which a line does not end with one byte."""


@reader("text")
@dataclass(frozen=True)
class Text:
    """Plain text, also `.gz` and `.zst`. A file that is one document has its path below the root as `source_id`."""

    version: ClassVar = 1
    suffixes: ClassVar = (".txt", ".txt.gz", ".txt.zst")
    columns: ClassVar = pa.schema([])
    has_fields: ClassVar = False

    per: Literal["file", "line"] = "file"
    """What is a document. The number of a line is counted from 0; blank lines count but are passed over."""
    encoding: str = "utf-8"
    """Charset of all files: what is not in it is unreadable. `detect`: for each file by its mark, bytes, statistics."""

    def __post_init__(self) -> None:
        """Raises ValueError for an encoding nobody knows, or that has no lines."""
        if self.encoding == DETECT:
            return
        codec = codec_of(self.encoding)
        if codec is None:
            raise ValueError(f"unknown encoding {self.encoding!r}; `detect`, or a name of the WHATWG Encoding Standard")
        if self.per == "line" and codec.startswith(WIDE):
            raise ValueError(f"encoding {self.encoding!r} has no bytes that end lines: read it per file")

    def read(self, file: SourceFile, start: Position, options: ReadOptions) -> Iterator[Delivery]:
        """Deliver the text of `file` from `start` on."""
        schema = delivered_schema(self, options)
        if self.per == "file":
            yield from deliver_file(file, start, options, schema, partial(self._whole, file))
        else:
            codec = codec_of(self.encoding) or _detected(file)
            yield from deliver_lines(file, start, options, schema, partial(_line, codec))

    def parts(self, file: SourceFile, part_bytes: int) -> tuple[Part, ...]:
        """Byte ranges of whole lines; none of a compressed file, or of one that is a document."""
        return parts_of_lines(file, part_bytes) if self.per == "line" else ()

    def _whole(self, file: SourceFile, data: bytes) -> Outcome:
        codec = codec_of(self.encoding)
        outcome = _decoded(codec, without_mark(data, codec)) if codec else _document(*decoded(data))
        return outcome._replace(source_id=file.relative) if isinstance(outcome, Document) else outcome


def _line(codec: str, line: bytes) -> Outcome:
    """A line ends at `\\n`; a `\\r` before it is no part of it either."""
    if codec.startswith(WIDE):
        return RecordError(f"{codec} has no bytes that end lines: read it per file")
    return _decoded(codec, line.removesuffix(b"\r")) if line and not line.isspace() else "blank line"


def _decoded(codec: str, data: bytes) -> Outcome:
    if codec == "utf-8":  # most of all texts: checked as they are
        fault = invalid_utf8(data)
        return RecordError(fault) if fault else _document(data, codec)
    text = decoded_strictly(data, codec)
    return RecordError(f"not {codec}") if text is None else _document(text, codec)


def _document(text: bytes, codec: str) -> Document:
    return Document(text, media_type="text/plain", encoding=codec)


def _detected(file: SourceFile) -> str:
    """The charset of a file, from its beginning: a line is too short to tell."""
    with contextlib.closing(Window(file, Position())) as window:
        window.has(BLOCK_BYTES)
        return decoded(window.peek(0, min(BLOCK_BYTES, window.size)))[1]
