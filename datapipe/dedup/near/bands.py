"""The map tasks of a round of near-duplicates: the bands of signatures, by hash, of shards and of earlier runs."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from datapipe.dedup.near.index_records import SCOPE, index_words, indexed_signatures
from datapipe.dedup.near.records import BAND_WORDS, NearForm
from datapipe.dedup.near.row_keys import Keys, row_keys
from datapipe.dedup.near.signed_documents import scope_hashes, signatures, takes_part
from datapipe.dedup.near.task_keys import TaskKey
from datapipe.exchange import Split
from datapipe.exchange_files import Records, Slice, read_slice, write_records
from datapipe.receipts import Receipt, Stopwatch
from datapipe.shard_files import Upstream, open_aligned


def band_keys_of(signed: npt.NDArray[np.uint32], scopes: Keys, form: NearForm) -> Keys:
    """The key of every band of documents with these signatures and hashes of scope, shape (documents, bands)."""
    from datapipe.kernels.bands import band_keys

    frozen = np.ascontiguousarray(signed, np.uint32).view()
    frozen.flags.writeable = False  # one type to compile for: what comes out of Arrow can not be written to
    return band_keys(frozen, scopes, form.bands, form.rows)


@dataclass(frozen=True)
class BandTask:
    """The documents of a group of consecutive shards that are still kept and have a signature."""

    key: TaskKey
    shards: tuple[str, ...]
    first_shard: int
    """Number of the first of them among all: they follow one another."""
    upstream: tuple[Upstream, ...]
    """Documents (no text), signatures, routes."""
    form: NearForm
    split: Split


def gather_bands(task: BandTask) -> Receipt:
    """Write a record for every band of every document that takes part, in the order of partitions, and the receipt.

    `rows_in` of the receipt: documents that take part; `figures`: `{"documents": {shard: all its rows}}`.
    """
    done = task.key.finished()
    if done is not None:
        return done
    watch = Stopwatch()
    rows = dict.fromkeys(task.shards, 0)

    def gathered() -> Iterable[Records]:
        for number, shard in enumerate(task.shards, start=task.first_shard):
            for batch in open_aligned(task.key.folder, shard, task.upstream):
                mask = takes_part(batch)
                chosen = batch.filter(mask)
                places = np.flatnonzero(mask.to_numpy(zero_copy_only=False)) + rows[shard]
                signed = signatures(chosen, task.form.permutations)
                keys = band_keys_of(signed, scope_hashes(chosen, task.form.scope), task.form)
                rows[shard] += batch.num_rows
                yield _records(keys, row_keys(number, places))

    return _leave(task, gathered(), watch, {"documents": rows})


@dataclass(frozen=True)
class EarlierBandTask:
    """Consecutive files of the indexes of earlier runs."""

    key: TaskKey
    files: tuple[Slice, ...]
    first_file: int
    """Number of the first of them among the files of all earlier runs."""
    form: NearForm
    split: Split


def gather_earlier_bands(task: EarlierBandTask) -> Receipt:
    """The same for what earlier runs have kept; without figures."""
    done = task.key.finished()
    if done is not None:
        return done
    watch = Stopwatch()

    def gathered() -> Iterable[Records]:
        for number, file in enumerate(task.files, start=task.first_file):
            kept = read_slice(file, index_words(task.form.permutations))
            signed = indexed_signatures(kept, task.form.permutations)
            keys = band_keys_of(signed, np.ascontiguousarray(kept[:, SCOPE]), task.form)
            yield _records(keys, row_keys(number, np.arange(len(kept)), earlier=True))

    return _leave(task, gathered(), watch, {})


def _records(keys: Keys, rows: Keys) -> Records:
    """One for every band of every document."""
    records = np.empty((*keys.shape, BAND_WORDS), np.uint64)
    records[:, :, 0], records[:, :, 1] = keys, rows.reshape(-1, 1)
    return records.reshape(-1, BAND_WORDS)


def _leave(
    task: BandTask | EarlierBandTask, parts: Iterable[Records], watch: Stopwatch, figures: dict[str, dict[str, int]]
) -> Receipt:
    records = np.concatenate([np.empty((0, BAND_WORDS), np.uint64), *parts])
    output = write_records(task.key.path(), records, task.split.partition(records[:, 0]), task.split.count)
    documents = len(records) // task.form.bands
    return task.key.leave(watch, [output], rows_in=documents, rows_out=len(records), figures=figures)
