"""The passes of counting: an exchange over all shards.

`measure` finds the text of each language, where all is more than `max_bytes`; `count` takes groups of shards, `merge`
partitions of the fragments, and `relay` stands between them where the exchange has two levels.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from datapipe import storage
from datapipe.exchange import WORD_BYTES, Layout, Sizes, grouped, layout_for
from datapipe.executors import Resources
from datapipe.fingerprints import digest
from datapipe.receipts import Receipt, receipt_path
from datapipe.relays import MapFile, RelayTask, exchange_path, partition_slices, plan_relays, relay
from datapipe.running import Tasks, Work, map_tasks
from tokenizer.counting.count_shards import COUNT, LOST, CountTask, count_shards
from tokenizer.counting.counts_file import Counts, CountsFile, UnitTotals, forget_counts
from tokenizer.counting.merge_counts import FILES, MERGE, MergeTask, merge_counts
from tokenizer.counting.sampling import MEASURE, MeasureTask, Sampling, Tags, measure_shard, sampling_of
from tokenizer.kernels.fragment_records import WORDS
from tokenizer.recipe import TokenizerRecipe
from tokenizer.shards import TextShard
from tokenizer.symbols import cuts_fingerprint

FORMAT = 1
"""Raised when the same texts and settings come to other counts."""
RELAY = "relay"
"""Name of the pass between the two levels of an exchange."""


@dataclass(frozen=True)
class Scale:
    """What bounds the tasks. The counts are the same whatever it is."""

    group_bytes: int = 256 << 20
    """Text of one task."""
    table_bytes: int = 192 << 20
    """Counts that a task holds before it writes them."""
    max_partitions: int = 4096
    """Enough for a corpus of any size: the more text, the fewer of its fragments are new."""
    sizes: Sizes = field(default_factory=Sizes)
    """Of the exchange."""

    def layout(self, text_bytes: int) -> Layout:
        """The partitions for so much text, whose counts take about as much room at most."""
        most = min(self.max_partitions, self.sizes.fan_out**2) * self.sizes.partition_bytes
        return layout_for(min(text_bytes, most) // (WORDS * WORD_BYTES), WORDS, self.sizes)


SCALE = Scale()


def pass_fingerprints(recipe: TokenizerRecipe) -> dict[str, str]:
    """Of every pass: what decides its outputs beside its inputs."""
    cut = digest([FORMAT, cuts_fingerprint(recipe.symbols), recipe.count.max_fragment_bytes])
    return {MEASURE: digest([FORMAT, MEASURE]), **{name: digest([name, cut]) for name in (COUNT, RELAY, MERGE)}}


class Counting:
    """One count over all shards."""

    def __init__(self, work: Work, recipe: TokenizerRecipe, texts: Sequence[TextShard]) -> None:
        """Count `texts` as the recipe says."""
        self.work, self.recipe, self.texts = work, recipe, texts
        self.fingerprints = pass_fingerprints(recipe)
        self.bytes = sum(one.bytes for one in texts)
        self.layout = SCALE.layout(self.bytes)

    def count(self) -> Counts:
        """All passes; `counts.json` is still to be written."""
        sampling = self._measure()
        tags = sampling.tags(sorted({(one.domain, one.unit) for one in self.texts}))
        fingerprint = digest([self.fingerprints[MERGE], _made_of(self.texts), sampling, tags])
        forget_counts(self.work.folder, fingerprint)
        counted = self._count(sampling, tags)
        files = [
            MapFile(storage.join(self.work.folder, output.path), output.bytes, output.sha256)
            for receipt in counted
            for output in receipt.outputs
        ]
        relays = self._relays(files)
        merged = self._merge(files, relays, tags)
        self._remove_stale([*counted, *merged], relays)
        return Counts(
            fingerprint,
            self.recipe.symbols,
            cuts_fingerprint(self.recipe.symbols),
            self.recipe.count.max_fragment_bytes,
            self._units(tags, _sums([*counted, *merged])),
            dict(sampling.rates),
            tuple(
                CountsFile(one.outputs[0].path, one.rows_out, one.outputs[0].bytes, one.outputs[0].sha256)
                for one in merged
            ),
            self.work.folder,
        )

    def _measure(self) -> Sampling:
        """What is sampled: nothing, without a look, where all text together is no more than `max_bytes`."""
        most = self.recipe.count.max_bytes
        if self.bytes <= most:
            return Sampling({})
        tasks = [MeasureTask(self.work.folder, one, self.fingerprints[MEASURE], self.work.verify) for one in self.texts]
        return sampling_of(_sums(self._map(MEASURE, measure_shard, tasks))["language_bytes"], most)

    def _count(self, sampling: Sampling, tags: Tags) -> list[Receipt]:
        how = digest([sampling, tags, self.layout])
        recipe, groups = self.recipe, grouped([one.bytes for one in self.texts], SCALE.group_bytes)

        def tasks() -> Iterator[CountTask]:
            for number, group in enumerate(groups):
                texts = tuple(self.texts[k] for k in group)
                yield CountTask(
                    self.work.folder, f"{number:06}", self.fingerprints[COUNT], digest([how, _made_of(texts)]), texts,
                    recipe.symbols, recipe.count.max_fragment_bytes, sampling, tags, self.layout.map_split,
                    SCALE.table_bytes, self.work.verify,
                )  # fmt: skip

        return self._map(COUNT, count_shards, Tasks(len(groups), tasks))

    def _relays(self, files: Sequence[MapFile]) -> list[RelayTask]:
        template = RelayTask(
            self.work.folder, RELAY, "", self.fingerprints[RELAY], "", (), self.layout.map_split, WORDS,
            self.work.verify,
        )  # fmt: skip
        relays = plan_relays(self.layout, files, template, SCALE.sizes)
        if relays:
            self._map(RELAY, relay, relays, total=0)
        return relays

    def _merge(self, files: Sequence[MapFile], relays: Sequence[RelayTask], tags: Tags) -> list[Receipt]:
        made_of = digest([tags, self.layout, [one.sha256 for one in files]])

        def tasks() -> Iterator[MergeTask]:
            for number, slices in enumerate(partition_slices(self.layout, files, relays)):
                yield MergeTask(
                    self.work.folder, f"{number:06}", self.fingerprints[MERGE], digest([made_of, number]),
                    tuple(slices), tags, self.work.verify,
                )  # fmt: skip

        return self._map(MERGE, merge_counts, Tasks(self.layout.partitions, tasks), total=0)

    def _map(self, name: str, function: Any, tasks: Any, total: int | None = None) -> list[Receipt]:
        """The receipts of a pass, in order."""
        sizes = (self.bytes if total is None else total, "bytes_in")
        return sorted(map_tasks(self.work, name, function, tasks, Resources(), sizes), key=lambda one: one.shard)

    def _units(self, tags: Tags, sums: Mapping[str, Mapping[str, int]]) -> tuple[UnitTotals, ...]:
        """The totals of all units, in order."""
        sizes = {unit: [0, 0] for unit in tags.units}
        for one in self.texts:
            size = sizes[one.domain, one.unit]
            size[0] += one.documents
            size[1] += one.bytes
        names = ("rows", "fragments", *LOST)
        return tuple(
            UnitTotals(domain, unit, *size, *(sums.get(name, {}).get(f"{domain}/{unit}", 0) for name in names))
            for (domain, unit), size in sizes.items()
        )

    def _remove_stale(self, receipts: Sequence[Receipt], relays: Sequence[RelayTask]) -> None:
        """Delete what an earlier count left behind: nobody must read it by a glob, and it takes room."""
        current = {receipt_path(one.pass_name, one.shard) for one in receipts}
        current |= {output.path for one in receipts for output in one.outputs}
        for one in relays:
            current |= {receipt_path(RELAY, one.shard), exchange_path(RELAY, one.shard)}
        for pass_name in (COUNT, RELAY, MERGE):
            for part in (f"receipts/{pass_name}", f"exchange/{pass_name}", FILES):
                prefix = storage.join(self.work.folder, part)
                for path in storage.files_below(prefix):
                    if part + path.removeprefix(prefix) not in current:
                        storage.remove(path)


def _made_of(texts: Sequence[TextShard]) -> list[list[str]]:
    return [[one.domain, one.unit, one.sha256] for one in texts]


def _sums(receipts: Sequence[Receipt]) -> dict[str, dict[str, int]]:
    """The sums of all figures."""
    sums: dict[str, dict[str, int]] = {}
    for receipt in receipts:
        for name, figures in receipt.figures.items():
            own = sums.setdefault(name, {})
            for key, value in figures.items():
                own[key] = own.get(key, 0) + value
    return sums
