"""A document as one 64-bit number while it is compared: its shard and its row, or its place in an earlier run's index.

Bit 63 tells earlier runs from this one; then come 31 bits for the shard (of this run, in the order of their names) or
for the file of an index (of all earlier runs, in order), then 32 for the row in it. So keys are ordered as shards are,
and every document of this run stands before those of earlier ones.
"""

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.uint64]

ROW_BITS = 32
EARLIER = 1 << 63
"""Bit of the documents of earlier runs."""


def first_key(holder: int, earlier: bool = False) -> int:
    """The key of the first row of a shard, or of a file of an earlier run's index."""
    return holder << ROW_BITS | (EARLIER if earlier else 0)


def row_keys(holder: int, rows: npt.NDArray[np.int64], earlier: bool = False) -> Keys:
    """The keys of rows of one shard or file."""
    return rows.astype(np.uint64) | np.uint64(first_key(holder, earlier))


def rows_of(keys: Keys) -> npt.NDArray[np.int64]:
    """The rows that keys stand for."""
    return (keys & np.uint64((1 << ROW_BITS) - 1)).astype(np.int64)


def is_earlier(keys: Keys) -> npt.NDArray[np.bool_]:
    """Which keys are of earlier runs."""
    return keys >= np.uint64(EARLIER)
