"""The index files of a shard as they are written: of bounded size, so that whoever reads one needs no more memory."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from datapipe import storage
from datapipe.dedup.identities import Words
from datapipe.dedup.indexes import index_path, shingles_folder
from datapipe.dedup.near.index_records import index_records, index_words
from datapipe.dedup.near.records import SHINGLE_WORDS, NearForm
from datapipe.dedup.near.shingle_sets import packed_shingles
from datapipe.dedup.near.signed_documents import scope_hashes, signatures
from datapipe.exchange_files import Records, write_records
from datapipe.storage import Output

FILE_BYTES = 64 << 20
"""Of the records of one file and of its shingles, about."""


class IndexFiles:
    """What stays of a shard, `{shard}-0000.records` and on: at least one file, should it be empty."""

    def __init__(self, folder: str, round_name: str, shard: str, form: NearForm) -> None:
        """Nothing is written yet."""
        self._folder, self._round, self._shard, self._form = folder, round_name, shard, form
        self._begin()
        self.outputs: list[Output] = []
        self.records: dict[str, int] = {}
        """In every file of the index itself, by its path in the folder."""

    def add(self, batch: pa.RecordBatch, ids: Words, counts: Words) -> None:
        """Documents that stay, their ids, how many documents each stands for."""
        sizes = batch["text_bytes"].to_numpy().astype(np.uint64)
        scopes = scope_hashes(batch, self._form.scope)
        found = index_records(ids, scopes, counts, sizes, signatures(batch, self._form.permutations))
        if self._form.store_shingles:
            self._shingles.append(_shingle_records(batch, self._form, sum(map(len, self._records))))
        self._records.append(found)
        if sum(one.nbytes for one in (*self._records, *self._shingles)) >= FILE_BYTES:
            self._write()

    def finish(self) -> None:
        """Write what is left."""
        if self._records or not self.records:
            self._write()

    def _begin(self) -> None:
        self._records: list[Records] = []
        self._shingles: list[Records] = []

    def _write(self) -> None:
        name = f"{self._shard}-{len(self.records):04}"
        path = index_path(self._round, name)
        self.records[path] = sum(map(len, self._records))
        self._put(path, self._records, index_words(self._form.permutations))
        if self._form.store_shingles:
            self._put(index_path(shingles_folder(self._round), name), self._shingles, SHINGLE_WORDS)
        self._begin()

    def _put(self, path: str, parts: Sequence[Records], words: int) -> None:
        records = np.concatenate([np.empty((0, words), np.uint64), *parts])
        whole = np.zeros(len(records), np.uint32)
        self.outputs.append(write_records(storage.join(self._folder, path), records, whole, 1))


def _shingle_records(batch: pa.RecordBatch, form: NearForm, first: int) -> Records:
    """Keyed by the rows of the documents in their file, the first of which is `first`."""
    from datapipe.kernels.packed_records import spread

    rows = np.arange(batch.num_rows)
    keys = (rows + first).astype(np.uint64)
    return spread(*packed_shingles(batch, form.shingling), rows, keys, keys, SHINGLE_WORDS)
