"""Large files that can be read from several places at once: the first pass reads their parts as tasks of their own.

Where a file can be cut is found by one quick pass over it, a task per file, whose receipt keeps what was found: record
numbers at the places, so that ids are those of reading through. Every part has numbers of cuts set aside for it, as
many as its text can fill.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from datapipe.fingerprints import digest
from datapipe.inputs import Group
from datapipe.passes.reading import ReadTask, Stretch
from datapipe.reader import Part, SplittingReader
from datapipe.receipts import Place, Receipt, Stopwatch, finished, leave_receipt

SPLIT = "split"


@dataclass(frozen=True)
class SplitTask:
    """Look through one large file for places to cut at."""

    folder: str
    group: Group
    reader: SplittingReader
    fingerprint: str
    """Of the reader, and of the size of parts."""
    part_bytes: int
    verify: bool = False


def split_tasks(tasks: list[ReadTask]) -> Iterator[SplitTask]:
    """A task for every group that is one file of more than `cut_bytes` (no archive), of a reader that can split."""
    for task in tasks:
        reader, files = task.source.reader, task.group.files
        is_large = len(files) == 1 and files[0].size > task.cut_bytes and not files[0].is_archive
        if is_large and isinstance(reader, SplittingReader):
            fingerprint = digest([task.input_fingerprint, task.cut_bytes])
            yield SplitTask(task.folder, task.group, reader, fingerprint, task.cut_bytes, task.verify)


def split_file(task: SplitTask) -> Receipt:
    """The receipt with the file's parts; fewer than two: it is read through."""
    shard, inputs = task.group.shard(0), task.group.fingerprint
    receipt = finished(task.folder, SPLIT, shard, task.fingerprint, inputs, task.verify)
    if receipt is None:
        watch = Stopwatch()
        with watch.step("split"):
            parts = task.reader.parts(task.group.files[0].opened(), task.part_bytes)
        size = task.group.size
        receipt = Receipt(SPLIT, shard, task.fingerprint, inputs, bytes_in=size, bytes_read=size, parts=parts)
        receipt = leave_receipt(task.folder, receipt, watch)
    return receipt


def read_tasks(tasks: list[ReadTask], found: Mapping[str, tuple[Part, ...]]) -> Iterator[ReadTask]:
    """The tasks with those of split files (parts by the name of their first shard) replaced by one per part."""
    for task in tasks:
        parts = found.get(task.group.shard(0), ())
        if len(parts) < 2:
            yield task
        else:
            for stretch in _stretches(parts, task.cut_bytes):
                place = dataclasses.astuple(stretch)
                yield dataclasses.replace(
                    task, stretch=stretch, input_fingerprint=digest([task.input_fingerprint, place])
                )


def _stretches(parts: tuple[Part, ...], cut_bytes: int) -> Iterator[Stretch]:
    """Where each part begins and ends, and the numbers of its cuts."""
    begins = []
    cut = 0
    for part in parts:
        begins.append(Place(0, part.start.offset, part.start.within, part.start.record, cut))
        cut += part.text_bytes // cut_bytes + 1
    for part, begin, behind in zip(parts, begins, [*begins[1:], None], strict=True):
        yield Stretch(begin, part.end, behind)
