"""Parts: documents that are compared with each other, in the recipe's order; which part a document is of."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from datapipe.dedup.identities import ID_WORDS
from datapipe.dedup.near.records import NearForm
from datapipe.exchange_files import Records, Slice, read_slices

Keys = npt.NDArray[np.uint64]

MOST_OF_A_PART = 1 << 20
"""Documents of a part, at most,"""
MOST_KEY_BYTES = 256 << 20
"""and bytes of their band keys. Larger parts are divided (`part_keys`)."""


def most_of_a_part(form: NearForm) -> int:
    """Documents of a part that are compared together; a bucket of more is crowded."""
    return min(MOST_OF_A_PART, MOST_KEY_BYTES // (8 * form.bands))


def part_keys(labels: Records, band_keys: Keys, ids: Keys, crowded: Sequence[tuple[int, int]], most: int) -> Keys:
    """The key of the part of each document: equal for those that are compared with each other.

    `labels`: as they cross the exchange, a row per document. A part of more than `most` documents is divided by the
    first of each document's band keys that is not crowded: two of similarity J share it with a probability of about
    J ** rows, and no bucket that is not crowded has more than `most`. Documents all of whose buckets are crowded are
    divided by their ids, into pieces of about half of `most`.
    """
    from datapipe.kernels.part_keys import divided_part_keys

    keys = np.array([key for key, _ in crowded], np.uint64)
    sizes = np.array([size for _, size in crowded], np.int64)
    return divided_part_keys(labels, band_keys, ids, keys, sizes, most)


@dataclass(frozen=True)
class Profiles:
    """The profiles of a partition, sorted: the row of a document is its position."""

    records: Records
    """But for the band keys,"""
    band_keys: Keys
    """which are here: shape (documents, bands), C-contiguous."""
    form: NearForm

    @property
    def starts(self) -> npt.NDArray[np.int64]:
        """The position at which each part begins; then the number of documents."""
        keys = self.records[:, 0]
        is_new = np.ones(len(keys) + 1, np.bool_)
        is_new[1:-1] = keys[1:] != keys[:-1]
        return np.flatnonzero(is_new)

    @property
    def ids(self) -> Keys:
        """Two words each."""
        return self.records[:, self.form.key_words - ID_WORDS : self.form.key_words]

    @property
    def row_keys(self) -> Keys:
        """As `datapipe.dedup.near.row_keys` makes them."""
        return self.records[:, self.form.key_words]

    @property
    def counts(self) -> Keys:
        """How many documents each stands for."""
        return self.records[:, self.form.key_words + 1]

    @property
    def text_bytes(self) -> npt.NDArray[np.int64]:
        """Of every text."""
        return self.records[:, self.form.key_words + 2].view(np.int64)


def read_profiles(slices: Sequence[Slice], form: NearForm) -> Profiles:
    """The profiles in these slices. Takes their memory twice while they are sorted. Raises OSError as `read_slices`."""
    from datapipe.kernels.record_sort import sort_records

    records = sort_records(read_slices(slices, form.profile_words), form.key_words)
    bands = form.profile_words - form.bands
    return Profiles(np.ascontiguousarray(records[:, :bands]), np.ascontiguousarray(records[:, bands:]), form)
