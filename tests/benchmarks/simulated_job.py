"""The arithmetic of a large run: tasks, slices, bytes, requests, CPU time of every pass, from constants of a small one.

What is planned by the program itself (layouts of exchanges, groups of shards) is asked of the program, not modelled.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from datapipe.dedup.candidates import INDEX_WORDS
from datapipe.dedup.survivors import VERDICT_WORDS
from datapipe.exchange import WORD_BYTES, Layout, Sizes, group_shards, grouped, layout_at, layout_for
from datapipe.files.spans import FIRST_BYTES, MOST_BYTES, WHOLE_BYTES

PART_BYTES = 10_000_000
"""pyarrow sends a larger object in parts of so much: one request each, and two around them."""

REQUEST_SECONDS = 0.1
"""Until the first byte of an answer; Amazon says 100 to 200 ms of small objects (optimizing Amazon S3 performance)."""
STORE_BYTES_PER_SECOND = 80e6
"""Of one connection, as `datapipe.files.spans` takes it."""


@dataclass(frozen=True)
class Job:
    """What is asked for."""

    stored_bytes: float = 100e12
    files: int = 100_000
    documents: float = 10e9
    kept_fraction: float = 0.3
    """Documents that the rules keep: these are compared with each other."""
    unique_fraction: float = 0.7
    """Of these, documents that stay."""
    units: int = 400
    units_per_shard: int = 40
    """Whose documents one input shard holds."""
    cut_bytes: int = 256 << 20
    shard_bytes: int = 256 << 20


@dataclass(frozen=True)
class Measured:
    """Constants of a real run: see `simulation.py` for where each comes from."""

    page_bytes: float
    """Bytes of pages per stored byte of WARC: cuts are made by them."""
    cpu: Mapping[str, float]
    """CPU seconds by pass: per stored byte of `extract`, per byte of documents of the others; of the parts of
    `duplicates.exact` per record."""
    document_bytes: float
    """Parquet bytes of documents per stored byte,"""
    survivor_bytes: float
    """of survivors and shards per Parquet byte of the documents that stay."""
    text_bytes: float
    """Text in a Parquet byte of survivors."""
    annotation_bytes: Mapping[str, float]
    """Parquet bytes per document that a pass writes beside them."""
    record_words: int
    """64-bit words of a record of the exchange."""


@dataclass(frozen=True)
class Row:
    """What one pass costs."""

    name: str
    tasks: int
    read_bytes: float = 0
    written_bytes: float = 0
    cpu_seconds: float = 0
    slices: int = 0
    """Parts of files read: of an exchange, or the documents of one unit in a file of survivors."""
    slice_bytes: float = 0
    """Of one, on average."""
    files_read: int = 0
    files_written: int = 0
    receipts: int = 0

    @property
    def requests(self) -> float:
        """To an object store: HEAD and GETs of what is read, PUTs of what is written, a look and a PUT per receipt."""
        return (
            self.files_read * gets(self.read_bytes / max(self.files_read, 1))
            + 3 * self.slices
            + self.files_written * puts(self.written_bytes / max(self.files_written, 1))
            + 2 * max(self.receipts, self.tasks)
        )

    @property
    def core_seconds(self) -> float:
        """CPU time, and waiting for the store, which a task does not use for anything else."""
        transfer = (self.read_bytes + self.written_bytes) / STORE_BYTES_PER_SECOND
        return self.cpu_seconds + self.requests * REQUEST_SECONDS + transfer


def gets(size: float) -> float:
    """Requests for a file that is read in order: HEAD, then growing reads."""
    return 2 if size <= WHOLE_BYTES else 4 + max(0, size - 7e6) / MOST_BYTES


def puts(size: float) -> float:
    """Requests for a file that is written."""
    return 1 if size <= PART_BYTES else 2 + size / PART_BYTES


def packed_shards(unit_bytes: list[int], shard_bytes: int) -> int:
    """Output shards of units with so much text."""
    return sum(max(1, -(-size // shard_bytes)) for size in unit_bytes)


def even(total: float, parts: int) -> list[int]:
    """`total` things in `parts`, as evenly as whole numbers go."""
    each, more = divmod(round(total), parts)
    return [each + (number < more) for number in range(parts)]


@dataclass(frozen=True)
class Exchanged:
    """The tasks of one round of duplicates."""

    groups: int
    layout: Layout
    relays: int
    back: Layout
    relays_back: int

    @property
    def slices(self) -> tuple[int, int]:
        """Read on the way there (by relays and reduces) and on the way back."""
        there = _slices(self.groups, self.layout, self.relays)
        return there, _slices(self.layout.partitions, self.back, self.relays_back)


def exchanged(records: list[int], words: int, told_bytes: float, sizes: Sizes | None = None) -> Exchanged:
    """What a round does with shards of so many records, of which so many bytes come back."""
    sizes = sizes or Sizes()
    groups = len(group_shards(records, words, sizes))
    layout = layout_for(sum(records), words, sizes)
    back = layout_at(range(max(1, groups)), VERDICT_WORDS, sizes)
    there = [sum(records) * words * WORD_BYTES // max(groups, 1)] * groups
    returned = [round(told_bytes) // layout.partitions] * layout.partitions
    return Exchanged(groups, layout, relays(layout, there, sizes), back, relays(back, returned, sizes))


def relays(layout: Layout, file_bytes: list[int], sizes: Sizes) -> int:
    """Relay tasks of a layout over files of so many bytes."""
    if len(layout.fan_out) == 1:
        return 0
    count = layout.map_split.count
    return count * len(grouped([max(1, size // count) for size in file_bytes], sizes.map_bytes))


def _slices(files: int, layout: Layout, tasks: int) -> int:
    if not tasks:
        return files * layout.partitions
    count = layout.map_split.count
    return files * count + tasks // count * layout.partitions


def simulate(job: Job, known: Measured) -> list[Row]:
    """Every pass of extraction, measuring, exact duplicates and packing."""
    cuts = max(1, round(job.stored_bytes / job.files * known.page_bytes / job.cut_bytes))
    shards = job.files * cuts
    documents = job.stored_bytes * known.document_bytes
    kept = job.documents * job.kept_fraction
    stay = documents * job.kept_fraction * job.unique_fraction * known.survivor_bytes
    beside = {name: job.documents * size for name, size in known.annotation_bytes.items()}
    told = kept * (1 - job.unique_fraction) * VERDICT_WORDS * WORD_BYTES * 2  # both of a pair are told
    round_ = exchanged(even(kept, shards), known.record_words, told)
    record_bytes, index = kept * known.record_words * WORD_BYTES, kept * INDEX_WORDS * WORD_BYTES
    there, back = round_.slices
    levels = len(round_.layout.fan_out)
    packed = packed_shards(even(stay * known.text_bytes, job.units), job.shard_bytes)
    runs = shards * min(job.units_per_shard, job.units)
    routes = beside["decide"]
    return [
        Row("extract", job.files, job.stored_bytes, documents, job.stored_bytes * known.cpu["extract"],
            files_read=job.files, files_written=shards, receipts=shards),
        Row("measure", shards, documents, beside["measure"], documents * known.cpu["measure"],
            files_read=shards, files_written=shards, receipts=shards),
        Row("duplicates (hashes)", shards, documents, beside["duplicates"], documents * known.cpu["duplicates"],
            files_read=shards, files_written=shards, receipts=shards),
        Row("decide", shards, beside["measure"], routes, documents * known.cpu["decide"],
            files_read=3 * shards, files_written=2 * shards, receipts=shards),
        Row("exact: map", round_.groups, beside["duplicates"] + routes, record_bytes, kept * known.cpu["map"],
            files_read=3 * shards, files_written=round_.groups),
        Row("exact: relay", round_.relays, record_bytes * (levels - 1), record_bytes * (levels - 1),
            kept * known.cpu["reduce"] * (levels - 1), files_written=round_.relays),
        Row("exact: reduce", round_.layout.partitions, record_bytes, told + index, kept * known.cpu["reduce"],
            slices=there, slice_bytes=record_bytes * levels / max(there, 1),
            files_written=2 * round_.layout.partitions),
        Row("exact: back", round_.relays_back + round_.groups, told + routes, routes, documents * known.cpu["resolve"],
            slices=back, slice_bytes=told * len(round_.back.fan_out) / max(back, 1),
            files_read=3 * shards, files_written=2 * shards, receipts=shards),
        Row("gather", shards, documents + routes, stay, documents * known.cpu["gather"],
            files_read=2 * shards, files_written=shards, receipts=shards),
        Row("pack", packed, max(stay, runs * FIRST_BYTES), stay, documents * known.cpu["pack"],
            slices=runs, slice_bytes=stay / runs, files_written=packed),
    ]  # fmt: skip
