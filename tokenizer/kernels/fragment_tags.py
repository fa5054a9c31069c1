"""Which fragments of a column are counted, and under which tag."""

import numpy as np
import numpy.typing as npt
from numba import njit

from tokenizer.kernels.fragments import DOCUMENT, FIRST, IS_UNSPACED, LAST, Fragments

SAMPLED_BYTES = 64
"""Longer fragments are sampled, as those of scripts written without spaces are: they grow in number with the text."""
NOT_SAMPLED = -1
LOST_DOCUMENTS, LOST_FRAGMENTS, LOST_BYTES, LAST_LOST = range(4)
"""Of `lost`; the last one is the number of the last document with a lost fragment, -1 at the start of a column."""


@njit(nogil=True, cache=True)
def tag_fragments(
    found: Fragments, tag: int, sampled_tags: npt.NDArray[np.int64], max_bytes: int, lost: npt.NDArray[np.int64]
) -> int:
    """Keep the fragments that are counted, in front, as rows of (first byte, end, tag, count); returns how many.

    The tag is `tag`, of those that are sampled that of their document in `sampled_tags`, unless that is NOT_SAMPLED.
    Fragments above `max_bytes` are added to `lost` instead.
    """
    kept = 0
    for number in range(len(found)):
        document = found[number, DOCUMENT]
        size = found[number, LAST] - found[number, FIRST]
        own = sampled_tags[document] if size > SAMPLED_BYTES or found[number, IS_UNSPACED] else tag
        if size > max_bytes:
            lost[LOST_DOCUMENTS] += lost[LAST_LOST] != document
            lost[LAST_LOST] = document
            lost[LOST_FRAGMENTS] += 1
            lost[LOST_BYTES] += size
        elif own != NOT_SAMPLED:
            found[kept, FIRST], found[kept, LAST] = found[number, FIRST], found[number, LAST]
            found[kept, 2], found[kept, 3] = own, 1
            kept += 1
    return kept
