"""What is sampled of a large language: a share of its documents, by a hash of their ids.

Fragments of scripts written without spaces, and long ones, grow in number almost with the text. Of a language with more
text than `max_bytes` they are counted in so many documents only; every count tells at which rate it was taken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapipe.passes.holdout import draws
from datapipe.receipts import Receipt, Stopwatch, finished, leave_receipt
from datapipe.shard_files import language_names
from tokenizer.kernels.fragment_tags import NOT_SAMPLED
from tokenizer.shards import TextShard
from tokenizer.texts import read_texts

MEASURE = "measure"
"""Name of the pass that finds out how much text there is of each language."""
SEED = 0x746F6B656E697A65
"""Of the hash of ids: no other than that of the holdout, or what is left of its range would be drawn more often."""
Unit = tuple[str, str]
"""Domain and unit."""


@dataclass(frozen=True)
class Tags:
    """The numbers of all (unit, rate), in the order of counts: by domain, unit, rate."""

    units: tuple[Unit, ...]
    """In order,"""
    rates: tuple[float, ...]
    """and these too: the last one is 1."""

    def tag(self, unit: Unit, rate: float = 1.0) -> int:
        """The number of this unit and rate."""
        return self.units.index(unit) * len(self.rates) + self.rates.index(rate)


@dataclass(frozen=True)
class Sampling:
    """The rate of each language that is sampled; "" is that of documents without one."""

    rates: Mapping[str, float]

    def tags(self, units: Sequence[Unit]) -> Tags:
        """The numbers of these units with all rates."""
        return Tags(tuple(sorted(units)), tuple(sorted({1.0, *self.rates.values()})))

    def tags_of(self, batch: pa.RecordBatch, unit: Unit, tags: Tags) -> npt.NDArray[np.int64]:
        """The tag of each document's sampled fragments, NOT_SAMPLED where they are passed over."""
        found = np.full(batch.num_rows, tags.tag(unit), np.int64)
        names = np.array(language_names(batch), object) if self.rates else np.empty(0, object)
        for language, rate in self.rates.items():
            rows = np.flatnonzero(names == language)
            ids = batch["id"].take(pa.array(rows)).to_pylist()
            found[rows] = np.where(draws(ids, SEED) < rate, tags.tag(unit, rate), NOT_SAMPLED)
        return found


def sampling_of(language_bytes: Mapping[str, int], max_bytes: int) -> Sampling:
    """The sampling of languages of these sizes."""
    return Sampling({one: max_bytes / size for one, size in sorted(language_bytes.items()) if size > max_bytes})


@dataclass(frozen=True)
class MeasureTask:
    """Find out how much text of each language a shard has."""

    folder: str
    text: TextShard
    fingerprint: str
    verify: bool = False


def measure_shard(task: MeasureTask) -> Receipt:
    """The receipt has the bytes of each language among its figures."""
    own = (task.folder, MEASURE, task.text.place, task.fingerprint, task.text.sha256)
    done = finished(*own, task.verify)
    if done is not None:
        return done
    watch = Stopwatch()
    sizes: dict[str, int] = {}
    rows = 0
    for batch in read_texts(task.text.path, ("language",)):
        names = pa.array(language_names(batch), pa.string())
        table = pa.table({"language": names, "bytes": pc.binary_length(batch["text"])})
        for one in table.group_by("language").aggregate([("bytes", "sum")]).to_pylist():
            sizes[one["language"]] = sizes.get(one["language"], 0) + one["bytes_sum"]
        rows += batch.num_rows
    figures = {"language_bytes": dict(sorted(sizes.items()))}
    receipt = Receipt(*own[1:], rows_in=rows, bytes_in=sum(sizes.values()), figures=figures)
    return leave_receipt(task.folder, receipt, watch)
