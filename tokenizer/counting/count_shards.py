"""The map task of counting: the fragments of a group of shards, added up, as records of an exchange."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapipe import storage
from datapipe.exchange import Split
from datapipe.exchange_files import write_records
from datapipe.receipts import Receipt, Stopwatch, finished, leave_receipt
from datapipe.relays import exchange_path
from datapipe.stage import text_buffers
from datapipe.storage import Output
from tokenizer.counting.fragment_counts import FragmentCounts
from tokenizer.counting.sampling import Sampling, Tags, Unit
from tokenizer.kernels.fragment_tags import LAST_LOST, LOST_BYTES, LOST_DOCUMENTS, LOST_FRAGMENTS, tag_fragments
from tokenizer.kernels.fragments import AT_ONCE, WORDS, Place, cut_fragments
from tokenizer.recipe import Symbols
from tokenizer.shards import TextShard
from tokenizer.symbols import cuts_of
from tokenizer.texts import check_text, read_texts

COUNT = "count"
"""Name of the pass."""
LOST = {"lost_documents": LOST_DOCUMENTS, "lost_fragments": LOST_FRAGMENTS, "lost_bytes": LOST_BYTES}
"""Figures of receipts, by `domain/unit`: what of a unit is in fragments that are too long."""


@dataclass(frozen=True)
class CountTask:
    """Count the fragments of some shards."""

    folder: str
    shard: str
    """Number of the group of shards, as the receipt's name."""
    fingerprint: str
    input_fingerprint: str
    texts: tuple[TextShard, ...]
    symbols: Symbols
    max_fragment_bytes: int
    sampling: Sampling
    tags: Tags
    split: Split
    table_bytes: int
    """Counts that are held at once: a fuller table goes to a file of its own."""
    verify: bool = False
    """Trust finished outputs only after their sums are computed anew."""


def count_shards(task: CountTask) -> Receipt:
    """Write the group's counts, in one file or more, and the receipt."""
    done = finished(task.folder, COUNT, task.shard, task.fingerprint, task.input_fingerprint, task.verify)
    if done is not None:
        return done
    watch = Stopwatch()
    group = _Group(task, watch)
    for text in task.texts:
        group.add(text)
    group.write()
    receipt = Receipt(
        COUNT,
        task.shard,
        task.fingerprint,
        task.input_fingerprint,
        rows_in=sum(one.documents for one in task.texts),
        rows_out=sum(one.documents for one in task.texts),
        bytes_in=sum(one.bytes for one in task.texts),
        figures=group.lost,
        outputs=tuple(group.outputs),
    )
    return leave_receipt(task.folder, receipt, watch)


class _Group:
    """What the shards of a task have come to so far."""

    def __init__(self, task: CountTask, watch: Stopwatch) -> None:
        self.task, self.watch = task, watch
        self.counts = FragmentCounts(task.table_bytes)
        self.cuts = cuts_of(task.symbols)
        self.found = np.empty((AT_ONCE, WORDS), np.int64)
        self.outputs: list[Output] = []
        self.lost: dict[str, dict[str, int]] = {}

    def add(self, text: TextShard) -> None:
        """Count a shard."""
        unit = (text.domain, text.unit)
        lost = np.zeros(LAST_LOST + 1, np.int64)
        documents = size = 0
        for batch in read_texts(text.path, ("language",)):
            with self.watch.step("count"):
                lost[LAST_LOST] = -1
                self._add_texts(batch["text"], unit, self.task.sampling.tags_of(batch, unit, self.task.tags), lost)
            documents += batch.num_rows
            size += pc.sum(pc.binary_length(batch["text"])).as_py() or 0
        check_text(text, documents, size)
        if lost[LOST_FRAGMENTS]:
            for name, place in LOST.items():
                of_unit = self.lost.setdefault(name, {})
                of_unit["/".join(unit)] = of_unit.get("/".join(unit), 0) + int(lost[place])

    def _add_texts(
        self, texts: pa.Array, unit: Unit, sampled_tags: npt.NDArray[np.int64], lost: npt.NDArray[np.int64]
    ) -> None:
        offsets, data = text_buffers(texts)
        tag, place = self.task.tags.tag(unit), Place()
        while place.document < len(texts):
            count, place = cut_fragments(offsets, data, place, self.cuts, self.found)
            kept = tag_fragments(self.found[:count], tag, sampled_tags, self.task.max_fragment_bytes, lost)
            added = self.counts.add(data, self.found[:kept])
            while added < kept:
                self.write()
                added += self.counts.add(data, self.found[added:kept])

    def write(self) -> None:
        """Write what has been counted since the last time."""
        records = self.counts.take_records()
        path = storage.join(self.task.folder, exchange_path(COUNT, f"{self.task.shard}-{len(self.outputs):04}"))
        split = self.task.split
        with self.watch.step("write"):
            self.outputs.append(write_records(path, records, split.partition(records[:, 0]), split.count))


def warm_up() -> None:
    """Compile the kernels of counting and of merging."""
    counts = FragmentCounts()
    offsets, data = text_buffers(pa.array(["one two"], pa.large_string()))
    found = np.empty((AT_ONCE, WORDS), np.int64)
    count, _ = cut_fragments(offsets, data, Place(), cuts_of(Symbols()), found)
    kept = tag_fragments(found[:count], 0, np.zeros(1, np.int64), 1, np.zeros(LAST_LOST + 1, np.int64))
    counts.add(data, found[:kept])
    records = counts.take_records()
    counts.add_records(records)
    Split(1).partition(records[:, 0])
