"""Who stays of the documents of a part: a decision from verified pairs and the recipe's order alone."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from datapipe.dedup.identities import ID_WORDS
from datapipe.dedup.near.records import MATCH_WORDS, NearForm
from datapipe.dedup.near.row_keys import is_earlier
from datapipe.dedup.near.task_keys import TaskKey
from datapipe.dedup.survivors import OF_EARLIER_RUN, largest_clusters
from datapipe.exchange import Split
from datapipe.exchange_files import Records, Slice, read_slice, read_slices, write_records
from datapipe.receipts import Receipt, Stopwatch


@dataclass(frozen=True)
class ChoiceTask:
    """The parts of one partition, as they were paired."""

    key: TaskKey
    slices: tuple[Slice, ...]
    """Profiles, in the order in which they were paired."""
    matches: tuple[Slice, ...]
    """Of all blocks of the partition."""
    form: NearForm
    table: tuple[str, ...]
    """The sources that the ranks of ids stand for."""
    split: Split
    """Of the verdicts, by group of shards."""


def choose_survivors(task: ChoiceTask) -> Receipt:
    """Write a verdict on every document of this run that falls or stands for more than before, and the receipt.

    Documents are visited in the recipe's order. One that has not fallen stays, and those of its neighbours fall that
    may fall in its favour; but first, one after the other while it has not fallen, those are visited in whose favour
    it may fall and that may not fall in its own: what it is contained in. So of no verified pair of this run both stay,
    and none falls but in favour of one that stays. Documents of earlier runs always stay.
    `rows_in` of the receipt: documents, `rows_out`: verdicts; `largest_clusters` as in the other rounds.
    """
    done = task.key.finished()
    if done is not None:
        return done
    watch = Stopwatch()
    profiles = _read_profiles(task)
    survivors = _choose(task, is_earlier(_row_keys(profiles, task.form)))
    sizes = _cluster_sizes(profiles[:, task.form.key_words + 1], survivors)
    verdicts = _verdicts(profiles, survivors, sizes, task.form)
    output = write_records(task.key.path(), verdicts, task.split.partition(verdicts[:, 0]), task.split.count)
    stays = survivors == np.arange(len(survivors))
    largest = largest_clusters(_ids(profiles[stays], task.form), sizes[stays], task.table)
    return task.key.leave(watch, [output], rows_in=len(profiles), rows_out=len(verdicts), largest_clusters=largest)


def _read_profiles(task: ChoiceTask) -> Records:
    """Sorted: a row per position, what it is sorted by, its row key and its count."""
    from datapipe.kernels.record_sort import sort_records

    read = read_slices(task.slices, task.form.profile_words)
    needed = np.ascontiguousarray(read[:, : task.form.key_words + 2])
    del read  # the band keys are most of it, and sorting takes what it sorts once more
    return sort_records(needed, task.form.key_words)


def _choose(task: ChoiceTask, is_fixed: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """The position of the survivor of every document."""
    from datapipe.kernels.survivor_choice import choose

    pairs, falls = [np.zeros(0, np.uint64)], [np.zeros(0, np.uint8)]
    for one in task.matches:  # a third of the memory of all records
        matches = read_slice(one, MATCH_WORDS)
        pairs.append(matches[:, 0] << np.uint64(32) | matches[:, 1])
        falls.append(matches[:, 2].astype(np.uint8))
    keys = np.concatenate(pairs)
    pairs.clear()
    order = np.argsort(keys, kind="stable")  # quick where blocks follow one another
    keys = keys[order]
    better, other = (keys >> np.uint64(32)).astype(np.uint32), keys.astype(np.uint32)
    return choose(better, other, np.concatenate(falls)[order], is_fixed)


def _cluster_sizes(counts: npt.NDArray[np.uint64], survivors: npt.NDArray[np.int64]) -> npt.NDArray[np.uint64]:
    """Of every document the documents that its survivor stands for."""
    sums = np.zeros(len(counts), np.uint64)
    np.add.at(sums, survivors, counts)
    sizes: npt.NDArray[np.uint64] = sums[survivors]
    return sizes


def _verdicts(
    profiles: Records, survivors: npt.NDArray[np.int64], sizes: npt.NDArray[np.uint64], form: NearForm
) -> Records:
    keys = _row_keys(profiles, form)
    rows = np.flatnonzero(~is_earlier(keys) & (sizes != profiles[:, form.key_words + 1]))
    chosen = profiles[survivors[rows]]
    marks = np.where(is_earlier(_row_keys(chosen, form)), OF_EARLIER_RUN, np.uint64(0))
    return np.concatenate([keys[rows, None], _ids(chosen, form), (sizes[rows] | marks)[:, None]], axis=1)


def _row_keys(profiles: Records, form: NearForm) -> npt.NDArray[np.uint64]:
    return profiles[:, form.key_words]


def _ids(profiles: Records, form: NearForm) -> Records:
    return profiles[:, form.key_words - ID_WORDS : form.key_words]
