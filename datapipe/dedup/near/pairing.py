"""Which documents of a part are compared, and with whose shingles in memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from datapipe.dedup.near.parts import Profiles, read_profiles
from datapipe.dedup.near.records import MEMBER_WORDS, PAIR_WORDS, NearForm, block_key
from datapipe.dedup.near.row_keys import is_earlier
from datapipe.dedup.near.task_keys import TaskKey
from datapipe.exchange import Split
from datapipe.exchange_files import Records, Slice, write_records, writing_partitions
from datapipe.receipts import Receipt, Stopwatch

BLOCK_BYTES = 96 << 20
"""Shingles of one block, about, by what texts of these sizes may have at most."""
BLOCK_PAIRS = 1 << 20
"""At most: their evidence then takes 72 MiB."""
SHINGLE_BYTES = 4
"""Of one in memory."""
SET_BYTES = 128
"""That a document takes beside its shingles and its signature: a record of the exchange at least."""


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


def pair_documents(task: PairingTask) -> Receipt:
    """Write pairs, members and requests, and the receipt.

    Of a bucket of up to `bucket_limit` documents all pairs are made, of a larger one those with its best document; no
    pair twice, none of two earlier documents. They are cut into blocks as their documents' shingles fit: a document
    that pairs of several blocks need is a member of each. A part that fits into a block is not divided, one that does
    not is cut where few pairs connect it. In a block pairs and members are sorted by position.

    Three outputs, `exchange/{pass_name}.pairs/`, `.members/` (a partition per block) and `.requests/` (a partition per
    group), each `{shard}.records`. `rows_in`: profiles. `figures`: `{"blocks": {"blocks": n}, "pairs": {"pairs": n,
    "members": n, "documents": different ones of them, "large_buckets": n, "largest_bucket": documents, "text_bytes": of
    the members}}`.
    """
    done = task.key.finished()
    if done is not None:
        return done
    watch = Stopwatch()
    profiles = read_profiles(task.slices, task.form)
    blocks = _Blocks(profiles, task)
    requests = [np.empty((0, 2), np.uint64)]
    counts = dict.fromkeys(("pairs", "members", "text_bytes"), 0)
    with (
        writing_partitions(task.key.path("pairs"), PAIR_WORDS) as (add_pairs, outputs),
        writing_partitions(task.key.path("members"), MEMBER_WORDS) as (add_members, more),
    ):
        for block, (pairs, members) in enumerate(blocks):
            add_pairs(_with_block(block, pairs))
            add_members(_with_block(block, members, profiles.row_keys[members], profiles.ids[members]))
            key = np.full(len(members), block_key(task.partition, block), np.uint64)
            requests.append(np.stack([profiles.row_keys[members], key], axis=1))
            counts["pairs"] += len(pairs)
            counts["members"] += len(members)
            counts["text_bytes"] += int(profiles.text_bytes[members].sum())
    asked = np.concatenate(requests)
    asked_of = task.split.partition(asked[:, 0])
    outputs += [*more, write_records(task.key.path("requests"), asked, asked_of, task.split.count)]
    figures = {"blocks": {"blocks": len(requests) - 1}, "pairs": {**counts, **blocks.figures()}}
    return task.key.leave(watch, outputs, rows_in=len(profiles.records), figures=figures)


def _with_block(block: int, *columns: npt.NDArray[np.generic]) -> Records:
    """Records that begin with the number of their block."""
    numbers = np.full(len(columns[0]), block, np.uint64)
    return np.column_stack([numbers, *(column.astype(np.uint64) for column in columns)])


class _Block(NamedTuple):
    pairs: npt.NDArray[np.int32]
    """Two positions each, in order."""
    members: npt.NDArray[np.int32]
    """Positions, in order."""


class _Blocks:
    """The pairs of a partition, block by block."""

    def __init__(self, profiles: Profiles, task: PairingTask) -> None:
        from datapipe.kernels.bucket_pairs import Members, find_buckets, visiting_order

        self._task, self._profiles = task, profiles
        documents, starts = len(profiles.records), profiles.starts
        self._buckets = find_buckets(profiles.band_keys, starts, task.form.bucket_limit)
        sizes = _bytes_compared(profiles.text_bytes, task.form)
        part_bytes = np.zeros(documents, np.int64)
        if documents:
            part_bytes[starts[:-1]] = np.add.reduceat(sizes, starts[:-1])
        self._members = Members(
            visiting_order(self._buckets, starts, part_bytes, task.block_bytes),
            is_earlier(profiles.row_keys),
            sizes,
            part_bytes,
            np.full(documents, -1, np.int64),
            np.empty(task.form.bands * task.form.bucket_limit, np.int32),
        )

    def __iter__(self) -> Iterator[_Block]:
        from datapipe.kernels.bucket_pairs import next_block

        cursor = np.zeros(2, np.int64)
        pairs = np.empty((self._task.block_pairs, 2), np.int32)
        taken = np.empty(len(self._profiles.records), np.int32)
        block = 0
        while True:
            made, count = next_block(
                self._profiles.band_keys, self._buckets, self._members, cursor, block, self._task.block_bytes, pairs,
                taken,
            )  # fmt: skip
            if not made:
                return
            yield _Block(_sorted(pairs[:made]), np.sort(taken[:count]))
            block += 1

    def figures(self) -> dict[str, int]:
        """What is counted of all blocks together, once they are made."""
        first = self._buckets.first == np.arange(len(self._profiles.records))[:, None]
        return {
            "documents": int((self._members.block >= 0).sum()),
            "large_buckets": int((self._buckets.is_large & first).sum()),
            "largest_bucket": int(self._buckets.largest),
        }


def _sorted(pairs: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Pairs of positions, in order."""
    whole = np.sort(pairs[:, 0].astype(np.int64) << 32 | pairs[:, 1])
    return np.stack([whole >> 32, whole & 0xFFFFFFFF], axis=1).astype(np.int32)


def _bytes_compared(text_bytes: npt.NDArray[np.int64], form: NearForm) -> npt.NDArray[np.int64]:
    """Bytes of what a document is compared on, at most: in any script a word takes two bytes with what follows it.

    Its signature is made anew of its shingles, or is all that there is.
    """
    beside = SHINGLE_BYTES * form.permutations + SET_BYTES
    if form.compare == "signatures":
        return np.full(len(text_bytes), beside, np.int64)
    units = text_bytes // 2 + 1 if form.shingling.unit == "word" else text_bytes
    return SHINGLE_BYTES * np.minimum(units, form.shingling.max_chars) + beside
