"""The map tasks of a round: what a group of shards, or an earlier run, gives to the exchange. One record per hash."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from datapipe import storage
from datapipe.dedup.identities import ranked_anew
from datapipe.dedup.records import COUNT, EARLIER, HASH_WORDS, Form, clusters, compared, records_of, sums
from datapipe.exchange import Split
from datapipe.exchange_files import Records, Slice, read_slice, write_records
from datapipe.receipts import Receipt, Stopwatch, finished, leave_receipt
from datapipe.relays import exchange_path
from datapipe.shard_files import Upstream, open_aligned

INDEX_WORDS = 5
"""Of a record of an index: the hash (2), the id of the document that stayed (2), how many documents it stands for."""


@dataclass(frozen=True)
class CandidatesTask:
    """What some shards compare."""

    folder: str
    pass_name: str
    shard: str
    """Number of the group of shards, as the receipt's name."""
    fingerprint: str
    input_fingerprint: str
    origin: int
    """The same number."""
    sources: tuple[str, ...]
    """The source of every shard of `shards`."""
    shards: tuple[str, ...]
    upstream: tuple[Upstream, ...]
    """Documents (no text), annotations, routes."""
    ranks: Mapping[str, int]
    """Of all sources that take part."""
    form: Form
    split: Split
    verify: bool = False
    """Trust finished outputs only after their sums are computed anew."""


def gather_candidates(task: CandidatesTask) -> Receipt:
    """Write one record per different hash of the group, in the order of partitions, and the receipt."""
    done = finished(task.folder, task.pass_name, task.shard, task.fingerprint, task.input_fingerprint, task.verify)
    if done is not None:
        return done
    watch = Stopwatch()
    parts = [np.empty((0, task.form.words), np.uint64)]
    for shard, source in zip(task.shards, task.sources, strict=True):
        for batch in open_aligned(task.folder, shard, task.upstream):
            chosen = batch.filter(compared(batch, task.form))
            parts.append(records_of(chosen, task.form, source, task.ranks[source], task.origin))
    records = np.concatenate(parts)
    parts.clear()  # what is sorted is a copy more: of 256 MiB of records, three in all is enough
    found, starts = clusters(records, task.form)
    del records
    survivors = found[starts]
    survivors[:, COUNT] = sums(found[:, COUNT], starts)
    return _write(task, survivors, len(found), watch)


@dataclass(frozen=True)
class EarlierTask:
    """What an earlier run has seen: some files of its index."""

    folder: str
    pass_name: str
    shard: str
    fingerprint: str
    input_fingerprint: str
    run: int
    """Number of the run among those compared with."""
    files: tuple[Slice, ...]
    sources: tuple[str, ...]
    """That the ranks of ids in these files stand for,"""
    table: tuple[str, ...]
    """and all that take part."""
    form: Form
    split: Split
    verify: bool = False
    """Trust finished outputs only after their sums are computed anew."""


def gather_earlier(task: EarlierTask) -> Receipt:
    """Write the records of an index in the form of this round, and the receipt."""
    done = finished(task.folder, task.pass_name, task.shard, task.fingerprint, task.input_fingerprint, task.verify)
    if done is not None:
        return done
    watch = Stopwatch()
    indexed = np.concatenate([read_slice(one, INDEX_WORDS) for one in task.files])
    records = np.zeros((len(indexed), task.form.words), np.uint64)
    records[:, :HASH_WORDS] = indexed[:, :HASH_WORDS]
    records[:, HASH_WORDS] = task.run
    records[:, -4:COUNT] = ranked_anew(indexed[:, HASH_WORDS:4], task.sources, task.table)
    records[:, COUNT] = indexed[:, 4]
    records[:, -1] = EARLIER
    return _write(task, records, len(indexed), watch)


def _write(task: CandidatesTask | EarlierTask, records: Records, rows_in: int, watch: Stopwatch) -> Receipt:
    path = storage.join(task.folder, exchange_path(task.pass_name, task.shard))
    output = write_records(path, records, task.split.partition(records[:, 0]), task.split.count)
    receipt = Receipt(
        task.pass_name,
        task.shard,
        task.fingerprint,
        task.input_fingerprint,
        rows_in=rows_in,
        rows_out=len(records),
        outputs=(output,),
    )
    return leave_receipt(task.folder, receipt, watch)
