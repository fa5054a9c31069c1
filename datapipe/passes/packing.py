"""From decisions to shards, in two moves over the text.

`gather_shard` reads the documents of one input shard once and writes the survivors ordered by domain and unit, a run of
row groups per unit, with an index in the footer. `pack_shard` reads the runs of one unit from consecutive input shards
and writes one output shard of a set size. Reading each document twice keeps the cost independent of the number of
units: with one move, every input shard would be read once per unit.
"""

import bisect
import dataclasses
import itertools
import json
from array import array
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from datapipe import storage
from datapipe.passes.copies import Counts, Repeat, places
from datapipe.passes.deciding import PASS as DECIDE
from datapipe.passes.deciding import ROUTE_SCHEMA
from datapipe.passes.held_rows import HeldRows, Rows
from datapipe.passes.holdout import draws
from datapipe.receipts import Receipt, Stopwatch, UnitCount, finished, leave_receipt
from datapipe.shard_files import Upstream, open_aligned, opened
from datapipe.storage import ROW_GROUP_BYTES, writing_parquet

GATHER = "gather"
PACK = "pack"
NOT_PACKED = ("media_type", "encoding", "text_bytes")
"""Columns of the documents that describe their origin's bytes, not the text."""

MAX_NAME_BYTES = 200
"""Most file systems end at 255; a longer name of a unit is cut, and told by its hash."""

WRITE_ROWS = 1024
WRITE_BYTES = 16 << 20
"""Rows of a shard put in order at once, and the text of them."""

Unit = tuple[str, str]
"""Domain and unit."""


def unit_folder(domain: str, unit: str, split: str = "shards") -> str:
    """Folder of a unit's shards in the output: names are percent-encoded where a file system or a loader may object."""
    name = quote(unit, safe="+-_. ")
    if name.startswith("."):  # `.` and `..` are no names, and hidden folders are passed over
        name = "%2E" + name[1:]
    if len(name) > MAX_NAME_BYTES:
        name = f"{name[:MAX_NAME_BYTES]}~{xxhash.xxh3_64_hexdigest(unit.encode())}"
    return f"{split}/{domain}/{name}"


@dataclass(frozen=True)
class GatherTask:
    """Order the survivors of one input shard by unit."""

    folder: str
    shard: str
    fingerprint: str
    input_fingerprint: str
    upstream: tuple[Upstream, ...]
    """Documents, extra columns, and the routes of the deciding pass."""
    schema: pa.Schema
    """Of the output shards."""
    shares: Mapping[Unit, float]
    """Share of every unit that is held out."""
    seed: int
    repeat: Repeat | None = None
    """How often documents for training are written; None: once."""
    verify: bool = False
    """Trust finished outputs only after their sums are computed anew."""


def gather_shard(task: GatherTask) -> Receipt:
    """Write `survivors/SHARD.parquet` and its receipt: `rows_in` are documents, everything else counts copies too."""
    done = finished(task.folder, GATHER, task.shard, task.fingerprint, task.input_fingerprint, task.verify)
    if done is not None:
        return done
    watch = Stopwatch()
    schema = _gathered_schema(task.schema)
    survivors = HeldRows(schema)
    times = [np.empty(0, np.int64)]
    for batch, often in _survivors(task):
        survivors.add(batch)
        times.append(often)
    text_bytes = survivors.column("text_bytes").to_numpy()
    index: list[list[object]] = []
    units: dict[str, list[UnitCount]] = {"shards": [], "validation": []}
    groups = 0
    with writing_parquet(storage.join(task.folder, "survivors", f"{task.shard}.parquet"), schema, align=True) as (
        file,
        out,
    ):
        for (split, domain, unit), documents in _by_unit(survivors):
            rows = documents if split == "validation" else np.repeat(documents, np.concatenate(times)[documents])
            pieces = _pieces(rows, text_bytes[rows])
            for piece in pieces:
                file.write(survivors.take(piece))
            index.append([split, domain, unit, groups, len(pieces)])
            groups += len(pieces)
            units[split].append(UnitCount(domain, unit, len(rows), int(text_bytes[rows].sum()), ()))
        file.add_metadata({"units": json.dumps(index)})
    receipt = Receipt(
        GATHER,
        task.shard,
        task.fingerprint,
        task.input_fingerprint,
        rows_in=len(survivors),
        rows_out=sum(one.documents for one in itertools.chain(*units.values())),
        bytes_out=sum(one.bytes for one in itertools.chain(*units.values())),
        units=tuple(units["shards"]),
        held_out=tuple(units["validation"]),
        outputs=tuple(out),
    )
    return leave_receipt(task.folder, receipt, watch)


def _gathered_schema(schema: pa.Schema) -> pa.Schema:
    extra = [pa.field("text_bytes", pa.int64()), pa.field("split", pa.string()), *list(ROUTE_SCHEMA)[1:]]
    return pa.schema([*schema, *extra])


def _survivors(task: GatherTask) -> Iterator[tuple[pa.RecordBatch, Counts]]:
    """The documents that stay, and how often each is written."""
    schema = _gathered_schema(task.schema)
    for batch in open_aligned(task.folder, task.shard, task.upstream):
        kept = batch.filter(pc.is_null(batch["drop_reason"]))
        limits = np.array([task.shares[unit] for unit in _pairs(kept)], np.float64)
        is_held = draws(kept["id"].to_pylist(), task.seed) < limits
        split = pa.array(np.where(is_held, "validation", "shards").tolist(), pa.string())
        columns = {name: kept[name] for name in kept.schema.names} | {"split": split}
        often = task.repeat.times(kept[task.repeat.column]) if task.repeat else np.ones(len(kept), np.int64)
        yield pa.RecordBatch.from_arrays([columns[name] for name in schema.names], schema=schema), often


def _pairs(batch: pa.RecordBatch) -> list[Unit]:
    return list(zip(batch["domain"].to_pylist(), batch["unit"].to_pylist(), strict=True))


def _by_unit(survivors: HeldRows) -> Iterator[tuple[tuple[str, str, str], Rows]]:
    """The rows of every (split, domain, unit), in the order of the input inside."""
    named = [_ranks(survivors.column(key)) for key in ("split", "domain", "unit")]
    ranks = np.stack([ranks for ranks, _ in named])
    order = np.lexsort(ranks[::-1])  # stable
    changes = np.flatnonzero((ranks[:, order[1:]] != ranks[:, order[:-1]]).any(axis=0)) + 1
    for start, end in itertools.pairwise([0, *changes.tolist(), len(order)]):
        if end > start:
            split, domain, unit = (names[of_row[order[start]]] for of_row, names in named)
            yield (split, domain, unit), order[start:end]


def _ranks(values: pa.Array) -> tuple[Rows, list[str]]:
    """The place of each value among the distinct ones, which rise."""
    coded = values.dictionary_encode()
    names = coded.dictionary.to_pylist()
    rising = sorted(names)
    places = {name: place for place, name in enumerate(rising)}
    of_code = np.array([places[name] for name in names], np.int64)
    return of_code[coded.indices.to_numpy()], rising


def _pieces(rows: Rows, text_bytes: Rows) -> list[Rows]:
    """The rows in pieces of about `ROW_GROUP_BYTES` of text."""
    ends = np.cumsum(text_bytes)
    cuts = np.unique(np.searchsorted(ends, np.arange(ROW_GROUP_BYTES, ends[-1], ROW_GROUP_BYTES), side="left"))
    return np.split(rows, cuts[cuts > 0])


@dataclass(frozen=True)
class Run:
    """The survivors of one unit in one input shard: where their bytes begin in the unit as a whole."""

    shard: str
    base: int


@dataclass(frozen=True)
class PackTask:
    """One output shard: the documents of a unit whose first byte lies in [start, end) of the unit."""

    folder: str
    fingerprint: str
    input_fingerprint: str
    split: str
    domain: str
    unit: str
    number: int
    start: int
    end: int
    runs: tuple[Run, ...]
    schema: pa.Schema
    seed: int
    verify: bool = False
    """Trust finished outputs only after their sums are computed anew."""

    @property
    def shard(self) -> str:
        """Name of its receipt."""
        return f"{unit_folder(self.domain, self.unit, self.split)}/{self.number:06}"


def pack_shard(task: PackTask) -> Receipt:
    """Write one output shard, in keyed order, and its receipt."""
    done = finished(task.folder, PACK, task.shard, task.fingerprint, task.input_fingerprint, task.verify)
    if done is not None:
        return done
    watch = Stopwatch()
    held = HeldRows(task.schema)
    keys = [np.empty(0, np.float64)]
    sizes = [np.empty(0, np.int64)]
    for batch in (batch for run in task.runs for batch in _chosen(task, run)):
        held.add(batch)
        # The next seed: the order must not follow the draws that chose the held-out documents.
        keys.append(draws(batch["id"].to_pylist(), task.seed + 1))
        sizes.append(pc.binary_length(batch["text"]).to_numpy())
    order = np.argsort(places(np.concatenate(keys)), kind="stable")
    outputs: list[storage.Output] = []
    path = storage.join(task.folder, f"{task.shard}.parquet")
    if len(held):
        with writing_parquet(path, task.schema) as (file, outputs):
            for rows in _portions(order, np.concatenate(sizes)):
                file.write(held.take(rows))
    else:
        storage.remove(path)  # of an earlier run: shards are read by globs
    receipt = Receipt(
        PACK,
        task.shard,
        task.fingerprint,
        task.input_fingerprint,
        rows_in=len(held),
        rows_out=len(held),
        bytes_out=int(np.concatenate(sizes).sum()),
        outputs=tuple(outputs),
    )
    return leave_receipt(task.folder, receipt, watch)


def _portions(order: Rows, sizes: npt.NDArray[np.int64]) -> Iterator[Rows]:
    """The rows in order, so many at once that they and their copies stay small: the text is in memory as it is."""
    begin = 0
    ends = np.cumsum(sizes[order])
    while begin < len(order):
        before = ends[begin - 1] if begin else 0
        fitting = int(np.searchsorted(ends, before + WRITE_BYTES, side="right"))
        end = min(max(fitting, begin + 1), begin + WRITE_ROWS)
        yield order[begin:end]
        begin = end


def _chosen(task: PackTask, run: Run) -> Iterator[pa.RecordBatch]:
    """The rows of a run that belong to this output shard."""
    with opened([storage.join(task.folder, "survivors", f"{run.shard}.parquet")]) as (file,):
        index = json.loads(file.metadata.metadata[b"units"])
        first, count = next((f, n) for s, d, u, f, n in index if (s, d, u) == (task.split, task.domain, task.unit))
        position = run.base
        for group in range(first, first + count):
            sizes = file.read_row_group(group, ["text_bytes"]).column(0).to_numpy()
            starts = position + np.cumsum(sizes) - sizes
            position += int(sizes.sum())
            mask = (starts >= task.start) & (starts < task.end)
            if mask.any():
                yield from file.read_row_group(group, task.schema.names).filter(pa.array(mask)).to_batches()


@dataclass(frozen=True)
class _Members:
    """The input shards that give to a unit, by position, and how many bytes: in the order they were gathered in."""

    positions: "array[int]" = field(default_factory=lambda: array("I"))
    bytes: "array[int]" = field(default_factory=lambda: array("q"))

    def in_order(self) -> tuple[Rows, Rows]:
        """Both as arrays, in the order of the shards."""
        positions = np.frombuffer(self.positions, np.uint32)
        order = np.argsort(positions)
        return positions[order].astype(np.int64), np.frombuffer(self.bytes, np.int64)[order]


class Gathered:
    """What each input shard gives to each unit, in columns: there may be millions of pairs."""

    def __init__(self, shards: Sequence[str], fingerprint: str, inputs: Sequence[str]) -> None:
        """Nothing yet. `shards` are in order; `inputs`: their input fingerprints in the pass `gather`."""
        self.shards, self.fingerprint, self.inputs = shards, fingerprint, inputs
        self.members: dict[tuple[str, str, str], _Members] = {}
        """By split, domain, unit."""

    def add(self, receipt: Receipt) -> None:
        """Add a shard; they may come in any order."""
        position = bisect.bisect_left(self.shards, receipt.shard)
        for split, counts in (("shards", receipt.units), ("validation", receipt.held_out)):
            for count in counts:
                members = self.members.setdefault((split, count.domain, count.unit), _Members())
                members.positions.append(position)
                members.bytes.append(count.bytes)

    def packed_count(self, shard_bytes: int) -> int:
        """How many output shards `plan_packing` makes of it."""
        return sum(_number_of_shards(sum(members.bytes), shard_bytes) for members in self.members.values())


def _number_of_shards(total_bytes: int, shard_bytes: int) -> int:
    return max(1, -(-total_bytes // shard_bytes))


def plan_packing(gathered: Gathered, shard_bytes: int, template: PackTask) -> Iterator[PackTask]:
    """The output shards of all units.

    Shard k takes the documents that begin in [k, k + 1) * shard_bytes of the unit; the last one may be small. The edges
    do not move when documents are added behind, so only the last shards are packed again.
    """
    from datapipe.fingerprints import digest

    for split, domain, unit in sorted(gathered.members):
        positions, sizes = gathered.members[split, domain, unit].in_order()
        ends = np.cumsum(sizes)
        total = int(ends[-1])
        edges = [shard_bytes * k for k in range(_number_of_shards(total, shard_bytes))] + [total + 1]
        for number, (start, end) in enumerate(itertools.pairwise(edges)):
            # A document without text may stand at the very end of a run: runs that end at `start` count too.
            first, last = np.searchsorted(ends, [start, end])
            own = slice(first, last + 1)
            found = positions[own].tolist()
            bases = (ends[own] - sizes[own]).tolist()
            runs = tuple(Run(gathered.shards[k], base) for k, base in zip(found, bases, strict=True))
            made_of = [[gathered.shards[k], gathered.fingerprint, gathered.inputs[k]] for k in found]
            yield dataclasses.replace(
                template, input_fingerprint=digest([start, end, made_of]), split=split, domain=domain, unit=unit,
                number=number, start=start, end=end, runs=runs,
            )  # fmt: skip


def remove_stale(folder: str, current: Collection[str]) -> None:
    """Delete the shards that an earlier run packed and this one does not: nobody must train on them by a glob."""
    prefix = storage.join(folder, "receipts", PACK)
    for path in storage.files_below(prefix):
        shard = path[len(prefix) + 1 :].removesuffix(".json")
        if shard not in current:
            storage.remove(storage.join(folder, f"{shard}.parquet"))
            storage.remove(path)


def route_upstream(pass_name: str = DECIDE, columns: tuple[str, ...] = ()) -> Upstream:
    """The routes of the deciding pass, or of the round of duplicates that spoke last, as an upstream file."""
    return Upstream("annotations", pass_name, (*ROUTE_SCHEMA.names, *columns))
