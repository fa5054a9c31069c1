"""Shingles: the n-grams of words or characters of a text, in the form in which texts are compared, as 32-bit hashes."""

import numpy as np
import numpy.typing as npt

from datapipe.kernels.shingling import Shingling

Offsets = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
Hashes = npt.NDArray[np.uint32]


def shingle_hashes(offsets: Offsets, data: Bytes, shingling: Shingling) -> tuple[Offsets, Hashes]:
    """The shingles of every text in order, repeated ones too, as list offsets (rows + 1) and values.

    A text of fewer units than an n-gram has, but of one at least, is one shingle; a text without any has none.
    """
    raise NotImplementedError


def shingle_sets(offsets: Offsets, data: Bytes, shingling: Shingling) -> tuple[Offsets, Hashes]:
    """The same as sets: rising, each value once."""
    raise NotImplementedError
