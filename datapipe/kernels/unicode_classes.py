"""What every code point is, from the committed table `unicode_data.py`: never from the running interpreter.

A kernel walks the UTF-8 of a document and asks for the classes of each code point, a set of bits::

    i = start
    while i < end:
        code, i = decode(data, i, end)
        if classes_of(code) & LETTER:
            letters += 1

For ASCII the byte is the code point, and `CLASSES[byte]` its classes: the first page of the table comes first, so a
kernel tests `byte < 0x80` and saves decoding. `NUMBER_DIGITS` are the decimal digits of all scripts.
"""

from collections.abc import Iterator
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels import unicode_data

Value = TypeVar("Value", np.uint16, np.int32)

LETTER = np.uint16(1 << 0)
"""Categories Lu, Ll, Lt, Lm, Lo."""
UPPERCASE = np.uint16(1 << 1)
"""Categories Lu, Lt."""
MARK = np.uint16(1 << 2)
"""Categories Mn, Mc, Me."""
DIGIT = np.uint16(1 << 3)
"""Category Nd: decimal digits of every script."""
NUMBER = np.uint16(1 << 4)
"""Categories Nd, Nl, No."""
PUNCTUATION = np.uint16(1 << 5)
"""Categories P*."""
SYMBOL = np.uint16(1 << 6)
"""Categories S*."""
WHITE_SPACE = np.uint16(1 << 7)
"""Property White_Space: fewer than `str.isspace`, which adds U+001C to U+001F."""
CONTROL = np.uint16(1 << 8)
"""Category Cc."""
FORMAT = np.uint16(1 << 9)
"""Category Cf: joiners, direction marks, soft hyphen."""
UNSPACED = np.uint16(1 << 10)
"""Letters of scripts written without spaces: each is a word with the marks that follow it."""
TERMINAL = np.uint16(1 << 11)
"""Property Sentence_Terminal: the full stop, question and exclamation mark of every script."""
CLOSING = np.uint16(1 << 12)
"""Closing brackets and quotation marks (Pe, Pf, Pi, `"` and `'`), which may follow the end of a sentence."""
COUNTED = np.uint16(1 << 13)
"""Signs that rules about text count one by one: `#`, `{`, and what an ellipsis is made of, `.` and `…`."""

_CATEGORY_CLASSES = {
    **dict.fromkeys(["Ll", "Lm", "Lo"], LETTER),
    **dict.fromkeys(["Lu", "Lt"], LETTER | UPPERCASE),
    **dict.fromkeys(["Mn", "Mc", "Me"], MARK),
    **dict.fromkeys(["Nl", "No"], NUMBER),
    **dict.fromkeys(["Pc", "Pd", "Ps", "Po"], PUNCTUATION),
    **dict.fromkeys(["Pe", "Pf", "Pi"], PUNCTUATION | CLOSING),
    **dict.fromkeys(["Sc", "Sk", "Sm", "So"], SYMBOL),
    "Nd": DIGIT | NUMBER,
    "Cc": CONTROL,
    "Cf": FORMAT,
}

# Four bytes of invalid UTF-8 can decode to any number below 2**21: the tables reach that far, with nothing there.
_SIZE = 1 << 21
_PAGE = 256


def _ranges(table: str) -> Iterator[tuple[slice, str]]:
    """The code points and the value of each item of a table of `unicode_data`."""
    for item in table.split():
        place, _, value = item.partition(":")
        first, _, last = place.partition("-")
        yield slice(int(first, 16), int(last or first, 16) + 1), value


def _read_classes() -> npt.NDArray[np.uint16]:
    """Class bits of every code point."""
    classes = np.zeros(_SIZE, np.uint16)
    for place, category in _ranges(unicode_data.CATEGORIES):
        classes[place] = _CATEGORY_CLASSES.get(category, 0)
    classes[[ord('"'), ord("'")]] |= CLOSING
    classes[[ord(sign) for sign in "#{.…"]] |= COUNTED
    properties = {"UNSPACED": UNSPACED, "TERMINAL": TERMINAL, "WHITE_SPACE": WHITE_SPACE}
    for name, bit in properties.items():
        for place, _ in _ranges(getattr(unicode_data, name)):
            classes[place] |= bit
    return classes


def in_pages(values: npt.NDArray[Value]) -> tuple[npt.NDArray[np.int32], npt.NDArray[Value]]:
    """Two-level form: where the page of each 256 code points starts, and the different pages one after another."""
    starts: dict[bytes, int] = {}
    pages = values.reshape(-1, _PAGE)
    index = [starts.setdefault(page.tobytes(), len(starts) * _PAGE) for page in pages]
    return np.array(index, np.int32), np.frombuffer(b"".join(starts), values.dtype)


_flat_classes = _read_classes()
NUMBER_DIGITS = np.flatnonzero(_flat_classes & DIGIT).astype(np.int32)
"""Code points of category Nd, rising."""
CLASS_PAGES, CLASSES = in_pages(_flat_classes)
del _flat_classes


@njit(nogil=True, cache=True)
def classes_of(code: int) -> np.uint16:
    """Class bits of a code point."""
    return np.uint16(CLASSES[CLASS_PAGES[code >> 8] + (code & 255)])


@njit(nogil=True, cache=True)
def decode(data: npt.NDArray[np.uint8], i: int, end: int) -> tuple[int, int]:
    """The code point at byte `i` and the byte where the next one starts.

    The text is valid UTF-8, as Arrow promises. Of invalid bytes it is only certain that nothing behind `end` is read
    and that the walk ends there: a lead byte without its followers is U+FFFD.
    """
    first = int(data[i])
    if first < 0x80:
        return first, i + 1
    if first < 0xE0:
        if i + 2 > end:
            return 0xFFFD, end
        return (first & 0x1F) << 6 | (data[i + 1] & 0x3F), i + 2
    if first < 0xF0:
        if i + 3 > end:
            return 0xFFFD, end
        return (first & 0x0F) << 12 | (data[i + 1] & 0x3F) << 6 | (data[i + 2] & 0x3F), i + 3
    if i + 4 > end:
        return 0xFFFD, end
    tail = (data[i + 1] & 0x3F) << 12 | (data[i + 2] & 0x3F) << 6 | (data[i + 3] & 0x3F)
    return (first & 0x07) << 18 | tail, i + 4


@njit(nogil=True, cache=True)
def decode_before(data: npt.NDArray[np.uint8], start: int, i: int) -> tuple[int, int]:
    """The code point that ends before byte `i` and the byte where it starts, which is not before `start`."""
    first = i - 1
    while first > start and data[first] & 0xC0 == 0x80:
        first -= 1
    code, _ = decode(data, first, i)
    return code, first
