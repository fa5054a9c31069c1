"""What is counted of a text: whole numbers, which the stage `text_statistics` divides."""

from enum import IntEnum, auto

import numpy as np
import numpy.typing as npt

Tally = npt.NDArray[np.int64]
"""The counts of one document, by `Count`."""


class Count(IntEnum):
    """What is counted: the columns of the result."""

    CHARACTERS = 0
    LETTERS = auto()
    UPPERCASE = auto()
    DIGITS = auto()
    WORDS = auto()
    WORD_CHARACTERS = auto()
    LONGEST_WORD = auto()
    """Characters of the longest word."""
    TRIMMED_WORDS = auto()
    """Words of which something remains without the punctuation and symbols at their ends."""
    TRIMMED_CHARACTERS = auto()
    ALPHABETIC_WORDS = auto()
    SYMBOL_WORDS = auto()
    """Words that are an ellipsis or more than half `#`."""
    HASHES = auto()
    ELLIPSES = auto()
    STOP_WORDS = auto()
    DISTINCT_STOP_WORDS = auto()
    CURLY_BRACES = auto()
    SENTENCES = auto()
    LINES = auto()
    NONBLANK_LINES = auto()
    NEWLINES = auto()
    PARAGRAPHS = auto()
    SHORT_LINES = auto()
    LONG_LINES = auto()
    BULLET_LINES = auto()
    ROUND_BULLET_LINES = auto()
    ELLIPSIS_LINES = auto()
    PUNCTUATED_LINES = auto()
    PHRASES = auto()
    """The first group of phrases; a column follows for each further one."""
