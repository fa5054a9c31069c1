"""The pairs of a partition, block by block: as many as can be compared with their documents in memory."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from datapipe.dedup.near.parts import Profiles
from datapipe.dedup.near.records import NearForm
from datapipe.dedup.near.row_keys import is_earlier

SHINGLE_BYTES = 4
"""Of a shingle in memory, and of a value of a signature."""
SET_BYTES = 192
"""That a document takes beside them: a record of the exchange that is not full, places."""


class Block(NamedTuple):
    """Some pairs, and whom they are of."""

    pairs: npt.NDArray[np.int32]
    """Two positions each, in order."""
    members: npt.NDArray[np.int32]
    """Positions, in order."""


class Blocks:
    """The pairs of a partition, block by block."""

    def __init__(self, profiles: Profiles, most_bytes: int, most_pairs: int) -> None:
        """Find the buckets. A block holds pairs of documents that take so many bytes, unless one pair takes more."""
        from datapipe.kernels.bucket_links import find_buckets, visiting_order
        from datapipe.kernels.bucket_pairs import Members

        self._profiles, self._most_bytes, self._most_pairs = profiles, most_bytes, most_pairs
        form = profiles.form
        documents, starts = len(profiles.records), profiles.starts
        self._buckets = find_buckets(profiles.band_keys, starts, form.bucket_limit)
        sizes = bytes_compared(profiles.text_bytes, form)
        part_bytes = np.zeros(documents, np.int64)
        if documents:
            part_bytes[starts[:-1]] = np.add.reduceat(sizes, starts[:-1])
        self._members = Members(
            visiting_order(self._buckets, starts, part_bytes, most_bytes),
            is_earlier(profiles.row_keys),
            sizes,
            part_bytes,
            np.full(documents, -1, np.int64),
            np.empty(form.bands * form.bucket_limit, np.int32),
        )

    def __iter__(self) -> Iterator[Block]:
        """Once: each block is good until the next one is asked for."""
        from datapipe.kernels.bucket_pairs import next_block

        cursor = np.zeros(2, np.int64)
        pairs = np.empty((self._most_pairs, 2), np.int32)
        taken = np.empty(len(self._profiles.records), np.int32)
        block = 0
        while True:
            made, count = next_block(
                self._profiles.band_keys, self._buckets, self._members, cursor, block, self._most_bytes, pairs, taken,
            )  # fmt: skip
            if not made:
                return
            yield Block(_sorted(pairs[:made]), np.sort(taken[:count]))
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


def bytes_compared(text_bytes: npt.NDArray[np.int64], form: NearForm) -> npt.NDArray[np.int64]:
    """Bytes that documents take where they are compared, at most.

    Their signatures are made anew of shingles, or are all that there is. A word takes two bytes with what follows it in
    scripts that are written with spaces, and three in others.
    """
    whole = np.full(len(text_bytes), SHINGLE_BYTES * form.permutations + SET_BYTES, np.int64)
    if form.compare == "shingles":
        units = text_bytes // 2 + 1 if form.shingling.unit == "word" else text_bytes
        whole += SHINGLE_BYTES * np.minimum(units, form.shingling.max_chars)
    return whole
