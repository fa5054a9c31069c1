"""The last task of a round: the verdicts on a group of shards become routes and decisions, shard by shard."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from datapipe.dedup.identities import id_words
from datapipe.dedup.outcomes import Judged, Outcomes, judged
from datapipe.dedup.records import Form, compared, counts, hashes
from datapipe.dedup.survivors import VERDICT_WORDS
from datapipe.exchange_files import Records, Slice, read_slices
from datapipe.receipts import Receipt, Stopwatch


@dataclass(frozen=True)
class ResolveTask:
    """Apply the verdicts on a group of shards."""

    outcomes: Outcomes
    shard: str
    """Number of the group."""
    shards: tuple[str, ...]
    sources: tuple[str, ...]
    """The source of every shard,"""
    inputs: tuple[str, ...]
    """and the input fingerprint of each."""
    slices: tuple[Slice, ...]
    """The verdicts."""
    form: Form


def resolve_group(task: ResolveTask) -> tuple[Receipt, ...]:
    """Write routes and decisions of every shard of the group, each with its receipt."""
    from datapipe.kernels.record_sort import sort_records

    receipts: list[Receipt] = []
    verdicts: Records | None = None
    for shard, source, inputs in zip(task.shards, task.sources, task.inputs, strict=True):
        done = task.outcomes.finished(shard, inputs)
        if done is None:
            if verdicts is None:
                read = read_slices(task.slices, VERDICT_WORDS)
                verdicts = sort_records(np.ascontiguousarray(read[:, 1:]), 2)
            done = _resolve(task, shard, source, inputs, verdicts)
        receipts.append(done)
    return tuple(receipts)


def _resolve(task: ResolveTask, shard: str, source: str, inputs: str, verdicts: Records) -> Receipt:
    watch = Stopwatch()
    with task.outcomes.writing(shard) as outcome:
        for batch in task.outcomes.batches(shard):
            outcome.write(batch, _judge(batch, task, source, verdicts))
    return task.outcomes.leave(shard, inputs, outcome, watch)


def _judge(batch: pa.RecordBatch, task: ResolveTask, source: str, verdicts: Records) -> Judged:
    from datapipe.kernels.pairs import find_pairs

    mask = compared(batch, task.form)
    chosen = batch.filter(mask)
    found = find_pairs(verdicts, hashes(chosen, task.form, source))
    ids = id_words(chosen["id"], task.outcomes.table.index(source))
    return judged(mask, ids, counts(chosen, task.form.size_columns), verdicts[:, 2:], found)
