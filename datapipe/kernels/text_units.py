"""Where the lines, paragraphs or sentences of a text are: the units that passages are made of.

- A *line* that is not blank, without its newline.
- A *paragraph*: lines up to the next blank one, from the start of the first to the end of the last.
- A *sentence*: from its first character that is not white space to behind its end. It ends with its line, or behind
  terminal punctuation with the marks that close what it stands in: of ASCII only before white space (not inside
  `3.14`), of other scripts anywhere. What holds no letter or number is no sentence and belongs to the one before it on
  its line.

Units cover every character of a text that is not white space.
"""

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.unicode_classes import CLOSING, LETTER, NUMBER, TERMINAL, WHITE_SPACE, classes_of, decode
from datapipe.kernels.words import longest

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]

LINE, PARAGRAPH, SENTENCE = range(3)
_NEWLINE = ord("\n")


def unit_space(offsets: Places) -> tuple[Places, Places]:
    """Scratch space for starts and ends of the units of any document of a batch: at most one in two bytes."""
    size = longest(offsets) // 2 + 1
    return np.empty(size, np.int64), np.empty(size, np.int64)


@njit(nogil=True, cache=True)
def find_units(data: Bytes, start: int, end: int, unit: int, starts: Places, ends: Places) -> int:
    """Fill `starts` and `ends` with the units of data[start:end], as places in `data`; returns their number."""
    count = 0
    after_blank = True
    while start < end:
        line_end, first = _measure_line(data, start, end)
        if first < line_end:
            if unit == SENTENCE:
                count = _find_sentences(data, first, line_end, count, starts, ends)
            elif unit == PARAGRAPH and not after_blank:
                ends[count - 1] = line_end
            else:
                starts[count], ends[count] = start, line_end
                count += 1
        after_blank = first == line_end
        start = line_end + 1
    return count


@njit(nogil=True, cache=True)
def _measure_line(data: Bytes, start: int, end: int) -> tuple[int, int]:
    """The end of the line that begins at `start`, and its first character that is not white space (or its end)."""
    first = start
    while first < end and data[first] != _NEWLINE:
        code, behind = decode(data, first, end)
        if not classes_of(code) & WHITE_SPACE:
            break
        first = behind
    line_end = first
    while line_end < end and data[line_end] != _NEWLINE:
        line_end += 1
    return line_end, first


@njit(nogil=True, cache=True)
def _find_sentences(data: Bytes, i: int, end: int, count: int, starts: Places, ends: Places) -> int:
    """Add the sentences of a line, given from its first character that is not white space."""
    first_of_line = count
    start = i
    is_open = False  # a letter or number was met
    content_end = i
    while i < end:
        code, behind = decode(data, i, end)
        classes = classes_of(code)
        if classes & WHITE_SPACE:
            if start == i:
                start = behind
            i = behind
            continue
        is_open |= (classes & (LETTER | NUMBER)) != 0
        i = content_end = behind
        if classes & TERMINAL and is_open:
            i, ends_here = _behind_end(data, i, end, code >= 0x80)
            content_end = i
            if ends_here:
                starts[count], ends[count] = start, i
                count += 1
                start, is_open = i, False
    if start < content_end:
        if is_open or count == first_of_line:
            starts[count], ends[count] = start, content_end
            return count + 1
        ends[count - 1] = content_end
    return count


@njit(nogil=True, cache=True)
def _behind_end(data: Bytes, i: int, end: int, ends_here: bool) -> tuple[int, bool]:
    """The place behind the terminal and closing marks that go on at `i`, and whether a sentence ends there."""
    while i < end:
        code, behind = decode(data, i, end)
        classes = classes_of(code)
        if classes & WHITE_SPACE:
            return i, True
        if not classes & (TERMINAL | CLOSING):
            return i, ends_here
        ends_here |= code >= 0x80 and (classes & TERMINAL) != 0
        i = behind
    return i, True
