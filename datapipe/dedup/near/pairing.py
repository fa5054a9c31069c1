"""Which documents of a part are compared, and with whose shingles in memory."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from datapipe.dedup.near.blocks import Blocks
from datapipe.dedup.near.parts import read_profiles
from datapipe.dedup.near.records import MEMBER_WORDS, PAIR_WORDS, NearForm, block_key
from datapipe.dedup.near.row_keys import Keys
from datapipe.dedup.near.task_keys import TaskKey
from datapipe.exchange import Split
from datapipe.exchange_files import Records, Slice, write_records, writing_partitions
from datapipe.receipts import Receipt, Stopwatch
from datapipe.storage import Output

BLOCK_BYTES = 256 << 20
"""What the documents of a block take where they are compared, at most."""
BLOCK_PAIRS = 1 << 20
"""At most: what is found of them takes some 200 MiB (measured with two shingles a document)."""
FILE_RECORDS = 1 << 22
"""Requests of a file, about: 64 MiB."""


@dataclass(frozen=True)
class PairingTask:
    """The parts of one partition."""

    key: TaskKey
    partition: int
    """The same number."""
    slices: tuple[Slice, ...]
    form: NearForm
    split: Split
    """Of the requests, by group of shards and earlier files."""
    block_bytes: int = BLOCK_BYTES
    block_pairs: int = BLOCK_PAIRS
    file_records: int = FILE_RECORDS


def pair_documents(task: PairingTask) -> Receipt:
    """Write pairs, members and requests, and the receipt.

    Of a bucket of up to `bucket_limit` documents all pairs are made, of a larger one those with its best document; no
    pair twice, none of two earlier documents. They are cut into blocks as their documents' shingles fit: a document
    that pairs of several blocks need is a member of each. A part that fits into a block is not divided, one that does
    not is cut where few pairs connect it. In a block pairs and members are sorted by position.

    Outputs: `exchange/{pass_name}.pairs/{shard}.records` and `.members/` (a partition per block), and in one or, so
    that memory stays bounded, several files `.requests/{shard}-{part}.records` (a partition per group). `rows_in`:
    profiles, `rows_out`: pairs. `figures`: `{"blocks": {"blocks": n}, "pairs": {"pairs": n, "members": n, "documents":
    different ones of them, "large_buckets": n, "largest_bucket": documents, "text_bytes": of the members}}`.
    """
    done = task.key.finished()
    if done is not None:
        return done
    watch = Stopwatch()
    profiles = read_profiles(task.slices, task.form)
    blocks = Blocks(profiles, task.block_bytes, task.block_pairs)
    requests = _Requests(task)
    counts = dict.fromkeys(("blocks", "pairs", "members", "text_bytes"), 0)
    with (
        writing_partitions(task.key.path("pairs"), PAIR_WORDS) as (add_pairs, outputs),
        writing_partitions(task.key.path("members"), MEMBER_WORDS) as (add_members, more),
    ):
        for number, (pairs, members) in enumerate(blocks):
            row_keys = profiles.row_keys[members]
            add_pairs(_with_block(number, pairs))
            add_members(_with_block(number, members, row_keys, profiles.ids[members]))
            requests.add(row_keys, block_key(task.partition, number))
            counts["blocks"] += 1
            counts["pairs"] += len(pairs)
            counts["members"] += len(members)
            counts["text_bytes"] += int(profiles.text_bytes[members].sum())
    outputs += [*more, *requests.written()]
    figures = {"blocks": {"blocks": counts.pop("blocks")}, "pairs": {**counts, **blocks.figures()}}
    return task.key.leave(watch, outputs, rows_in=len(profiles.records), rows_out=counts["pairs"], figures=figures)


def _with_block(number: int, *columns: npt.NDArray[np.generic]) -> Records:
    """Records that begin with the number of their block."""
    numbers = np.full(len(columns[0]), number, np.uint64)
    return np.column_stack([numbers, *(column.astype(np.uint64) for column in columns)])


class _Requests:
    """The files of requests of a task."""

    def __init__(self, task: PairingTask) -> None:
        self._task = task
        self._pending: list[Records] = []
        self._outputs: list[Output] = []

    def add(self, row_keys: Keys, key: int) -> None:
        """What a block needs."""
        self._pending.append(np.stack([row_keys, np.full(len(row_keys), key, np.uint64)], axis=1))
        if sum(map(len, self._pending)) >= self._task.file_records:
            self._write()

    def written(self) -> list[Output]:
        """All files."""
        if self._pending:
            self._write()
        return self._outputs

    def _write(self) -> None:
        records, split = np.concatenate(self._pending), self._task.split
        self._pending.clear()
        path = self._task.key.path("requests", len(self._outputs))
        self._outputs.append(write_records(path, records, split.partition(records[:, 0]), split.count))
