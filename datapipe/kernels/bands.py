"""The bands of signatures as 64-bit keys: equal bands of equal scopes have equal keys."""

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.hashing import SEED, finish, mix

Signatures = npt.NDArray[np.uint32]
"""Shape (documents, permutations), C-contiguous and not writable, as it comes out of Arrow."""
Keys = npt.NDArray[np.uint64]

_HALF = np.uint64(32)


@njit(nogil=True, cache=True)
def band_keys(signatures: Signatures, scopes: Keys, bands: int, rows: int) -> Keys:
    """The keys of all bands, shape (documents, bands): a hash of scope, number of the band and its `rows` values."""
    keys = np.empty((len(signatures), bands), np.uint64)
    for document in range(len(signatures)):
        scope = mix(SEED, scopes[document])
        for band in range(bands):
            state = mix(scope, np.uint64(band))
            first, end = band * rows, (band + 1) * rows
            for i in range(first, end - 1, 2):
                pair = np.uint64(signatures[document, i]) | np.uint64(signatures[document, i + 1]) << _HALF
                state = mix(state, pair)
            if rows & 1:
                state = mix(state, np.uint64(signatures[document, end - 1]))
            keys[document, band] = finish(state)
    return keys
