"""Keys of the parts that documents are compared in: hashes of labels, and of shares of parts that are too large."""

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.hashing import SEED, finish, mix

Keys = npt.NDArray[np.uint64]
Sizes = npt.NDArray[np.int64]


@njit(nogil=True, cache=True)
def divided_part_keys(labels: Keys, band_keys: Keys, ids: Keys, crowded: Keys, sizes: Sizes, most: int) -> Keys:
    """A key for every document.

    `labels`: rows of row key, label, documents of the part. `crowded`: band keys of more than `most` documents, rising,
    with those `sizes`.
    """
    found = np.empty(len(labels), np.uint64)
    for row in range(len(labels)):
        state = mix(SEED, labels[row, 1])
        if labels[row, 2] > np.uint64(most):
            state = _divided(state, band_keys[row], ids[row], crowded, sizes, most)
        found[row] = finish(state)
    return found


@njit(nogil=True, cache=True)
def _divided(state: np.uint64, keys: Keys, ids: Keys, crowded: Keys, sizes: Sizes, most: int) -> np.uint64:
    """`state` after taking in the first band key that is not crowded; else the first one, and a piece of its bucket."""
    place = 0
    for band in range(len(keys)):
        place = np.searchsorted(crowded, keys[band])
        if place == len(crowded) or crowded[place] != keys[band]:
            return mix(state, keys[band])
    place = np.searchsorted(crowded, keys[0])
    pieces = np.uint64(-(-2 * sizes[place] // most))
    return mix(mix(state, keys[0]), finish(mix(mix(SEED, ids[0]), ids[1])) % pieces)
