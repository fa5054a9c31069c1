"""Parquet files: a document per row."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from datapipe.reader import Delivery, Part, Position, ReadOptions, SourceFile, delivered_schema, reader
from datapipe.readers.assembly import Assembly, Outcome, RecordError
from datapipe.readers.named_fields import NamedFields
from datapipe.readers.parquet_columns import checked_columns, values
from datapipe.readers.parquet_pages import pages
from datapipe.readers.stored_bytes import BLOCK_BYTES
from datapipe.readers.watched_stream import WatchedStream

SKEW = 16
"""Rows are read so few at a time that they stay within `batch_bytes` where they are so much longer than the mean."""
MAX_ROWS = 1024
"""Most rows read at a time."""
MAX_PAGE_BYTES = 384 << 20
"""Of one page decompressed: pyarrow takes it whole, and needs 2.5 times as much where one follows the other (measured,
pyarrow 26). Writers aim at 1 MiB, but pyarrow puts 1,024 rows into a page at least: up to 390 kB each."""


@reader("parquet")
@dataclass(frozen=True)
class Parquet:
    """One document per row; the number of a record is that of its row.

    `text` may be a column of strings or bytes, also as a dictionary, dates may be strings, dates or timestamps, and ids
    whole numbers. A file that lacks the column of `text`, has another type in a column, or is encrypted is unreadable.
    """

    version: ClassVar = 1
    suffixes: ClassVar = (".parquet",)
    columns: ClassVar = pa.schema([])
    has_fields: ClassVar = True

    def read(self, file: SourceFile, start: Position, options: ReadOptions) -> Iterator[Delivery]:
        """Deliver the rows of `file` from `start` on."""
        fields = NamedFields(options)
        with contextlib.closing(WatchedStream(file.open())) as stream:
            assembly = Assembly(delivered_schema(self, options), options, lambda: stream.taken)
            following = start
            for row in _rows(stream, fields, start.offset, options):
                if assembly.is_full(row.outcome):
                    yield assembly.deliver(_position(row.number))
                assembly.take(row.number if row.is_record else None, row.number, row.outcome)
                following = _position(row.behind)
            if not assembly.is_empty:
                yield assembly.deliver(following)

    def parts(self, file: SourceFile, part_bytes: int) -> tuple[Part, ...]:
        """Row groups, as many together as make about `part_bytes`; none of a file whose footer cannot be read."""
        with contextlib.closing(WatchedStream(file.open())) as stream:
            try:
                groups = _row_groups(_opened(stream))
            except RecordError:
                return ()
        parts: list[Part] = []
        for begin, end, size in groups:
            if parts and parts[-1].text_bytes + size <= part_bytes:
                parts[-1] = Part(parts[-1].start, end, parts[-1].text_bytes + size)
            else:
                parts.append(Part(_position(begin), end, size))
        return tuple(parts)


class _Row(NamedTuple):
    number: int
    outcome: Outcome
    behind: int
    """Number of the next row that can be read."""
    is_record: bool = True


def _position(row: int) -> Position:
    return Position(offset=row, record=row)


def _rows(stream: WatchedStream, fields: NamedFields, first: int, options: ReadOptions) -> Iterator[_Row]:
    """What becomes of each row from number `first` on."""
    try:
        parquet = _opened(stream)
        names = stream.watch(lambda: checked_columns(parquet.schema_arrow, options))
        groups = _row_groups(parquet)
    except RecordError as error:
        if first == 0:
            yield _Row(0, error, behind=1, is_record=False)
        return
    if first > 0:
        stream.taken = 0  # the footer counts where the file begins, not once more with each part
    for group, (begin, end, _) in enumerate(groups):
        number = max(begin, first)
        if options.end is not None and begin >= options.end:
            return
        try:
            for records in _records(stream, parquet, group, names, number - begin, options) if number < end else ():
                for record in records:
                    yield _Row(number, _outcome(fields, record, options.max_record_bytes), number + 1)
                    number += 1
            if number < end:
                raise RecordError(f"ends {end - number:,} rows early")
        except RecordError as error:
            yield _Row(number, RecordError(f"row group {group}: {error}"), end, is_record=False)


def _opened(stream: WatchedStream) -> pq.ParquetFile:
    """Raises RecordError."""
    if not stream.seekable():
        raise RecordError("Parquet needs a file that can be read in any order")
    return stream.watch(lambda: pq.ParquetFile(stream, buffer_size=BLOCK_BYTES, pre_buffer=False))


def _row_groups(parquet: pq.ParquetFile) -> list[tuple[int, int, int]]:
    """Of each: number of its first row, of the row behind it, bytes decompressed. Raises RecordError."""
    groups: list[tuple[int, int, int]] = []
    begin = 0
    for index in range(parquet.num_row_groups):
        group = parquet.metadata.row_group(index)
        if group.num_rows < 0:
            raise RecordError("a row group has less than no rows")
        groups.append((begin, begin + group.num_rows, max(0, group.total_byte_size)))
        begin += group.num_rows
    return groups


def _records(
    stream: WatchedStream, parquet: pq.ParquetFile, group: int, names: list[str], skip: int, options: ReadOptions
) -> Iterator[list[dict[str, Any]]]:
    """The rows of a group behind the first `skip`, a batch at a time. Raises RecordError where they are damaged."""
    size = _rows_at_a_time(parquet.metadata.row_group(group), options)
    left, too_large = stream.watch(lambda: _before_large_page(stream, parquet.metadata.row_group(group), names))
    if too_large:  # no batch may reach into the page
        size = next(rows for rows in range(size, 0, -1) if left % rows == 0)
    batches = parquet.iter_batches(size, row_groups=[group], columns=names, use_threads=False)
    while left > 0 and (batch := stream.watch(lambda: next(batches, None))) is not None:
        yield stream.watch(partial(_values, batch.slice(skip)))
        skip = max(0, skip - batch.num_rows)
        left -= batch.num_rows
    if too_large:
        raise RecordError(f"from here on not read: a page of {too_large:,} bytes, {MAX_PAGE_BYTES:,} are taken")


def _before_large_page(stream: WatchedStream, group: Any, names: list[str]) -> tuple[int, int]:
    """How many rows of a group lie before the first page that is too large, and its bytes; 0 bytes where none is."""
    found: tuple[int, int] = (group.num_rows, 0)
    if group.total_byte_size <= MAX_PAGE_BYTES:
        return found  # and spare hostile metadata: pyarrow 26 aborts on some of a column
    for column in map(group.column, range(group.num_columns)):
        if column.path_in_schema in names and column.total_uncompressed_size > MAX_PAGE_BYTES:
            begin = min(column.data_page_offset, column.dictionary_page_offset or column.data_page_offset)
            rows = 0
            for page in pages(stream, begin, begin + column.total_compressed_size):
                if page.size > MAX_PAGE_BYTES:
                    found = min(found, (rows, page.size))
                    break
                rows += page.values
    return found


def _values(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    columns = [values(column) for column in batch.columns]
    return [dict(zip(batch.schema.names, row, strict=True)) for row in zip(*columns, strict=True)]


def _rows_at_a_time(group: Any, options: ReadOptions) -> int:
    mean_bytes: int = max(1, group.total_byte_size // max(1, group.num_rows))
    return max(1, min(MAX_ROWS, options.batch_bytes // (SKEW * mean_bytes)))


def _outcome(fields: NamedFields, record: dict[str, Any], max_bytes: int) -> Outcome:
    size = sum([len(value) for value in record.values() if isinstance(value, bytes)])
    if size > max_bytes:
        return RecordError(f"row of {size:,} bytes is above max_record_bytes ({max_bytes:,})")
    try:
        return fields.document(record)
    except RecordError as error:
        return error
