"""The reduce task of counting: one partition of all fragments, added up and in order, as a file of counts."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datapipe import storage
from datapipe.exchange_files import Slice, read_slice
from datapipe.receipts import Receipt, Stopwatch, finished, leave_receipt
from datapipe.storage import writing_parquet
from tokenizer.counting.fragment_counts import FragmentCounts
from tokenizer.counting.sampling import Tags
from tokenizer.kernels.fragment_records import WORDS

MERGE = "merge"
"""Name of the pass."""
FILES = "counts"
"""Folder of the files."""
SCHEMA = pa.schema(
    [
        pa.field("fragment", pa.string(), nullable=False),
        pa.field("domain", pa.dictionary(pa.int32(), pa.string()), nullable=False),
        pa.field("unit", pa.dictionary(pa.int32(), pa.string()), nullable=False),
        pa.field("sample_rate", pa.float64(), nullable=False),
        pa.field("count", pa.int64(), nullable=False),
    ]
)
"""Of the files of counts: sorted by fragment (its bytes), domain, unit, sample_rate; a fragment is in one file only."""
WRITE_ROWS = 1 << 16


@dataclass(frozen=True)
class MergeTask:
    """Add up one partition."""

    folder: str
    shard: str
    """Number of the partition, as the receipt's name and that of the file."""
    fingerprint: str
    input_fingerprint: str
    slices: tuple[Slice, ...]
    tags: Tags
    verify: bool = False
    """Trust finished outputs only after their sums are computed anew."""

    @property
    def path(self) -> str:
        """Where it writes."""
        return storage.join(self.folder, f"{FILES}/{self.shard}.parquet")


def merge_counts(task: MergeTask) -> Receipt:
    """Write the partition's counts and the receipt. Memory grows with its different fragments only."""
    done = finished(task.folder, MERGE, task.shard, task.fingerprint, task.input_fingerprint, task.verify)
    if done is not None:
        return done
    watch = Stopwatch()
    counts, read = FragmentCounts(), 0
    with watch.step("merge"):
        for one in task.slices:
            records = read_slice(one, WORDS)
            counts.add_records(records)
            read += records.nbytes
    with watch.step("sort"):
        merged = counts.sorted_batch()
    tags, numbers = merged["tag"].to_numpy(), merged["count"].to_numpy()
    with writing_parquet(task.path, SCHEMA) as (file, outputs):
        for start in range(0, merged.num_rows, WRITE_ROWS):
            file.write(_named(merged.slice(start, WRITE_ROWS), task.tags))
    receipt = Receipt(
        MERGE,
        task.shard,
        task.fingerprint,
        task.input_fingerprint,
        rows_in=merged.num_rows,
        rows_out=merged.num_rows,
        bytes_read=read,
        figures={"rows": _by_unit(tags, None, task.tags), "fragments": _by_unit(tags, numbers, task.tags)},
        outputs=tuple(outputs),
    )
    return leave_receipt(task.folder, receipt, watch)


def _named(batch: pa.RecordBatch, tags: Tags) -> pa.RecordBatch:
    """Rows of SCHEMA: the tags in words."""
    units, rates = np.divmod(batch["tag"].to_numpy(), len(tags.rates))
    columns = [batch["fragment"].cast(pa.string())]
    for names in zip(*tags.units, strict=True):
        words = sorted(set(names))
        places = np.array([words.index(name) for name in names], np.int32)
        columns.append(pa.DictionaryArray.from_arrays(places[units], pa.array(words, pa.string())))
    columns += [pa.array(np.array(tags.rates)[rates]), batch["count"]]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


def _by_unit(tags: npt.NDArray[np.int64], weights: npt.NDArray[np.int64] | None, table: Tags) -> dict[str, int]:
    """Sums over the rows of each unit, by `domain/unit`; of rows, or of `weights`."""
    units = tags // len(table.rates)
    sums = np.zeros(len(table.units), np.int64)
    np.add.at(sums, units, 1 if weights is None else weights)
    return {f"{domain}/{unit}": int(sums[place]) for place, (domain, unit) in enumerate(table.units) if sums[place]}
