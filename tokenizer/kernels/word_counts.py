"""How many words texts have, and how many of these are letters of scripts without spaces."""

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.unicode_classes import UNSPACED
from datapipe.kernels.words import Lines, Words, find_words, line_space, word_space


def count_words(offsets: npt.NDArray[np.int64], data: npt.NDArray[np.uint8]) -> tuple[int, int, int]:
    """Words, those of them that are a letter of a script without spaces, and characters, of all texts together.

    Words are those of `datapipe.kernels.words`: runs between white space, and single letters of such scripts.
    """
    found: tuple[int, int, int] = _count(offsets, data, word_space(offsets), line_space(offsets))
    return found


@njit(nogil=True, cache=True)
def _count(
    offsets: npt.NDArray[np.int64], data: npt.NDArray[np.uint8], words: Words, lines: Lines
) -> tuple[int, int, int]:
    all_words, letters, characters = 0, 0, 0
    for row in range(len(offsets) - 1):
        found, _, length = find_words(data[offsets[row] : offsets[row + 1]], words, lines)
        all_words += found
        characters += length
        for word in range(found):
            letters += (words.classes[word] & UNSPACED) != 0
    return all_words, letters, characters
