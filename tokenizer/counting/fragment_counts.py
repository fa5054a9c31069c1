"""Counts of byte strings in a table that grows as it fills, up to a limit."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tokenizer.kernels.fragment_records import Records, read_fragments, write_fragments
from tokenizer.kernels.fragment_table import (
    ARENA_USED,
    COUNT,
    ENTRIES_USED,
    ENTRY_WORDS,
    FORM,
    START,
    add_strings,
    grown,
    new_table,
)

FIRST_ENTRIES, FIRST_ARENA_BYTES = 1 << 14, 1 << 18
_BYTES_PER_ENTRY = 8 * (ENTRY_WORDS + 2)  # and two slots
_TAG_BITS = np.uint64(32)


class FragmentCounts:
    """Fragments with a tag, and how often each was added: exact, whatever their hashes."""

    def __init__(self, limit_bytes: int | None = None) -> None:
        """Take up to `limit_bytes` of memory, or as much as it needs."""
        self.limit_bytes = limit_bytes
        self._table = new_table(FIRST_ENTRIES, FIRST_ARENA_BYTES)

    def __len__(self) -> int:
        """How many different ones."""
        return int(self._table.used[ENTRIES_USED])

    def add(self, data: npt.NDArray[np.uint8], strings: npt.NDArray[np.int64]) -> int:
        """Add strings of `data`, rows of (first byte, end, tag, count); returns how many: all, unless it is full.

        An empty one takes the first in any case.
        """
        added = 0
        while True:
            added += add_strings(self._table, data, strings[added:])
            if added == len(strings) or not self._grow(int(strings[added, 1] - strings[added, 0])):
                return added

    def _grow(self, needed_bytes: int) -> bool:
        entries, arena = len(self._table.entries), len(self._table.arena)
        if self._table.used[ENTRIES_USED] == entries:
            entries *= 2
        if self._table.used[ARENA_USED] + needed_bytes > arena:
            arena = max(2 * arena, int(self._table.used[ARENA_USED]) + needed_bytes)
        if self.limit_bytes is not None and len(self) and entries * _BYTES_PER_ENTRY + arena > self.limit_bytes:
            return False
        self._table = grown(self._table, entries, arena)
        return True

    def add_records(self, records: Records) -> None:
        """Add what another one gave as records. There must be no limit."""
        data, strings = read_fragments(records)
        data.flags.writeable = False  # as text is: kernels are compiled for one signature
        self.add(data, strings)

    def take_records(self) -> Records:
        """All of them as records of an exchange; it is empty then."""
        records = write_fragments(self._table)
        self._table = new_table(FIRST_ENTRIES, FIRST_ARENA_BYTES)
        return records

    def sorted_batch(self) -> pa.RecordBatch:
        """All of them by (bytes, tag): columns `fragment` (large_string), `tag` (int64), `count` (int64)."""
        count, size = self._table.used.tolist()
        entries = self._table.entries[:count]
        offsets = np.append(entries[:, START].astype(np.int64), size)
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(self._table.arena[:size])]
        columns = {
            "fragment": pa.LargeStringArray.from_buffers(count, buffers[1], buffers[2]),
            "tag": pa.array((entries[:, FORM] >> _TAG_BITS).astype(np.int64)),
            "count": pa.array(entries[:, COUNT].astype(np.int64)),
        }
        found = pa.RecordBatch.from_pydict(columns)
        return found.sort_by([("fragment", "ascending"), ("tag", "ascending")])
