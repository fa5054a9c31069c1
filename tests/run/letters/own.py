"""A user's own reader and stages, as a recipe imports them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa

from datapipe.reader import READER_SCHEMA, Delivery, Position, ReadOptions, SourceFile, Unreadable, reader
from datapipe.stage import stage, write_columns

OWN = pa.schema([pa.field("kind", pa.string()), pa.field("language", pa.string())])


@reader("lines")
@dataclass(frozen=True)
class Lines:
    """One document per line: kind, language and text between tabs; `?` begins a line that cannot be read."""

    version: ClassVar = 1
    suffixes: ClassVar = (".tsv",)
    columns: ClassVar = OWN
    has_fields: ClassVar = False

    rows: int = 100
    """Documents per delivery."""

    def read(self, file: SourceFile, start: Position, options: ReadOptions) -> Iterator[Delivery]:
        """Deliver every `rows` lines."""
        with file.open() as stream:
            stream.seek(start.offset) if stream.seekable() else stream.read(start.offset)
            at, record = start.offset, start.record
            while lines := [line for line in (stream.readline() for _ in range(self.rows)) if line]:
                documents, unreadable, blank = [], [], {}
                for line in lines:
                    if line == b"\n":
                        blank = {"blank line": blank.get("blank line", 0) + 1}
                    elif line.startswith(b"?"):
                        unreadable.append(Unreadable(record, at, "a line of doubt"))
                        record += 1
                    else:
                        documents.append(_document(record, line))
                        record += 1
                    at += len(line)
                batch = pa.RecordBatch.from_pylist(documents, pa.schema([*READER_SCHEMA, *OWN]))
                read = sum(map(len, lines))
                yield Delivery(batch, Position(offset=at, record=record), read, tuple(unreadable), blank)


def _document(record: int, line: bytes) -> dict[str, object]:
    kind, language, text = line.decode().rstrip("\n").split("\t")
    media_type = "text/plain"
    return {
        "record": record,
        "kind": kind or None,
        "language": language or None,
        "text": text,
        "media_type": media_type,
    }


class _OnText:
    version: ClassVar = 1
    reads: ClassVar = ("text",)


@stage("trim")
@dataclass(frozen=True)
class Trim(_OnText):
    """Text without white space at its ends. Breaks on CRASH."""

    writes: ClassVar = pa.schema([pa.field("text", pa.large_string(), nullable=False)])

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Write `text`."""
        texts = batch["text"].to_pylist()
        if any("CRASH" in text for text in texts):
            raise ValueError("crashed")
        return write_columns(batch, self.writes, [pa.array([text.strip() for text in texts], pa.large_string())])


@stage("letters")
@dataclass(frozen=True)
class Letters(_OnText):
    """Characters of the text. Breaks on BOOM."""

    writes: ClassVar = pa.schema([pa.field("letter_count", pa.int64())])

    bonus: int = 0
    """Added to every count."""

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Write `letter_count`."""
        texts = batch["text"].to_pylist()
        if any("BOOM" in text for text in texts):
            raise ValueError("exploded")
        counts = [len(text) + self.bonus for text in texts]
        return write_columns(batch, self.writes, [pa.array(counts, pa.int64())])


@stage("vowels")
@dataclass(frozen=True)
class Vowels(_OnText):
    """Share of the characters that are one of aeiou."""

    writes: ClassVar = pa.schema([pa.field("vowel_fraction", pa.float64())])

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Write `vowel_fraction`."""
        texts = batch["text"].to_pylist()
        shares = [sum(text.count(vowel) for vowel in "aeiou") / max(len(text), 1) for text in texts]
        return write_columns(batch, self.writes, [pa.array(shares, pa.float64())])
