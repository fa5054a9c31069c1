"""Characters by kind, paragraphs with certain phrases, lines with certain endings."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.phrases import Phrases, contains_phrase, encode_phrases, ends_with_phrase
from datapipe.kernels.unicode_classes import WHITE_SPACE, classes_of, decode
from datapipe.kernels.words import Lines, Words, find_words

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int64]

_ALPHANUMERIC, _BRACKET, _URL = 1, 2, 4

LETTERS_AND_DIGITS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
URL_CHARACTERS = LETTERS_AND_DIGITS + "-._~:/?#[]@!$&'()*+,;=%"
"""What a URL may consist of (RFC 3986, section 2)."""

_HTTP, _HTTPS = encode_phrases(["http"]), encode_phrases(["https"])


@lru_cache(maxsize=16)
def character_kinds(alphanumeric: str, brackets: str) -> Bytes:
    """Kinds of every code point, for `count_characters`."""
    kinds = np.zeros(1 << 21, np.uint8)  # as far as four bytes of invalid UTF-8 can decode to
    for kind, characters in ((_ALPHANUMERIC, alphanumeric), (_BRACKET, brackets), (_URL, URL_CHARACTERS)):
        kinds[[ord(character) for character in characters]] |= kind
    kinds.flags.writeable = False
    return kinds


@njit(nogil=True, cache=True)
def count_characters(offsets: Offsets, data: Bytes, kinds: Bytes) -> npt.NDArray[np.int64]:
    """Per document: characters, those not in the alphanumeric set, white space, brackets, characters of URLs.

    Shape (rows, 5). A URL is `http://` or `https://`, case ignored, and at least one character of RFC 3986 behind it.
    """
    rows = len(offsets) - 1
    counts = np.zeros((rows, 5), np.int64)
    for row in range(rows):
        i, end = offsets[row], offsets[row + 1]
        behind_url = i
        while i < end:
            code, after = decode(data, i, end)
            kind = kinds[code]
            counts[row, 0] += 1
            counts[row, 1] += not kind & _ALPHANUMERIC
            counts[row, 2] += (classes_of(code) & WHITE_SPACE) != 0
            counts[row, 3] += (kind & _BRACKET) != 0
            if code == ord(":") and i >= behind_url:
                start, stop = _url_around(data, i, behind_url, end, kinds)
                counts[row, 4] += stop - start
                behind_url = max(behind_url, stop)
            i = after
    return counts


@njit(nogil=True, cache=True)
def _url_around(data: Bytes, colon: int, start: int, end: int, kinds: Bytes) -> tuple[int, int]:
    """Where the URL with this colon behind its scheme begins and ends, within [start, end); (colon, colon) if none."""
    if colon + 3 >= end or data[colon + 1] != ord("/") or data[colon + 2] != ord("/"):
        return colon, colon
    if ends_with_phrase(data, start, colon, _HTTPS):
        scheme = 5
    elif ends_with_phrase(data, start, colon, _HTTP):
        scheme = 4
    else:
        return colon, colon
    stop = colon + 3
    while stop < end and data[stop] < 0x80 and kinds[data[stop]] & _URL:
        stop += 1
    return (colon - scheme, stop) if stop > colon + 3 else (colon, colon)


@njit(nogil=True, cache=True)
def count_passages(
    offsets: Offsets, data: Bytes, words: Words, lines: Lines, boilerplate: Phrases, endings: Phrases
) -> npt.NDArray[np.int64]:
    """Per document: paragraphs, those with a boilerplate phrase, non-blank lines, those with one of the endings.

    Shape (rows, 4). `words` and `lines` are scratch space for this batch.
    """
    rows = len(offsets) - 1
    counts = np.zeros((rows, 4), np.int64)
    for row in range(rows):
        text = data[offsets[row] : offsets[row + 1]]
        _, line_count, _ = find_words(text, words, lines)
        paragraph_start = -1
        for line in range(line_count):
            first, behind = lines.first_word[line], lines.first_word[line + 1]
            if first == behind:
                paragraph_start = -1
                continue
            start, end = words.start[first], words.end[behind - 1]
            counts[row, 2] += 1
            counts[row, 3] += ends_with_phrase(text, start, end, endings)
            if paragraph_start < 0:
                paragraph_start = start
                counts[row, 0] += 1
                has_phrase = False
            if not has_phrase and contains_phrase(text, start, end, boilerplate):
                has_phrase = True
                counts[row, 1] += 1
    return counts
