"""The phases before a pass with `repeated` sweeps: they tell, shard by shard, which units of which texts go.

Each phase takes the receipts of the one before. What the sweep of a shard reads is the shard's own marks: where they
come out as before, nothing is written anew, whatever else of the corpus has changed.
"""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from datapipe import storage
from datapipe.accounts import slim
from datapipe.dedup.passages import FindTask, RepeatedPassages, find_passages
from datapipe.dedup.repeats import (
    WORDS,
    GroupTask,
    MergeTask,
    compile_kernels,
    count_group,
    mark_group,
    merge_partition,
)
from datapipe.exchange import Layout, Sizes, Split, group_shards, layout_at, layout_for
from datapipe.exchange_files import Slice
from datapipe.executors import Resources
from datapipe.fingerprints import FORMAT, digest, step_data
from datapipe.passes.planning import PassPlan
from datapipe.receipts import Receipt
from datapipe.relays import MapFile, RelayTask, partition_slices, plan_relays, relay
from datapipe.running import Run, map_tasks

Task = TypeVar("Task")

SIZES = Sizes()
MEMORY = Resources(memory_bytes=2 << 30)
"""What tasks on a whole group or partition reserve: they hold up to three times `Sizes.partition_bytes`."""


def mark_repeated(run: Run, plan: PassPlan, inputs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Per shard the sha256 of its marks. `inputs`: name and input fingerprint of every shard, in order."""
    if not inputs:
        return {}
    exchange = _Exchange(run, plan)
    run.executor.on_every_node(compile_kernels, exchange.stage)
    found = exchange.find(inputs)
    groups = group_shards([receipt.passages for receipt in found], WORDS, SIZES)
    # Of hashes before they are counted: the layout must not wait for the counts that are laid out by it.
    there = layout_for(sum(receipt.passages for receipt in found), WORDS, SIZES)
    back = layout_at([2 * number for number in range(len(groups))], WORDS, SIZES)
    counted = exchange.count(found, groups, there)
    partitions = exchange.relay("there", there, counted)
    merged = exchange.merge(partitions, back)
    marked = exchange.mark(found, groups, exchange.relay("back", back, merged))
    return {receipt.shard: output.sha256 for receipt in marked for output in receipt.outputs}


Partitions = list[tuple[tuple[Slice, ...], str]]
"""Of every partition, its slices and the fingerprint of what they hold."""


class _Exchange:
    """The phases of one pass, each of which gives all its tasks to the executor and waits for them."""

    def __init__(self, run: Run, plan: PassPlan) -> None:
        step = plan.steps[0]
        assert isinstance(step.stage, RepeatedPassages), "the loader puts it first"
        self._run, self._plan, self._step, self.stage = run, plan, step, step.stage

    def _name(self, phase: str) -> str:
        return f"{self._plan.name}.{phase}"

    def _fingerprint(self, phase: str) -> str:
        """All phases are told by the step; hashes do not depend on which occurrence is kept."""
        stage = dataclasses.replace(self.stage, keep="first") if phase == "find" else self.stage
        return digest([FORMAT, self._name(phase), step_data(dataclasses.replace(self._step, stage=stage))])

    def _map(
        self, phase: str, function: Callable[[Task], Receipt | tuple[Receipt, ...]], tasks: Sequence[Task]
    ) -> list[Receipt]:
        """The receipts in the order of the names of their shards."""
        receipts = map_tasks(self._run, self._name(phase), function, tasks, MEMORY)
        return sorted(map(slim, receipts), key=lambda one: one.shard)

    def find(self, inputs: Sequence[tuple[str, str]]) -> list[Receipt]:
        """Hash the passages of every shard."""
        name, fingerprint = self._name("find"), self._fingerprint("find")
        tasks = [
            FindTask(
                self._run.folder, name, shard, fingerprint, made_of, self._plan.passages, self.stage,
                self._step.where, self._run.verify,
            )
            for shard, made_of in inputs
        ]  # fmt: skip
        return self._map("find", find_passages, tasks)

    def count(self, found: Sequence[Receipt], groups: Sequence[range], layout: Layout) -> list[Receipt]:
        """Count the hashes of every group."""
        return self._map("count", count_group, list(self._groups("count", found, groups, layout.map_split)))

    def _groups(
        self, phase: str, found: Sequence[Receipt], groups: Sequence[range], split: Split
    ) -> Iterator[GroupTask]:
        for number, group in enumerate(groups):
            members = found[group.start : group.stop]
            yield GroupTask(
                self._run.folder, self._name(phase), number, self._fingerprint(phase),
                digest([number, split, [output.sha256 for one in members for output in one.outputs]]),
                self._name("find"), tuple(one.shard for one in members),
                tuple(one.rows_in for one in members), tuple(one.bytes_in for one in members), split,
                verify=self._run.verify,
            )  # fmt: skip

    def relay(self, way: str, layout: Layout, receipts: Sequence[Receipt]) -> Partitions:
        """What every partition is made of, once relay tasks have divided what one level cannot."""
        maps = [self._file(receipt) for receipt in receipts]
        template = RelayTask(
            self._run.folder, self._name(way), "", self._fingerprint(way), "", (), layout.map_split, WORDS,
            self._run.verify,
        )  # fmt: skip
        relays = plan_relays(layout, maps, template, SIZES)
        files = [self._file(receipt) for receipt in self._map(way, relay, relays)] if relays else maps
        sums = {one.path: one.sha256 for one in files}
        return [
            (tuple(slices), digest([[sums[one.path], one.partition] for one in slices]))
            for slices in partition_slices(layout, maps, relays)
        ]

    def _file(self, receipt: Receipt) -> MapFile:
        (output,) = receipt.outputs
        return MapFile(storage.join(self._run.folder, output.path), output.bytes, output.sha256)

    def merge(self, partitions: Partitions, back: Layout) -> list[Receipt]:
        """Find what repeats in every partition, for the way back by group."""
        keeps_first = self.stage.keep == "first"
        tasks = [
            MergeTask(
                self._run.folder, self._name("merge"), number, self._fingerprint("merge"),
                digest([number, made_of, back.map_split]), slices, back.map_split, keeps_first, self._run.verify,
            )
            for number, (slices, made_of) in enumerate(partitions)
        ]  # fmt: skip
        return self._map("merge", merge_partition, tasks)

    def mark(self, found: Sequence[Receipt], groups: Sequence[range], repeated: Partitions) -> list[Receipt]:
        """Tell which units of the texts of every group go."""
        tasks = [
            dataclasses.replace(
                task, input_fingerprint=digest([task.input_fingerprint, made_of]), slices=slices, span=self.stage.span
            )
            for task, (slices, made_of) in zip(self._groups("mark", found, groups, Split(1)), repeated, strict=True)
        ]
        return self._map("mark", mark_group, tasks)
