"""The first pass: a group of source files becomes shards of documents.

The group is read once from beginning to end; after every `cut_bytes` of text a shard ends, with a receipt that says
where the next one begins. So a rerun goes on behind the last finished cut instead of at the beginning of the file.
"""

import dataclasses
import functools
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from datapipe import storage
from datapipe.inputs import Group, InputFile
from datapipe.isolation.reading_safely import read_safely
from datapipe.isolation.verdicts import Verdicts
from datapipe.passes.read_ahead import ReadAhead
from datapipe.reader import Delivery, Position, ReadOptions, SourceFile, Unreadable, delivered_schema
from datapipe.readers.archives import deliver_members
from datapipe.receipts import Place, Receipt, Stopwatch, finished, leave_receipt
from datapipe.recipe import Source, Step
from datapipe.run import sweep
from datapipe.shard_files import DocumentWriter, count_table, write_quarantine

BATCH_BYTES = 8 << 20
BATCH_ROWS = 8192
"""Deliveries of small files are gathered up to this before the steps run: every batch has a cost of its own."""


BEGINNING = Place(0, cut=0)


@dataclass(frozen=True)
class Stretch:
    """What a task reads of its group: all of it, or a part of its one file."""

    start: Place = BEGINNING
    end: int | None = None
    """As in `ReadOptions`."""
    behind: Place | None = None
    """Where the task of the next part begins, and the number of its first cut."""


@dataclass(frozen=True)
class ReadTask:
    """Read one group of files and sweep its documents."""

    folder: str
    pass_name: str
    group: Group
    source: Source
    fingerprint: str
    input_fingerprint: str
    steps: tuple[Step, ...]
    read_schema: pa.Schema
    """Of the documents of all sources, before any step."""
    schema: pa.Schema
    """Of what is written."""
    cut_bytes: int
    sample: float | None = None
    """Share of the documents to take, by a hash of the id."""
    verify: bool = False
    """Trust finished outputs only after their sums are computed anew."""
    stretch: Stretch = Stretch()


@dataclass(frozen=True)
class _Read:
    """Documents gathered from the files, the records that failed, and where reading goes on."""

    batch: pa.RecordBatch
    unreadable: list[dict[str, object]]
    passed_over: Counter[str]
    rows: int
    """Documents read, in the sample or not."""
    bytes_read: int
    next: Place | None

    @property
    def is_end(self) -> bool:
        """Whether nothing more was found in the files."""
        return self.next is None and not (self.rows or self.unreadable or self.passed_over)


def read_group(task: ReadTask) -> tuple[Receipt, ...]:
    """The receipts of all shards of the stretch; finished ones are not made again."""
    receipts: list[Receipt] = []
    behind = task.stretch.behind
    place: Place | None = task.stretch.start
    cut = task.stretch.start.cut or 0
    reads: Iterator[_Read] | None = None
    verdicts = Verdicts(task.folder, task.pass_name, task.group.shard(cut), task.fingerprint + task.input_fingerprint)
    while place is not None and place != behind:
        shard = task.group.shard(cut)
        # Of the numbers set aside for a part the last one takes what is left.
        is_last = behind is not None and cut + 1 == behind.cut
        receipt = finished(task.folder, task.pass_name, shard, task.fingerprint, task.input_fingerprint, task.verify)
        if receipt is not None:
            reads = None  # the next one to be made is read from where this one ends
        else:
            reads = _gathered(task, place, verdicts) if reads is None else reads
            receipt = _write_cut(task, shard, reads, place.file, math.inf if is_last else task.cut_bytes, verdicts)
        receipts.append(receipt)
        place, cut = receipt.next, cut + 1
    return tuple(receipts)


def _write_cut(
    task: ReadTask, shard: str, reads: Iterator[_Read], first: int, cut_bytes: float, verdicts: Verdicts
) -> Receipt:
    watch = Stopwatch()
    records = text_bytes = bytes_read = 0
    passed_over: Counter[str] = Counter()
    following: Place | None = None
    with DocumentWriter(task.folder, task.pass_name, shard, task.schema, task.steps) as writer:
        while text_bytes < cut_bytes:
            with watch.step("read"):
                read = next(reads, None)
            if read is None:
                break
            following = read.next
            records += read.batch.num_rows + len(read.unreadable)
            passed_over += read.passed_over
            bytes_read += read.bytes_read
            text_bytes += pc.sum(pc.binary_length(read.batch["text"])).as_py() or 0
            swept = sweep(read.batch, task.steps, watch, verdicts)
            swept.quarantine[:0] = read.unreadable
            with watch.step("write"):
                writer.write(swept)
    outputs = writer.outputs + write_quarantine(task.folder, "", shard, writer.quarantine)
    _check_files(task, first, following)
    receipt = Receipt(
        task.pass_name,
        shard,
        task.fingerprint,
        task.input_fingerprint,
        rows_in=records,
        rows_out=writer.rows_out,
        bytes_in=text_bytes,
        bytes_out=writer.bytes_out,
        bytes_read=bytes_read,
        quarantined=len(writer.quarantine),
        passed_over=dict(sorted(passed_over.items())),
        counts=count_table(writer.counts, writer.sizes),
        failed=dict(sorted(writer.failed.items())),
        outputs=tuple(outputs),
        next=following or task.stretch.behind,
    )
    return leave_receipt(task.folder, receipt, watch)


def _check_files(task: ReadTask, first: int, following: Place | None) -> None:
    """Raise OSError for a file that was written while it was read: no shard may hold a part of each version.

    Small files are read at once, and were looked at when they were opened.
    """
    last = len(task.group.files) - 1 if following is None else following.file
    for file in task.group.files[first : last + 1]:
        if file.size > storage.READ_BYTES:
            file.check()


def _gathered(task: ReadTask, start: Place, verdicts: Verdicts) -> Iterator[_Read]:
    """Batches of a good size over the deliveries of all files from `start` on; the last one says so."""
    held: _Read | None = None
    for read in _gathered_with_end(task, start, verdicts):
        if held is not None and read.is_end:
            held = dataclasses.replace(held, next=None, bytes_read=held.bytes_read + read.bytes_read)
        else:
            if held is not None:
                yield held
            held = read
    if held is not None:
        yield held


def _gathered_with_end(task: ReadTask, start: Place, verdicts: Verdicts) -> Iterator[_Read]:
    limit = min(BATCH_BYTES, task.cut_bytes)
    batches: list[pa.RecordBatch] = []
    unreadable: list[dict[str, object]] = []
    passed_over: Counter[str] = Counter()
    rows = size = bytes_read = 0
    for file, delivery, following in _deliveries(task, start, limit, verdicts):
        if delivery is not None:
            batches.append(_documents(delivery, file, task))
            unreadable += [_failure(one, file, task) for one in delivery.unreadable]
            passed_over.update(delivery.passed_over)
            rows, size = rows + delivery.batch.num_rows, size + delivery.batch.nbytes
            bytes_read += delivery.bytes_read
        if size >= limit or rows >= BATCH_ROWS or following is None:
            batch = _sampled(_combined(batches, task.read_schema), task.sample)
            yield _Read(batch, unreadable, passed_over, rows, bytes_read, following)
            batches, unreadable, passed_over = [], [], Counter()
            rows = size = bytes_read = 0


def _deliveries(
    task: ReadTask, start: Place, batch_bytes: int, verdicts: Verdicts
) -> Iterator[tuple[InputFile, Delivery | None, Place | None]]:
    """Deliveries of all files of the group with the place behind each; behind a file's last one, the next file.

    A file whose reader breaks ends there: its rest is one unreadable record.
    """
    options = dataclasses.replace(
        task.source.read_options, batch_rows=BATCH_ROWS, batch_bytes=batch_bytes, end=task.stretch.end
    )
    files = task.group.files
    with ReadAhead(files) as ahead:
        for index in range(start.file, len(files)):
            position = Position()
            if index == start.file:
                position = Position(offset=start.offset, within=start.within, record=start.record, member=start.member)
            behind = Place(index + 1) if index + 1 < len(files) else None
            read = functools.partial(_read_file, task, files[index], ahead.opened(index), options=options)
            for delivered in read_safely(read, files[index], position, verdicts):
                if isinstance(delivered, Unreadable):
                    empty = pa.RecordBatch.from_pylist([], delivered_schema(task.source.reader, options))
                    yield files[index], Delivery(empty, Position(), 0, (delivered,)), behind
                    break
                file, delivery = delivered
                following = delivery.next
                place = Place(index, following.offset, following.within, following.record, member=following.member)
                yield file, delivery, place
            else:
                yield files[index], None, behind


def _read_file(
    task: ReadTask, file: InputFile, opened: SourceFile, start: Position, options: ReadOptions
) -> Iterator[tuple[InputFile, Delivery]]:
    """Deliveries of a file, or of the members of an archive as if each was a file."""
    reader = task.source.reader
    if file.is_archive:
        for relative, delivery in deliver_members(reader, opened, start, options):
            yield dataclasses.replace(file, relative=relative), delivery
    else:
        for delivery in reader.read(opened, start, options):
            yield file, delivery


def _documents(delivery: Delivery, file: InputFile, task: ReadTask) -> pa.RecordBatch:
    """The delivered batch with `id` and `source`, in the columns of all sources."""
    batch = delivery.batch
    columns = dict(zip(batch.schema.names, batch.columns, strict=True))
    prefix = f"{task.source.name}/{file.name_hash}/"
    columns["id"] = pa.array([f"{prefix}{record:010}" for record in batch["record"].to_pylist()], pa.string())
    columns["source"] = pa.repeat(pa.scalar(task.source.name), batch.num_rows)
    arrays = [columns.get(field.name, pa.nulls(batch.num_rows, field.type)) for field in task.read_schema]
    return pa.RecordBatch.from_arrays(arrays, schema=task.read_schema)


def _failure(one: Unreadable, file: InputFile, task: ReadTask) -> dict[str, object]:
    """A row of the quarantine."""
    identifier = None if one.record is None else f"{task.source.name}/{file.name_hash}/{one.record:010}"
    return {"id": identifier, "file": file.relative, "offset": one.offset, "step": "read", "error": one.error}


def _combined(batches: list[pa.RecordBatch], schema: pa.Schema) -> pa.RecordBatch:
    table = pa.Table.from_batches(batches, schema).combine_chunks()
    found = table.to_batches()
    return found[0] if found else pa.RecordBatch.from_pylist([], schema=schema)


def is_sampled(identifier: str, fraction: float) -> bool:
    """Whether a document is in the sample: by a hash of its id, so that samples grow into one another."""
    return xxhash.xxh3_64_intdigest(identifier.encode(), seed=1) < fraction * 2**64


def _sampled(batch: pa.RecordBatch, fraction: float | None) -> pa.RecordBatch:
    if fraction is None:
        return batch
    return batch.filter(pa.array([is_sampled(one, fraction) for one in batch["id"].to_pylist()], pa.bool_()))
