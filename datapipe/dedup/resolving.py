"""The last task of a round: the verdicts on a group of shards become routes and decisions, shard by shard."""

import dataclasses
from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapipe import storage
from datapipe.dedup.identities import id_words, ids_of
from datapipe.dedup.records import Form, compared, counts, hashes
from datapipe.dedup.survivors import OF_EARLIER_RUN, VERDICT_WORDS
from datapipe.exchange_files import Records, Slice, read_slices
from datapipe.passes.unit_counts import UnitCounts
from datapipe.receipts import Receipt, Stopwatch, finished, leave_receipt
from datapipe.shard_files import (
    DECISION_FIELDS,
    Upstream,
    count_table,
    id_digest,
    language_names,
    open_aligned,
    shard_path,
)
from datapipe.storage import writing_parquet

DUPLICATE_SCHEMA = pa.schema(
    [*DECISION_FIELDS, pa.field("duplicate_of", pa.string()), pa.field("cluster_size", pa.int64())]
)
"""Of the decisions of a round: with the id of the document that stayed, and how many there were with it."""
SIZE_CLASSES = (1, 2, 3, 5, 100, 1000)
"""Lowest sizes of the classes of clusters that are counted: those that FineWeb-2 weights (arXiv 2506.20920)."""


@dataclass(frozen=True)
class ResolveTask:
    """Apply the verdicts on a group of shards."""

    folder: str
    pass_name: str
    shard: str
    """Number of the group."""
    fingerprint: str
    step: str
    """The recipe's pass that the round belongs to."""
    size_column: str
    """Where the size of its cluster goes for a document that stays."""
    shards: tuple[str, ...]
    sources: tuple[str, ...]
    """The source of every shard,"""
    inputs: tuple[str, ...]
    """and the input fingerprint of each."""
    upstream: tuple[Upstream, ...]
    """As in the first task, with sizes, languages and all columns of the routes before."""
    schema: pa.Schema
    """Of the routes."""
    slices: tuple[Slice, ...]
    """The verdicts."""
    form: Form
    table: tuple[str, ...]
    """The sources in the order of their ranks."""
    ladder: tuple[float, ...]
    """Shares that may be held out."""
    seed: int
    verify: bool = False
    """Trust finished outputs only after their sums are computed anew."""


def resolve_group(task: ResolveTask) -> tuple[Receipt, ...]:
    """Write routes and decisions of every shard of the group, each with its receipt."""
    from datapipe.kernels.record_sort import sort_records

    receipts: list[Receipt] = []
    verdicts: Records | None = None
    for shard, source, inputs in zip(task.shards, task.sources, task.inputs, strict=True):
        done = finished(task.folder, task.pass_name, shard, task.fingerprint, inputs, task.verify)
        if done is None:
            if verdicts is None:
                read = read_slices(task.slices, VERDICT_WORDS)
                verdicts = sort_records(np.ascontiguousarray(read[:, 1:]), 2)
            done = _resolve(task, shard, source, inputs, verdicts)
        receipts.append(done)
    return tuple(receipts)


def _resolve(task: ResolveTask, shard: str, source: str, inputs: str, verdicts: Records) -> Receipt:
    watch = Stopwatch()
    account = _Account(task)
    paths = [
        storage.join(task.folder, shard_path(kind, task.pass_name, shard)) for kind in ("annotations", "decisions")
    ]
    with (
        writing_parquet(paths[0], task.schema, align=True) as (routes, outputs),
        writing_parquet(paths[1], DUPLICATE_SCHEMA) as (decisions, decision_outputs),
    ):
        for batch in open_aligned(task.folder, shard, task.upstream):
            judged = _judge(batch, task, source, verdicts)
            route = _route(batch, judged, task)
            routes.write(route)
            decisions.write(_decisions(batch, judged, task))
            account.add(batch, judged, route)
        routes.add_metadata({"id_digest": id_digest(task.folder, shard, task.upstream[0])})
    named = Receipt(task.pass_name, shard, task.fingerprint, inputs, outputs=tuple(outputs + decision_outputs))
    return leave_receipt(task.folder, account.added_to(named), watch)


@dataclass(frozen=True)
class _Judged:
    """A batch with the verdicts on it."""

    is_compared: npt.NDArray[np.bool_]
    is_dropped: npt.NDArray[np.bool_]
    sizes: npt.NDArray[np.int64]
    """Of the cluster, of every document that is compared; 0 of the others."""
    survivors: Records
    """Ids of the survivors of the dropped documents."""


def _judge(batch: pa.RecordBatch, task: ResolveTask, source: str, verdicts: Records) -> _Judged:
    from datapipe.kernels.pairs import find_pairs

    mask = compared(batch, task.form)
    is_compared = mask.to_numpy(zero_copy_only=False)
    chosen = batch.filter(mask)
    found = find_pairs(verdicts, hashes(chosen, task.form, source))
    is_told = found >= 0
    verdict = verdicts[found[is_told]]
    own = id_words(chosen["id"], task.table.index(source))[is_told]
    is_loser = (verdict[:, 2:4] != own).any(axis=1) | (verdict[:, 4] & OF_EARLIER_RUN != 0)
    sizes = counts(chosen, task.form.size_column).astype(np.int64)
    sizes[is_told] = (verdict[:, 4] & ~OF_EARLIER_RUN).astype(np.int64)
    all_sizes, is_dropped = np.zeros(batch.num_rows, np.int64), np.zeros(batch.num_rows, np.bool_)
    all_sizes[is_compared] = sizes
    is_dropped[np.flatnonzero(is_compared)[is_told]] = is_loser
    return _Judged(is_compared, is_dropped, all_sizes, verdict[is_loser, 2:4])


def _route(batch: pa.RecordBatch, judged: _Judged, task: ResolveTask) -> pa.RecordBatch:
    """The routes as they are now: what is dropped goes nowhere and has no sizes."""
    is_dropped = pa.array(judged.is_dropped)
    columns = {name: batch[name] for name in task.schema.names if name in batch.schema.names}
    sizes = pa.array(judged.sizes, mask=~judged.is_compared)
    if task.size_column in columns:  # of an earlier round: documents that this one does not compare keep theirs
        sizes = pc.coalesce(sizes, columns[task.size_column])
    columns[task.size_column] = sizes
    nowhere = {name: pc.if_else(is_dropped, None, column) for name, column in columns.items()}
    nowhere["drop_reason"] = pc.if_else(is_dropped, task.pass_name, columns["drop_reason"])
    return pa.RecordBatch.from_arrays([nowhere[name] for name in task.schema.names], schema=task.schema)


def _decisions(batch: pa.RecordBatch, judged: _Judged, task: ResolveTask) -> pa.RecordBatch:
    rows = np.flatnonzero(judged.is_dropped)
    columns = [
        batch["id"].take(pa.array(rows)),
        pa.array([task.step] * len(rows), pa.string()),
        pa.array([task.pass_name] * len(rows), pa.string()),
        pa.array([[task.pass_name]] * len(rows), pa.list_(pa.string())),
        pa.array(ids_of(judged.survivors, task.table), pa.string()),
        pa.array(judged.sizes[rows]),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=DUPLICATE_SCHEMA)


class _Account:
    """The sums of a shard."""

    def __init__(self, task: ResolveTask) -> None:
        self._task = task
        self._rows: Counter[tuple[str, str, str]] = Counter()
        self._sizes: Counter[tuple[str, str, str]] = Counter()
        self._classes = np.zeros((len(SIZE_CLASSES), 2), np.int64)
        self._units = UnitCounts(task.ladder)

    def add(self, batch: pa.RecordBatch, judged: _Judged, route: pa.RecordBatch) -> None:
        """Add a batch: what was still kept before."""
        before = batch.filter(pc.is_null(batch["drop_reason"]))
        is_dropped = judged.is_dropped[pc.is_null(batch["drop_reason"]).to_numpy(zero_copy_only=False)]
        outcomes = np.where(is_dropped, self._task.pass_name, "").tolist()
        sizes = before["text_bytes"].to_pylist()
        for language, reason, size in zip(language_names(before), outcomes, sizes, strict=True):
            key = (language, self._task.step if reason else "", reason)
            self._rows[key] += 1
            self._sizes[key] += size
        number = np.searchsorted(SIZE_CLASSES, judged.sizes[judged.is_compared], "right") - 1
        np.add.at(self._classes, (number, judged.is_dropped[judged.is_compared].astype(np.int64)), 1)
        stays = pc.is_null(route["drop_reason"])
        self._units.add(batch.filter(stays), route.filter(stays), self._task.seed)

    def added_to(self, receipt: Receipt) -> Receipt:
        """The receipt with these sums."""
        counts = count_table(self._rows, self._sizes)
        kept = [one for one in counts if not one.reason]
        dropped = sum(one.rows for one in counts if one.reason)
        classes = zip(SIZE_CLASSES, self._classes.tolist(), strict=True)
        return dataclasses.replace(
            receipt,
            rows_in=sum(one.rows for one in counts),
            rows_out=sum(one.rows for one in kept),
            bytes_in=sum(one.bytes for one in counts),
            bytes_out=sum(one.bytes for one in kept),
            counts=counts,
            failed={self._task.pass_name: dropped} if dropped else {},
            units=self._units.counts(),
            cluster_sizes={str(size): pair for size, pair in classes if any(pair)},
        )
