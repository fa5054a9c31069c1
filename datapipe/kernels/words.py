"""Words, lines and paragraphs: found here, once, for all kernels.

- A *word* is a maximal run of characters that are not white space. In scripts written without spaces (`UNSPACED`) each
  letter is a word, together with the marks that follow it; what stands between such letters (punctuation, digits, other
  scripts) is again a run.
- A *line* ends at `\\n`; a final newline adds no line. It is blank if it holds no word.
- A *paragraph* is a maximal run of lines that are not blank, from the start of its first to the end of its last line.

Lengths are code points. Places are bytes relative to the start of the document, so that 32 bits suffice.

A kernel takes scratch space once per batch and fills it document by document::

    words, lines = word_space(offsets), line_space(offsets)
    for row in range(len(offsets) - 1):  # this loop is compiled
        text = data[offsets[row] : offsets[row + 1]]
        word_count, line_count, characters = find_words(text, words, lines)
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.hashing import take_in_bytes
from datapipe.kernels.plain_words import plain_word
from datapipe.kernels.unicode_classes import CLASSES, MARK, UNSPACED, UPPERCASE, WHITE_SPACE, classes_of, decode

MAX_DOCUMENT_BYTES = 2**31 - 2

_NEWLINE, _SPACE = ord("\n"), ord(" ")
_BREAKS = WHITE_SPACE | UNSPACED
_BETWEEN, _RUN, _LETTER = range(3)  # where the walk stands: between words, in a run, in a letter that is a word


class Words(NamedTuple):
    """Words of one document in order. The first `word_count` entries count, the rest is left from other documents."""

    start: npt.NDArray[np.int32]
    end: npt.NDArray[np.int32]
    length: npt.NDArray[np.int32]
    classes: npt.NDArray[np.uint16]
    """Every class that one of its characters has, but for UPPERCASE."""
    key: npt.NDArray[np.uint64]
    """What `take_in_bytes` makes of it: it stands for the word, and `finish` makes it the hash of its bytes."""


class Lines(NamedTuple):
    """Lines of one document in order, blank ones too.

    The entry after the last line is where another would begin if the text ended in a newline, so for line k the bytes
    are `[start[k], start[k + 1] - 1)`, and length and number of words follow in the same way.
    """

    start: npt.NDArray[np.int32]
    first_character: npt.NDArray[np.int32]
    """Characters of the document before the line."""
    first_word: npt.NDArray[np.int32]
    """Words of the document before the line."""


def word_space(offsets: npt.NDArray[np.int64]) -> Words:
    """Scratch space for the words of any document of a batch: at most one word in two bytes."""
    size = longest(offsets) // 2 + 1
    start, end, length = (np.empty(size, np.int32) for _ in range(3))
    return Words(start, end, length, np.empty(size, np.uint16), np.empty(size, np.uint64))


def line_space(offsets: npt.NDArray[np.int64]) -> Lines:
    """Scratch space for the lines of any document of a batch."""
    size = longest(offsets) + 2
    return Lines(np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size, np.int32))


def longest(offsets: npt.NDArray[np.int64]) -> int:
    """Bytes of the longest document of a batch. Raises ValueError beyond MAX_DOCUMENT_BYTES."""
    most = int(np.diff(offsets).max(initial=0))
    if most > MAX_DOCUMENT_BYTES:
        raise ValueError(f"a document of {most} bytes; kernels take up to {MAX_DOCUMENT_BYTES}")
    return most


@njit(nogil=True, cache=True)
def find_words(text: npt.NDArray[np.uint8], words: Words, lines: Lines) -> tuple[int, int, int]:
    """Fill `words` and `lines` with those of a document; returns how many words, lines and characters it has.

    Words of visible ASCII are taken in blocks of eight bytes; all other text goes character by character.
    """
    word_count = line_count = characters = 0
    state = _BETWEEN
    start = first_character = 0
    classes = np.uint16(0)
    _begin_line(lines, 0, 0, 0, 0)
    i = 0
    while i < len(text):
        if state == _BETWEEN and i + 8 <= len(text):
            start, first_character = i, characters
            i, is_plain, classes, key = plain_word(text, start)
            characters += i - start
            if is_plain and i > start:
                word_count = _end_word(words, word_count, start, i, i - start, classes, key)
            elif i > start:
                state = _RUN  # the word goes on with something else than visible ASCII
            if text[i] == _SPACE and state == _BETWEEN:
                i += 1
                characters += 1
                continue
        here = i
        byte = text[i]
        if byte < 0x80:
            now = CLASSES[byte]
            i += 1
        else:
            code, i = decode(text, i, len(text))
            now = classes_of(code)
        if (state == _RUN and not now & _BREAKS) or (state == _LETTER and now & MARK):
            classes |= now
        else:
            if state != _BETWEEN:
                key = take_in_bytes(text, start, here)
                word_count = _end_word(words, word_count, start, here, characters - first_character, classes, key)
            start, first_character, classes = here, characters, now
            state = _LETTER if now & UNSPACED else _BETWEEN if now & WHITE_SPACE else _RUN
            if byte == _NEWLINE:
                line_count += 1
                _begin_line(lines, line_count, i, characters + 1, word_count)
        characters += 1
    if state != _BETWEEN:
        key = take_in_bytes(text, start, i)
        word_count = _end_word(words, word_count, start, i, characters - first_character, classes, key)
    if i > lines.start[line_count]:
        line_count += 1
        _begin_line(lines, line_count, i + 1, characters + 1, word_count)
    return word_count, line_count, characters


@njit(nogil=True, cache=True)
def _end_word(words: Words, place: int, start: int, end: int, length: int, classes: np.uint16, key: np.uint64) -> int:
    """Write word number `place`; returns the next number."""
    words.start[place] = start
    words.end[place] = end
    words.length[place] = length
    words.classes[place] = classes & ~UPPERCASE
    words.key[place] = key
    return place + 1


@njit(nogil=True, cache=True)
def _begin_line(lines: Lines, place: int, start: int, first_character: int, first_word: int) -> None:
    """Write where line number `place` begins."""
    lines.start[place] = start
    lines.first_character[place] = first_character
    lines.first_word[place] = first_word
