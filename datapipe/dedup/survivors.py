"""The reduce task of a round: of every cluster of equal hashes, who stays.

It tells the groups of shards what they need to know, and leaves an index of everything seen for runs to come.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from datapipe import storage
from datapipe.dedup.identities import ID_WORDS, Words, ids_of
from datapipe.dedup.records import COUNT, EARLIER, HASH_WORDS, ORIGIN, Form, clusters, sums
from datapipe.exchange import Split
from datapipe.exchange_files import Records, Slice, read_slices, write_records
from datapipe.receipts import Receipt, Stopwatch, finished, leave_receipt
from datapipe.relays import exchange_path

VERDICT_WORDS = 6
"""Of a verdict: the group it is for, the hash (2), the id of the survivor (2), the size of the cluster."""
OF_EARLIER_RUN = np.uint64(1 << 63)
"""Bit of the size: the survivor is a document of an earlier run."""
LARGEST = 10
"""Clusters that a receipt names."""


@dataclass(frozen=True)
class SurvivorsTask:
    """Decide the clusters of one partition."""

    folder: str
    pass_name: str
    shard: str
    """Number of the partition, as the receipt's name."""
    fingerprint: str
    input_fingerprint: str
    slices: tuple[Slice, ...]
    form: Form
    table: tuple[str, ...]
    """The sources that the ranks of ids stand for."""
    split: Split
    """Of the verdicts, by group of shards."""
    index_path: str
    """Where the index goes, in the output folder."""
    verify: bool = False
    """Trust finished outputs only after their sums are computed anew."""


def decide_survivors(task: SurvivorsTask) -> Receipt:
    """Write the verdicts on clusters of more than one document, the index, and the receipt."""
    done = finished(task.folder, task.pass_name, task.shard, task.fingerprint, task.input_fingerprint, task.verify)
    if done is not None:
        return done
    watch = Stopwatch()
    found, starts = clusters(read_slices(task.slices, task.form.words), task.form)
    sizes = sums(found[:, COUNT], starts)
    told = _verdicts(found, starts, sizes, task.form)
    seen = _index(found, starts, task.form)
    paths = [storage.join(task.folder, path) for path in (exchange_path(task.pass_name, task.shard), task.index_path)]
    outputs = (
        write_records(paths[0], told, task.split.partition(told[:, 0]), task.split.count),
        write_records(paths[1], seen, np.zeros(len(seen), np.uint32), 1),
    )
    receipt = Receipt(
        task.pass_name,
        task.shard,
        task.fingerprint,
        task.input_fingerprint,
        rows_in=len(found),
        rows_out=len(seen),
        largest_clusters=largest_clusters(_ids(found[starts], task.form), sizes, task.table),
        outputs=tuple(outputs),
    )
    return leave_receipt(task.folder, receipt, watch)


Starts = npt.NDArray[np.int64]


def _verdicts(found: Records, starts: Starts, sizes: Records, form: Form) -> Records:
    """What every group with a part in a cluster must know."""
    cluster = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(found))))
    rows = np.flatnonzero((sizes[cluster] > 1) & (found[:, ORIGIN] != EARLIER))
    cluster = cluster[rows]
    survivors = found[starts[cluster]]
    marked = sizes[cluster] | np.where(survivors[:, ORIGIN] == EARLIER, OF_EARLIER_RUN, np.uint64(0))
    columns = [found[rows, ORIGIN:], found[rows, :HASH_WORDS], _ids(survivors, form), marked.reshape(-1, 1)]
    return np.concatenate(columns, axis=1)


def _ids(records: Records, form: Form) -> Records:
    return records[:, form.key_words - ID_WORDS : form.key_words]


def _index(found: Records, starts: Starts, form: Form) -> Records:
    """Everything that this run has seen itself: the hash, who stayed, how many it is here."""
    own = found[:, COUNT] * (found[:, ORIGIN] != EARLIER)
    survivors, here = found[starts], sums(own, starts)
    index = np.concatenate([survivors[:, :HASH_WORDS], _ids(survivors, form), here.reshape(-1, 1)], axis=1)
    seen: Records = index[here > 0]
    return seen


def largest_clusters(ids: Words, sizes: npt.NDArray[np.uint64], table: Sequence[str]) -> dict[str, int]:
    """The sizes of the largest clusters of more than one document, by the ids of these survivors."""
    chosen = np.argsort(~sizes, kind="stable")[:LARGEST]
    chosen = chosen[sizes[chosen] > 1]
    return dict(zip(ids_of(ids[chosen], table), sizes[chosen].tolist(), strict=True))
