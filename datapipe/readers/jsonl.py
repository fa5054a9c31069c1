"""JSON lines: one object per line, one document per object."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import pyarrow as pa
from pydantic_core import from_json

from datapipe.reader import Delivery, Part, Position, ReadOptions, SourceFile, delivered_schema, reader
from datapipe.readers.assembly import Outcome, RecordError
from datapipe.readers.charset import invalid_utf8
from datapipe.readers.lines import deliver_lines, parts_of_lines
from datapipe.readers.named_fields import NamedFields, described


@reader("jsonl")
@dataclass(frozen=True)
class Jsonl:
    """One JSON object per line: plain, `.gz` and `.zst`, with any number of members or frames.

    The number of a record is that of its line, counted from 0; blank lines count but are passed over. A line that is no
    JSON object, lacks `text`, or has a field of another type than its column is unreadable. Of a name that an object
    has twice, the last value counts.
    """

    version: ClassVar = 1
    suffixes: ClassVar = tuple(f".{kind}{more}" for kind in ("jsonl", "json", "ndjson") for more in ("", ".gz", ".zst"))
    columns: ClassVar = pa.schema([])
    has_fields: ClassVar = True

    def read(self, file: SourceFile, start: Position, options: ReadOptions) -> Iterator[Delivery]:
        """Deliver the objects of `file` from `start` on."""
        outcome_of = partial(_outcome, NamedFields(options))
        yield from deliver_lines(file, start, options, delivered_schema(self, options), outcome_of)

    def parts(self, file: SourceFile, part_bytes: int) -> tuple[Part, ...]:
        """Byte ranges of whole lines; none of a compressed file."""
        return parts_of_lines(file, part_bytes)


def _outcome(fields: NamedFields, line: bytes) -> Outcome:
    if not line or line.isspace():
        return "blank line"
    try:
        record = from_json(line, allow_inf_nan=False)
    except ValueError as error:
        return RecordError(invalid_utf8(line) or f"not JSON: {error}")
    if not isinstance(record, dict):
        return RecordError(f"the line is {described(record)}, expected an object")
    try:
        return fields.document(record)
    except RecordError as error:
        return error
