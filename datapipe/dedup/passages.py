"""Passages of texts: what is compared of them, hashed shard by shard, and texts without those that repeat."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from datapipe import storage
from datapipe.receipts import Receipt, Stopwatch, finished, leave_receipt
from datapipe.shard_files import Upstream, id_digest, open_aligned, shard_path
from datapipe.stage import text_buffers, write_columns
from datapipe.storage import writing_parquet
from datapipe.where import Where, matching

UNITS = ("line", "paragraph", "sentence")
"""In the order of their numbers in `datapipe.kernels.text_units`."""
HASHES = pa.schema([pa.field("passage_hashes", pa.list_(pa.uint64()), nullable=False)])
MARKS = pa.schema([pa.field("repeated_units", pa.list_(pa.int32()), nullable=False)])
"""The numbers of the units of a text that go.."""


@dataclass(frozen=True)
class RepeatedPassages:
    """The stage that a pass with `repeated` begins with: texts without the units that are marked."""

    version: ClassVar = 1
    writes: ClassVar = pa.schema(
        [
            pa.field("text", pa.large_string(), nullable=False),
            pa.field("removed_passage_count", pa.int64()),
            pa.field("removed_passage_fraction", pa.float64()),
        ]
    )

    unit: Literal["line", "paragraph", "sentence"]
    span: int
    keep: Literal["first", "none"]
    min_characters: int
    scope: Literal["global", "source", "language"]

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Remove what is marked; nothing where there are no marks (one text alone, when it is explained)."""
        from datapipe.kernels.passage_removal import remove_units
        from datapipe.kernels.text_units import unit_space

        name = MARKS.names[0]
        marks = batch[name] if name in batch.schema.names else pa.array([[]] * batch.num_rows, MARKS.field(0).type)
        lists, gone = list_buffers(marks)
        offsets, data = text_buffers(batch["text"])
        unit = UNITS.index(self.unit)
        new_offsets, written = remove_units(offsets, data, unit, lists, gone.astype(np.int32), unit_space(offsets))
        text = pa.LargeStringArray.from_buffers(batch.num_rows, pa.py_buffer(new_offsets), pa.py_buffer(written))
        before, after = (pc.utf8_length(one).to_numpy().astype(np.float64) for one in (batch["text"], text))
        fraction = 1 - np.divide(after, before, out=np.ones_like(before), where=before > 0)
        return write_columns(batch, self.writes, [text, pa.array(np.diff(lists).astype(np.int64)), pa.array(fraction)])

    @property
    def reads(self) -> tuple[str, ...]:
        """The text, and what texts must have in common for their passages to be compared."""
        return ("text",) if self.scope == "global" else ("text", self.scope)

    def hashes(self, batch: pa.RecordBatch, where: Where) -> pa.RecordBatch:
        """The hashes of every text's passages; of the texts that `where` leaves out none."""
        from datapipe.kernels.passage_hashes import hash_passages
        from datapipe.kernels.text_units import unit_space

        text = batch["text"] if not where else pc.if_else(matching(where, batch), batch["text"], "")
        offsets, data = text_buffers(text)
        lists, values = hash_passages(
            offsets, data, UNITS.index(self.unit), self.span, self.min_characters, self._seeds(batch),
            unit_space(offsets),
        )  # fmt: skip
        return pa.RecordBatch.from_arrays([pa.ListArray.from_arrays(pa.array(lists), pa.array(values))], schema=HASHES)

    def _seeds(self, batch: pa.RecordBatch) -> npt.NDArray[np.uint64]:
        if self.scope == "global":
            return np.zeros(batch.num_rows, np.uint64)
        names = batch[self.scope].dictionary_encode()
        digests = [xxhash.xxh3_64_intdigest(name.encode()) for name in names.dictionary.to_pylist()]
        seeds = np.array([*digests, 0], np.uint64)
        rows: npt.NDArray[np.int32] = names.indices.fill_null(len(digests)).to_numpy()
        return seeds[rows]


def list_buffers(array: pa.Array) -> tuple[npt.NDArray[np.int32], npt.NDArray[Any]]:
    """Offsets, from 0, and values of a list array without nulls."""
    offsets = array.offsets.to_numpy()
    return offsets - offsets[0], array.values.slice(offsets[0], offsets[-1] - offsets[0]).to_numpy()


@dataclass(frozen=True)
class FindTask:
    """Hash the passages of one shard."""

    folder: str
    pass_name: str
    shard: str
    fingerprint: str
    input_fingerprint: str
    upstream: tuple[Upstream, ...]
    stage: RepeatedPassages
    where: Where
    verify: bool = False
    """Trust finished outputs only after their sums are computed anew."""


def find_passages(task: FindTask) -> Receipt:
    """Write `annotations/PASS/SHARD.parquet`, row for row with the documents, and its receipt.

    No document is set apart here: the kernels take any text, and one that they could not hash would have to leave
    where the pass sweeps, which knows of marks only. An exception is a defect of ours, and ends the run.
    """
    done = finished(task.folder, task.pass_name, task.shard, task.fingerprint, task.input_fingerprint, task.verify)
    if done is not None:
        return done
    watch = Stopwatch()
    rows = size = passages = 0
    path = storage.join(task.folder, shard_path("annotations", task.pass_name, task.shard))
    with writing_parquet(path, HASHES, align=True) as (file, outputs):
        for batch in open_aligned(task.folder, task.shard, task.upstream):
            found = task.stage.hashes(batch, task.where)
            file.write(found)
            rows += batch.num_rows
            size += pc.sum(batch["text_bytes"]).as_py() or 0
            passages += len(found.column(0).values)
        file.add_metadata({"id_digest": id_digest(task.folder, task.shard, task.upstream[0])})
    receipt = Receipt(
        task.pass_name,
        task.shard,
        task.fingerprint,
        task.input_fingerprint,
        rows_in=rows,
        rows_out=rows,
        bytes_in=size,
        passages=passages,
        outputs=tuple(outputs),
    )
    return leave_receipt(task.folder, receipt, watch)
