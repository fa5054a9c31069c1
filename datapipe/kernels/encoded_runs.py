r"""Encoded data in source code: base64, hexadecimal and Unicode escapes.

The three patterns of The Stack v2 (Lozhkov et al. 2024, arXiv 2402.19173, section 2.1, "Encoded data filter"), with
ASCII meanings of `\b` and `\s`, found without a regular expression engine::

    base64        [a-zA-Z0-9+/\n=]{64,}
    hexadecimal   (?:\b(?:0x|\\x)?[0-9a-fA-F]{2}(?:,|\b\s*)){8,}
    unicode       (?:\\u[0-9a-fA-F]{4}){8,}

Kept as published, with what follows from it: words on lines of their own count as base64; a comma with a space behind
it ends a hexadecimal run, so that tables of constants in C pass; the first `\x` behind a quotation mark is left out.
"""

import numpy as np
import numpy.typing as npt
from numba import njit

Bytes = npt.NDArray[np.uint8]

BASE64_MIN_CHARACTERS = 64
HEXADECIMAL_MIN_ELEMENTS = 8
HEXADECIMAL_MIN_CHARACTERS = 23  # eight times two digits, and something between them
UNICODE_MIN_CHARACTERS = 48  # eight escapes of six

_BASE64, _HEXADECIMAL, _UNICODE, _DIGIT, _WORD, _SPACE = 1, 2, 4, 8, 16, 32
"""What a byte may be: part of a match of one of the patterns, a hexadecimal digit, `\\w`, `\\s`."""


def _kinds() -> Bytes:
    """Byte -> what it may be; nothing for bytes outside ASCII."""
    alphanumeric = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    digits, spaces = b"0123456789abcdefABCDEF", b" \t\n\r\f\v"
    members = {
        _BASE64: alphanumeric + b"+/\n=",
        _HEXADECIMAL: digits + spaces + b"\\x,",
        _UNICODE: digits + b"\\u",
        _DIGIT: digits,
        _WORD: alphanumeric + b"_",
        _SPACE: spaces,
    }
    kinds = np.zeros(256, np.uint8)
    for kind, characters in members.items():
        kinds[list(characters)] |= kind
    return kinds


_KINDS = _kinds()


@njit(nogil=True, cache=True)
def encoded_runs(offsets: npt.NDArray[np.int64], data: Bytes) -> npt.NDArray[np.int64]:
    """Per document: characters of the longest run, and characters that lie in a run of any kind (each counted once).

    Shape (rows, 2). All matched characters are ASCII, so bytes are characters.
    """
    rows = len(offsets) - 1
    found = np.zeros((rows, 2), np.int64)
    for row in range(rows):
        start, end = offsets[row], offsets[row + 1]
        base64 = _next_base64(data, start, end)
        hexadecimal = _next_hexadecimal(data, start, start, end)
        unicode = _next_unicode(data, start, end)
        covered_until = start
        while True:
            # The three searches advance together, by the earliest match, so that overlaps are seen.
            first = min(base64[0], hexadecimal[0], unicode[0])
            if first == end:
                break
            if first == base64[0]:
                stop = base64[1]
                base64 = _next_base64(data, stop, end)
            elif first == hexadecimal[0]:
                stop = hexadecimal[1]
                hexadecimal = _next_hexadecimal(data, stop, start, end)
            else:
                stop = unicode[1]
                unicode = _next_unicode(data, stop, end)
            found[row, 0] = max(found[row, 0], stop - first)
            found[row, 1] += max(0, stop - max(first, covered_until))
            covered_until = max(covered_until, stop)
    return found


@njit(nogil=True, cache=True)
def _next_run(data: Bytes, i: int, end: int, kind: int, size: int) -> tuple[int, int]:
    """Where the next `size` or more bytes of one kind begin and end, from `i` on; (end, end) where there are none."""
    while i + size <= end:
        # A run from i covers the byte i + size - 1: looking backwards from there skips most of the text unseen.
        k = i + size - 1
        while k >= i and _KINDS[data[k]] & kind:
            k -= 1
        if k < i:
            stop = i + size
            while stop < end and _KINDS[data[stop]] & kind:
                stop += 1
            return i, stop
        i = k + 1
    return end, end


@njit(nogil=True, cache=True)
def _next_base64(data: Bytes, i: int, end: int) -> tuple[int, int]:
    """Where the next match of the base64 pattern begins and ends, from `i` on; (end, end) where there is none."""
    return _next_run(data, i, end, _BASE64, BASE64_MIN_CHARACTERS)


@njit(nogil=True, cache=True)
def _next_hexadecimal(data: Bytes, i: int, start: int, end: int) -> tuple[int, int]:
    """The same for the hexadecimal pattern; `start` is where the document begins."""
    while True:
        i, run_end = _next_run(data, i, end, _HEXADECIMAL, HEXADECIMAL_MIN_CHARACTERS)
        if i == end:
            return end, end
        while i < run_end:
            stop, elements = i, 0
            after = _behind_hexadecimal(data, i, start, end)
            while after >= 0:
                stop, elements = after, elements + 1
                after = _behind_hexadecimal(data, stop, start, end)
            if elements >= HEXADECIMAL_MIN_ELEMENTS:
                return i, stop
            # Between i and stop elements begin only where those just counted do.
            i = max(stop, i + 1)


@njit(nogil=True, cache=True)
def _behind_hexadecimal(data: Bytes, i: int, start: int, end: int) -> int:
    """The byte behind one element of the hexadecimal pattern that begins at `i`, -1 where none does."""
    if i >= end:
        return -1
    is_behind_word = i > start and (_KINDS[data[i - 1]] & _WORD) != 0
    if is_behind_word == ((_KINDS[data[i]] & _WORD) != 0):
        return -1
    if i + 1 < end and data[i + 1] == ord("x") and (data[i] == ord("0") or data[i] == ord("\\")):
        i += 2
    if i + 2 > end or not _KINDS[data[i]] & _KINDS[data[i + 1]] & _DIGIT:
        return -1
    i += 2
    if i < end and data[i] == ord(","):
        return i + 1
    if i < end and _KINDS[data[i]] & _WORD:
        return -1
    while i < end and _KINDS[data[i]] & _SPACE:
        i += 1
    return i


@njit(nogil=True, cache=True)
def _next_unicode(data: Bytes, i: int, end: int) -> tuple[int, int]:
    """The same for escapes such as `\\u00e9`."""
    while True:
        i, run_end = _next_run(data, i, end, _UNICODE, UNICODE_MIN_CHARACTERS)
        if i == end:
            return end, end
        while i < run_end:
            stop = i
            while _is_unicode_escape(data, stop, run_end):
                stop += 6
            if stop - i >= UNICODE_MIN_CHARACTERS:
                return i, stop
            i = max(stop, i + 1)


@njit(nogil=True, cache=True)
def _is_unicode_escape(data: Bytes, i: int, end: int) -> bool:
    if i + 6 > end or data[i] != ord("\\") or data[i + 1] != ord("u"):
        return False
    return bool(_KINDS[data[i + 2]] & _KINDS[data[i + 3]] & _KINDS[data[i + 4]] & _KINDS[data[i + 5]] & _DIGIT)
