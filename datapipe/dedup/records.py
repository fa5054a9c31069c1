"""What crosses the exchange: for every document that is still kept its hash, its place in the order, its id.

A record is [hash, hash, (run), order words..., id, id, count, origin]: sorted as it stands, a cluster's survivor comes
first. With earlier runs to compare with, the run's number stands before the order, so that their documents stay.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from datapipe.dedup.identities import ID_WORDS, id_words
from datapipe.dedup.order import ordered
from datapipe.exchange_files import Records

HASH_WORDS = 2
COUNT, ORIGIN = -2, -1
"""Columns: how many documents the record stands for, and the group of shards that it comes from."""
EARLIER = np.uint64(2**32)
"""Origin of the records of earlier runs."""


@dataclass(frozen=True)
class Form:
    """What a round compares and prefers, and so the form of its records."""

    hash_column: str
    scope: str
    """`global`, `source` or `language`."""
    size_columns: tuple[str, ...]
    """Columns of the routes that say how many documents one stands for already: the greatest counts."""
    keep: tuple[tuple[str, bool, int], ...]
    """Columns, whether they are descending, and the words that each takes."""
    earlier_runs: int = 0
    """How many earlier runs take part."""

    @property
    def run_words(self) -> int:
        """Words that tell the runs apart."""
        return int(self.earlier_runs > 0)

    @property
    def key_words(self) -> int:
        """Words that records are sorted by."""
        return HASH_WORDS + self.run_words + sum(words for _, _, words in self.keep) + ID_WORDS

    @property
    def words(self) -> int:
        """Of a record."""
        return self.key_words + 2


def compared(batch: pa.RecordBatch, form: Form) -> pa.BooleanArray:
    """Which documents take part: those still kept that have a hash."""
    return pc.and_(pc.is_null(batch["drop_reason"]), pc.is_valid(batch[form.hash_column]))


def hashes(batch: pa.RecordBatch, form: Form, source: str) -> Records:
    """Rows x 2 words: the hash of each, mixed with what it is compared within."""
    found = _words_of(batch[form.hash_column])
    if form.scope == "source":
        found = found ^ _scope_words([source])
    if form.scope == "language":
        names = pc.fill_null(batch["language"], "").dictionary_encode()
        found = found ^ _scope_words(names.dictionary.to_pylist())[names.indices.to_numpy()]
    return found


def _words_of(column: pa.Array) -> Records:
    """The 16 bytes of every row as two numbers."""
    data = np.frombuffer(column.buffers()[1] or b"", ">u8").reshape(-1, HASH_WORDS)
    return data[column.offset : column.offset + len(column)].astype(np.uint64)


def _scope_words(names: list[str]) -> Records:
    digests = b"".join(xxhash.xxh3_128_digest(name.encode()) for name in names)
    return np.frombuffer(digests, ">u8").reshape(-1, HASH_WORDS).astype(np.uint64)


def counts(batch: pa.RecordBatch, size_columns: tuple[str, ...]) -> npt.NDArray[np.uint64]:
    """How many documents each stands for already: the greatest of these columns; without any each for itself."""
    found = np.ones(batch.num_rows, np.uint64)
    for name in size_columns:
        known: npt.NDArray[np.int64] = pc.fill_null(batch[name], 1).to_numpy(zero_copy_only=False)
        found = np.maximum(found, known.astype(np.uint64))
    return found


def records_of(batch: pa.RecordBatch, form: Form, source: str, rank: int, origin: int) -> Records:
    """The records of documents that take part; `rank` is that of their source."""
    rows = batch.num_rows
    columns = [hashes(batch, form, source)]
    columns += [np.full((rows, 1), form.earlier_runs, np.uint64)] * form.run_words
    columns += [ordered(batch[name], descending) for name, descending, _ in form.keep]
    columns += [id_words(batch["id"], rank), counts(batch, form.size_columns).reshape(-1, 1)]
    columns += [np.full((rows, 1), origin, np.uint64)]
    return np.concatenate(columns, axis=1)


def clusters(records: Records, form: Form) -> tuple[Records, npt.NDArray[np.int64]]:
    """The records sorted, each cluster's survivor first, and where the clusters begin."""
    from datapipe.kernels.record_sort import sort_records

    found = sort_records(records, form.key_words)
    is_new = np.ones(len(found), np.bool_)
    is_new[1:] = (found[1:, :HASH_WORDS] != found[:-1, :HASH_WORDS]).any(axis=1)
    return found, np.flatnonzero(is_new)


def sums(values: npt.NDArray[np.uint64], starts: npt.NDArray[np.int64]) -> npt.NDArray[np.uint64]:
    """The sum over each cluster."""
    return np.add.reduceat(values, starts) if len(starts) else np.zeros(0, np.uint64)
