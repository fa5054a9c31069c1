"""How often phrases occur, faster than by asking for a phrase at every byte."""

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.phrases import FOLD, Phrases, phrase_at


def phrase_pairs(phrases: Phrases) -> npt.NDArray[np.bool_]:
    """For each two bytes (first, second), case ignored, whether a phrase begins with them. Shape (256, 256)."""
    pairs = np.zeros((256, 256), np.bool_)
    for start, end in zip(phrases.offsets[:-1], phrases.offsets[1:], strict=True):
        first = phrases.letters[start] == FOLD
        second = phrases.letters[start + 1] == FOLD if end - start > 1 else np.ones(256, np.bool_)
        pairs |= np.outer(first, second)
    pairs.flags.writeable = False
    return pairs


@njit(nogil=True, cache=True)
def count_phrases(
    text: npt.NDArray[np.uint8], phrases: Phrases, pairs: npt.NDArray[np.bool_], tally: npt.NDArray[np.int64]
) -> None:
    """Add to `tally`, by group, the phrases of a document: at each byte the longest one."""
    for i in range(len(text) - 1):
        if pairs[text[i], text[i + 1]]:
            _count_phrase(text, i, phrases, tally)
    if len(text):
        _count_phrase(text, len(text) - 1, phrases, tally)


@njit(nogil=True, cache=True)
def _count_phrase(text: npt.NDArray[np.uint8], i: int, phrases: Phrases, tally: npt.NDArray[np.int64]) -> None:
    """Add the phrase that begins at byte `i`, if there is one."""
    phrase = phrase_at(text, i, len(text), phrases)
    if phrase >= 0:
        tally[phrases.groups[phrase]] += 1
