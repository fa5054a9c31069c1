"""The second level of an exchange: relay tasks between maps and reduces, and which slices a partition is made of."""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import xxhash

from datapipe import storage
from datapipe.exchange import Layout, Sizes, Split, grouped
from datapipe.exchange_files import Slice, read_slices, write_records
from datapipe.receipts import Receipt, Stopwatch, finished, leave_receipt


class MapFile(NamedTuple):
    """What a map task wrote, from its receipt."""

    path: str
    """Where it lies."""
    bytes: int
    sha256: str


@dataclass(frozen=True)
class RelayTask:
    """Divide the slices of one super-partition, in a few map files, into its partitions."""

    folder: str
    pass_name: str
    """Of its receipts, and the folder below `exchange/` that it writes to."""
    shard: str
    """Super-partition and number of the group of map files."""
    fingerprint: str
    input_fingerprint: str
    slices: tuple[Slice, ...]
    split: Split
    words: int
    verify: bool = False
    """Trust finished outputs only after their sums are computed anew."""

    @property
    def path(self) -> str:
        """Where it writes."""
        return storage.join(self.folder, exchange_path(self.pass_name, self.shard))


def exchange_path(pass_name: str, shard: str) -> str:
    """Path of a file of an exchange in the output folder."""
    return f"exchange/{pass_name}/{shard}.records"


def relay(task: RelayTask) -> Receipt:
    """Write one file of records divided once more, and its receipt."""
    done = finished(task.folder, task.pass_name, task.shard, task.fingerprint, task.input_fingerprint, task.verify)
    if done is not None:
        return done
    watch = Stopwatch()
    records = read_slices(task.slices, task.words)
    output = write_records(task.path, records, task.split.partition(records[:, 0]), task.split.count)
    receipt = Receipt(
        task.pass_name,
        task.shard,
        task.fingerprint,
        task.input_fingerprint,
        rows_in=len(records),
        rows_out=len(records),
        bytes_read=records.nbytes,
        outputs=(output,),
    )
    return leave_receipt(task.folder, receipt, watch)


def plan_relays(
    layout: Layout, maps: Sequence[MapFile], template: RelayTask, sizes: Sizes | None = None
) -> list[RelayTask]:
    """The relay tasks of an exchange, none where one level is enough. `maps` stand in the order of the map tasks."""
    if len(layout.fan_out) == 1:
        return []
    count = layout.map_split.count
    members = grouped([max(1, one.bytes // count) for one in maps], (sizes or Sizes()).map_bytes)
    return [
        dataclasses.replace(
            template,
            shard=f"{super_partition:05}-{number:05}",
            input_fingerprint=made_of((maps[k] for k in group), layout.relay_split(super_partition)),
            slices=tuple(Slice(maps[k].path, super_partition) for k in group),
            split=layout.relay_split(super_partition),
            words=layout.words,
        )
        for super_partition in range(count)
        for number, group in enumerate(members)
    ]


def partition_slices(layout: Layout, maps: Sequence[MapFile], relays: Sequence[RelayTask]) -> Iterator[list[Slice]]:
    """For each partition the slices it is made of, in order. `relays`: those of `plan_relays`."""
    if len(layout.fan_out) == 1:
        yield from ([Slice(one.path, partition) for one in maps] for partition in range(layout.partitions))
        return
    members: dict[int, list[RelayTask]] = {}
    for task in relays:
        members.setdefault(task.split.first, []).append(task)
    for partition in range(layout.partitions):
        inner = partition % layout.fan_out[1]
        yield [Slice(task.path, inner) for task in members.get(partition - inner, ())]


def made_of(files: Iterable[MapFile], split: Split) -> str:
    """Fingerprint of the bytes of several files and of how they are divided: as a corpus grows, otherwise."""
    return xxhash.xxh3_128_hexdigest(f"{''.join(one.sha256 for one in files)} {split}".encode())
