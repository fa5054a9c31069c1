"""Ids of documents as two 64-bit words, in the order of the ids as text, and back.

An id is `source/16 hex digits/record`. The words hold the rank of `source/` among all sources that take part (16 bits),
the digits (64) and the record (48).
"""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapipe.stage import text_buffers

Words = npt.NDArray[np.uint64]

ID_WORDS = 2
MAX_SOURCES = 1 << 16
_RECORD_BITS = np.uint64(48)
_LOW_BITS = np.uint64(16)
_RECORDS = np.uint64((1 << 48) - 1)


def source_table(names: Iterable[str]) -> tuple[str, ...]:
    """The sources in the order of their ids. Raises ValueError for more than ids have room for."""
    table = tuple(sorted(set(names), key=lambda name: name + "/"))
    if len(table) > MAX_SOURCES:
        raise ValueError(f"{len(table):,} sources take part, there is room for {MAX_SOURCES:,}")
    return table


def id_words(ids: pa.Array, rank: int) -> Words:
    """The words of ids of the source with this rank."""
    from datapipe.kernels.id_words import parse_ids

    parts = parse_ids(*text_buffers(pc.cast(ids, pa.large_string())))
    hashed, record = parts[:, 0], parts[:, 1]
    high = np.uint64(rank) << _RECORD_BITS | hashed >> _LOW_BITS
    return np.stack([high, hashed << _RECORD_BITS | record], axis=1)


def id_array(words: Words, table: Sequence[str]) -> pa.StringArray:
    """The ids that the words stand for."""
    from datapipe.kernels.id_words import write_ids

    names = [name.encode() for name in table]
    starts = np.cumsum([0, *map(len, names)])
    letters = np.frombuffer(b"".join(names), np.uint8)
    hashed = words[:, 0] << _LOW_BITS | words[:, 1] >> _RECORD_BITS
    ranks = (words[:, 0] >> _RECORD_BITS).astype(np.int64)
    offsets, data = write_ids(ranks, hashed, words[:, 1] & _RECORDS, starts, letters)
    found = pa.LargeStringArray.from_buffers(len(words), pa.py_buffer(offsets), pa.py_buffer(data))
    return pc.cast(found, pa.string())


def ids_of(words: Words, table: Sequence[str]) -> list[str]:
    """The same as a list."""
    ids: list[str] = id_array(words, table).to_pylist()
    return ids


def ranked_anew(words: Words, old: Sequence[str], new: Sequence[str]) -> Words:
    """The words with ranks among `new` sources, which hold all of the `old` ones."""
    ranks = np.array([new.index(name) for name in old] or [0], np.uint64)
    high = ranks[words[:, 0] >> _RECORD_BITS] << _RECORD_BITS | words[:, 0] & _RECORDS
    return np.stack([high, words[:, 1]], axis=1)
