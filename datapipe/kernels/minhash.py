"""Signatures of sets of 32-bit hashes (Broder 1997), value for value those of datasketch 2, scheme `affine32`."""

import numpy as np
import numpy.typing as npt

from datapipe.kernels.shingles import Hashes, Offsets

SEED = 1
"""Of the permutations: the default of datasketch."""


def signatures(lists: Offsets, hashes: Hashes, permutations: int) -> npt.NDArray[np.uint32]:
    """The signature of every list, shape (lists, permutations); of an empty one the greatest value throughout.

    How often a value occurs does not count, nor in which order.
    """
    raise NotImplementedError
