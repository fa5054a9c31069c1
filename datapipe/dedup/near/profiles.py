"""Who is in a connected part: the profiles of its documents, by part."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datapipe.dedup.identities import ID_WORDS, Words, id_words, ranked_anew
from datapipe.dedup.near.bands import band_keys_of
from datapipe.dedup.near.index_records import COUNT, SCOPE, TEXT_BYTES, index_words, indexed_signatures
from datapipe.dedup.near.parts import most_of_a_part, part_keys
from datapipe.dedup.near.records import LABEL_WORDS, NearForm
from datapipe.dedup.near.row_keys import first_key, rows_of
from datapipe.dedup.near.signed_documents import scope_hashes, signatures
from datapipe.dedup.near.task_keys import TaskKey
from datapipe.dedup.order import ordered
from datapipe.dedup.records import counts
from datapipe.exchange import Split
from datapipe.exchange_files import Records, Slice, read_slice, read_slices, write_records
from datapipe.receipts import Receipt, Stopwatch
from datapipe.shard_files import Upstream, open_aligned


@dataclass(frozen=True)
class ProfileTask:
    """The labelled documents of a group of shards."""

    key: TaskKey
    shards: tuple[str, ...]
    sources: tuple[str, ...]
    """The source of every shard."""
    first_shard: int
    upstream: tuple[Upstream, ...]
    """Documents (no text) with `text_bytes` and what the order needs, signatures, routes."""
    ranks: Mapping[str, int]
    """Of all sources that take part."""
    labels: tuple[Slice, ...]
    crowded: tuple[tuple[int, int], ...]
    """Band keys of crowded buckets, with their documents."""
    form: NearForm
    split: Split


def profile_documents(task: ProfileTask) -> Receipt:
    """Write the profiles in the order of partitions, and the receipt.

    The part key is a hash of the label, and where the part is divided of what it is divided by
    (`datapipe.dedup.near.parts`). `rows_out`: profiles; `figures`: `{"divided": {"documents": those of such parts}}`.
    """
    done = task.key.finished()
    if done is not None:
        return done
    watch = Stopwatch()
    labels = _Labels(task.labels)
    return _leave(task, (part for k in range(len(task.shards)) for part in _of_shard(task, k, labels)), labels, watch)


def _of_shard(task: ProfileTask, k: int, labels: "_Labels") -> Iterable[Records]:
    """The profiles of each batch of a shard of the task."""
    own = labels.of(task.first_shard + k)
    rank, seen = task.ranks[task.sources[k]], 0
    if not len(own):
        return
    rows = rows_of(own[:, 0])
    for batch in open_aligned(task.key.folder, task.shards[k], task.upstream):
        first, behind = np.searchsorted(rows, (seen, seen + batch.num_rows))
        chosen = batch.take(pa.array(rows[first:behind] - seen))
        seen += batch.num_rows
        yield _profiles(
            task,
            own[first:behind],
            _Described(
                task.form.earlier_runs,
                [ordered(chosen[name], is_descending) for name, is_descending, _ in task.form.keep],
                id_words(chosen["id"], rank),
                counts(chosen, task.form.size_columns),
                chosen["text_bytes"].to_numpy().view(np.uint64),
                band_keys_of(
                    signatures(chosen, task.form.permutations), scope_hashes(chosen, task.form.scope), task.form
                ),
            ),
        )


@dataclass(frozen=True)
class EarlierProfileTask:
    """The labelled documents of some files of earlier runs."""

    key: TaskKey
    files: tuple[Slice, ...]
    runs: tuple[int, ...]
    """Of every file the number of its run,"""
    sources: tuple[tuple[str, ...], ...]
    """and the sources that the ranks of its ids stand for."""
    table: tuple[str, ...]
    """All sources that take part."""
    first_file: int
    labels: tuple[Slice, ...]
    crowded: tuple[tuple[int, int], ...]
    form: NearForm
    split: Split


def profile_earlier(task: EarlierProfileTask) -> Receipt:
    """The same for documents of earlier runs.

    Among them the recipe's order decides nothing, since they stay: it is 0 throughout.
    """
    done = task.key.finished()
    if done is not None:
        return done
    watch = Stopwatch()
    labels = _Labels(task.labels)
    return _leave(task, (_of_file(task, k, labels) for k in range(len(task.files))), labels, watch)


def _of_file(task: EarlierProfileTask, k: int, labels: "_Labels") -> Records:
    own = labels.of(task.first_file + k, is_earlier=True)
    kept = read_slice(task.files[k], index_words(task.form.permutations))[rows_of(own[:, 0])]
    signed = indexed_signatures(kept, task.form.permutations)
    return _profiles(
        task,
        own,
        _Described(
            task.runs[k],
            [np.zeros((len(kept), words), np.uint64) for _, _, words in task.form.keep],
            ranked_anew(kept[:, :ID_WORDS], task.sources[k], task.table),
            kept[:, COUNT],
            kept[:, TEXT_BYTES],
            band_keys_of(signed, np.ascontiguousarray(kept[:, SCOPE]), task.form),
        ),
    )


class _Labels:
    """The labels of a group, sorted by row key."""

    def __init__(self, slices: Iterable[Slice]) -> None:
        self._records = read_slices(slices, LABEL_WORDS)

    def of(self, holder: int, is_earlier: bool = False) -> Records:
        """Those of one shard, or file."""
        bounds = np.array([first_key(holder, is_earlier), first_key(holder + 1, is_earlier)], np.uint64)
        first, behind = np.searchsorted(self._records[:, 0], bounds)
        return self._records[first:behind]

    def beyond(self, most: int) -> int:
        """How many are of parts of more than so many documents."""
        return int((self._records[:, 2] > np.uint64(most)).sum())


@dataclass(frozen=True)
class _Described:
    """What a profile says of documents, a row each."""

    run: int
    order: list[Words]
    ids: Words
    counts: npt.NDArray[np.uint64]
    text_bytes: npt.NDArray[np.uint64]
    band_keys: Words


def _profiles(task: ProfileTask | EarlierProfileTask, labels: Records, described: _Described) -> Records:
    """The profiles of documents with these labels."""
    form, rows = task.form, len(labels)
    part = part_keys(labels, described.band_keys, described.ids, task.crowded, most_of_a_part(form))
    columns = [part, *[np.full(rows, described.run, np.uint64)] * form.run_words, *described.order, described.ids]
    columns += [labels[:, 0], described.counts, described.text_bytes, described.band_keys]
    return np.column_stack(columns)


def _leave(
    task: ProfileTask | EarlierProfileTask, parts: Iterable[Records], labels: _Labels, watch: Stopwatch
) -> Receipt:
    records = np.concatenate([np.empty((0, task.form.profile_words), np.uint64), *parts])
    output = write_records(task.key.path(), records, task.split.partition(records[:, 0]), task.split.count)
    figures = {"divided": {"documents": labels.beyond(most_of_a_part(task.form))}}
    return task.key.leave(watch, [output], rows_in=len(records), rows_out=len(records), figures=figures)
