"""The phases of a round of near-duplicates as tasks: their keys, their receipts, and the exchanges between them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from datapipe import storage
from datapipe.accounts import slim
from datapipe.dedup.near.task_keys import TaskKey
from datapipe.exchange import Layout, Sizes
from datapipe.executors import Resources
from datapipe.fingerprints import digest
from datapipe.passes.partitions import Partition
from datapipe.receipts import Receipt
from datapipe.relays import MapFile, RelayTask, partition_slices, plan_relays, relay
from datapipe.running import Work, map_tasks


@dataclass(frozen=True)
class NearExchange:
    """Of one round."""

    run: Work
    name: str
    """Of the round."""
    resources: Resources
    sizes: Sizes

    def key(self, phase: str, shard: int | str, fingerprint: str, made_of: object) -> TaskKey:
        """Of one task of a phase: `shard` is its number or its name."""
        named = shard if isinstance(shard, str) else f"{shard:06}"
        return TaskKey(self.run.folder, f"{self.name}.{phase}", named, fingerprint, digest(made_of), self.run.verify)

    def map(self, phase: str, function: Callable[[Any], Receipt], tasks: Sequence[object]) -> list[Receipt]:
        """The receipts in the order of the tasks' names."""
        if not tasks:
            return []
        receipts = map_tasks(self.run, f"{self.name}.{phase}", function, tasks, self.resources)
        return sorted(map(slim, receipts), key=lambda one: one.shard)

    def partitions(
        self, what: str, fingerprint: str, layout: Layout, receipts: Sequence[Receipt], phase: str = ""
    ) -> list[Partition]:
        """What every partition is made of, after a level of relays where one is needed.

        `phase`: the folder below `exchange/` of the one output that is meant, behind the name of the round.
        """
        files = [file for one in receipts for file in map_files(self.run.folder, one, phase)]
        template = RelayTask(
            self.run.folder, f"{self.name}.{what}_relay", "", fingerprint, "", (), layout.map_split, layout.words,
            self.run.verify,
        )  # fmt: skip
        relays = plan_relays(layout, files, template, self.sizes)
        relayed = self.map(f"{what}_relay", relay, relays)
        sums = {one.path: one.sha256 for one in files}
        sums |= {one.path: one.sha256 for receipt in relayed for one in map_files(self.run.folder, receipt)}
        return [
            Partition(tuple(slices), digest([[sums[one.path], one.partition] for one in slices]))
            for slices in partition_slices(layout, files, relays)
        ]


def map_files(folder: str, receipt: Receipt, phase: str = "") -> list[MapFile]:
    """The files that a task wrote for the exchange; only those of a folder that ends in `.PHASE`, if one is given."""
    return [
        MapFile(storage.join(folder, one.path), one.bytes, one.sha256)
        for one in receipt.outputs
        if one.path.startswith("exchange/") and one.path.split("/")[1].endswith(f".{phase}" if phase else "")
    ]


def map_file(folder: str, receipt: Receipt, phase: str = "") -> MapFile:
    """The one file that a task wrote."""
    (found,) = map_files(folder, receipt, phase)
    return found
