"""The last task of a round of near-duplicates: verdicts on a group of shards become routes, decisions and evidence."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from datapipe import storage
from datapipe.dedup.identities import Words, id_words
from datapipe.dedup.near.evidence import EVIDENCE_SCHEMA, EVIDENCE_WORDS, evidence_batch, sorted_evidence
from datapipe.dedup.near.index_files import IndexFiles
from datapipe.dedup.near.records import VERDICT_WORDS, NearForm
from datapipe.dedup.near.row_keys import ROW_BITS, Keys, first_key, row_keys
from datapipe.dedup.near.signed_documents import takes_part
from datapipe.dedup.outcomes import Judged, Outcomes, Places, judged
from datapipe.dedup.records import counts
from datapipe.exchange_files import Records, Slice, read_slices
from datapipe.receipts import Receipt, Stopwatch
from datapipe.shard_files import shard_path
from datapipe.storage import Output, writing_parquet

EVIDENCE_ROWS = 1 << 16
"""Of the evidence that becomes Python strings at once."""


@dataclass(frozen=True)
class NearResolveTask:
    """Apply the verdicts on a group of shards."""

    outcomes: Outcomes
    """`upstream`: documents with sizes, languages, and texts if the index keeps shingles; signatures; all columns of
    the routes."""
    shard: str
    """Number of the group."""
    shards: tuple[str, ...]
    first_shard: int
    sources: tuple[str, ...]
    """The source of every shard,"""
    inputs: tuple[str, ...]
    """and the input fingerprint of each."""
    verdicts: tuple[Slice, ...]
    evidence: tuple[Slice, ...]
    form: NearForm


class _Told(NamedTuple):
    """All about the documents of a group, by row key."""

    verdicts: Records
    evidence: Records


def resolve_near_group(task: NearResolveTask) -> tuple[Receipt, ...]:
    """Write routes, decisions, evidence and index of every shard of the group, each with its receipt.

    Evidence lies in `evidence/{round}/{shard}.parquet`, the index in `indexes/{round}/{shard}-0000.records` and on
    (`datapipe.dedup.near.index_records`) and, if shingles are kept, `indexes/{round}.shingles/` beside it: of the
    documents that stay and have a signature. `rows_in`, `rows_out`, counts, cluster sizes as in the other rounds;
    `figures`: `{"index": {path of a file: records}}`.
    """
    receipts: list[Receipt] = []
    told: _Told | None = None
    for position, (shard, inputs) in enumerate(zip(task.shards, task.inputs, strict=True)):
        done = task.outcomes.finished(shard, inputs)
        if done is None:
            told = told or _read(task)
            done = _resolve(task, position, told)
        receipts.append(done)
    return tuple(receipts)


def _read(task: NearResolveTask) -> _Told:
    from datapipe.kernels.record_sort import sort_records

    verdicts = sort_records(read_slices(task.verdicts, VERDICT_WORDS), 1)
    return _Told(verdicts, sorted_evidence(read_slices(task.evidence, EVIDENCE_WORDS)))


def _resolve(task: NearResolveTask, position: int, told: _Told) -> Receipt:
    watch = Stopwatch()
    common, shard, number = task.outcomes, task.shards[position], task.first_shard + position
    rank, row = common.table.index(task.sources[position]), 0
    index = IndexFiles(common.folder, common.pass_name, shard, task.form)
    verdicts = _of_shard(told.verdicts, number)
    with common.writing(shard) as outcome:
        for batch in common.batches(shard):
            keys = row_keys(number, np.arange(row, row + batch.num_rows))
            ids = id_words(batch["id"], rank)
            verdict = _judge(batch, keys, ids, verdicts, task.form)
            outcome.write(batch, verdict)
            stays = verdict.is_compared & ~verdict.is_dropped
            index.add(batch.filter(pa.array(stays)), ids[stays], verdict.sizes[stays].astype(np.uint64))
            row += batch.num_rows
    index.finish()
    path = storage.join(common.folder, shard_path("evidence", common.pass_name, shard))
    found = _write_evidence(path, _of_shard(told.evidence, number), common.table)
    outcome.outputs += [*found, *index.outputs]
    return common.leave(shard, task.inputs[position], outcome, watch, {"index": index.records})


def _of_shard(records: Records, number: int) -> Records:
    """Those of one shard, of records sorted by row key."""
    edges = np.array([first_key(number), first_key(number) + (1 << ROW_BITS)], np.uint64)
    return records[slice(*np.searchsorted(records[:, 0], edges))]


def _judge(batch: pa.RecordBatch, keys: Keys, ids: Words, verdicts: Records, form: NearForm) -> Judged:
    mask = takes_part(batch)
    compared = mask.to_numpy(zero_copy_only=False)
    known = counts(batch.filter(mask), form.size_columns)
    return judged(mask, ids[compared], known, verdicts[:, 1:], _places(verdicts[:, 0], keys[compared]))


def _places(rising: Keys, keys: Keys) -> Places:
    """Where each key stands, -1 if it does not."""
    places = np.searchsorted(rising, keys)
    is_there = places < len(rising)
    is_there[is_there] = rising[places[is_there]] == keys[is_there]
    return np.where(is_there, places, -1)


def _write_evidence(path: str, records: Records, table: tuple[str, ...]) -> list[Output]:
    with writing_parquet(path, EVIDENCE_SCHEMA) as (file, outputs):
        for start in range(0, len(records), EVIDENCE_ROWS):
            file.write(evidence_batch(records[start : start + EVIDENCE_ROWS], table))
    return outputs
