"""Sets of 32-bit hashes, and signatures, packed into 64-bit words: about 3 bytes for a shingle of a page.

A packed document is a head and its data. Of a set, the gaps between its rising values in Golomb-Rice code (Rice and
Plaunt 1971): `parameter` low bits of a gap as they are, the rest in unary, zeros before a one, which stand first. That
is within a few hundredths of what hashes can be packed to (log2(2**32 / n) + 1.44 bits for each of n). Of a signature,
two values to a word. All bits fill words from the lowest.

head: count (32 bits), parameter (6), whether it is a signature (2), words of data (24)
"""

import numpy as np
import numpy.typing as npt
from numba import njit

Offsets = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint32]
Words = npt.NDArray[np.uint64]

COUNT_BITS, PARAMETER_BITS, KIND_BITS = 32, 6, 2
_PARAMETER_AT = np.uint64(COUNT_BITS)
_KIND_AT = np.uint64(COUNT_BITS + PARAMETER_BITS)
_WORDS_AT = np.uint64(COUNT_BITS + PARAMETER_BITS + KIND_BITS)
_ONE, _SIX, _LOW_6, _LOW_32 = np.uint64(1), np.uint64(6), np.uint64(63), np.uint64(2**32 - 1)
_WORD_BITS = np.uint64(64)
_SPREAD = 2_066_771_405
"""0.4812 * 2**32, rounded: the natural logarithm of the golden ratio. The best parameter of gaps that average g is the
logarithm of g times it to base 2, rounded up (Kiely 2004, "Selecting the Golomb Parameter in Rice Coding")."""
_DE_BRUIJN = np.uint64(0x03F79D71B4CB0A89)
"""Its 64 runs of six bits differ (Leiserson, Prokop, Randall 1998, "Using de Bruijn Sequences to Index a 1"),"""
_LAST_6 = np.uint64(58)
_ZEROS = np.argsort([(int(_DE_BRUIJN) << place) % 2**64 >> 58 for place in range(64)]).astype(np.uint64)
"""so that the run at which a bit begins tells its place."""


@njit(nogil=True, cache=True)
def pack_sets(lists: Offsets, hashes: Hashes) -> tuple[Offsets, Words]:
    """Every list, rising and without repeats, as a packed document; where each begins, and their end."""
    starts = np.zeros(len(lists), np.int64)
    for row in range(len(lists) - 1):
        starts[row + 1] = starts[row] + 1 + _set_words(hashes[lists[row] : lists[row + 1]])
    words = np.zeros(starts[-1], np.uint64)
    for row in range(len(lists) - 1):
        _pack_set(hashes[lists[row] : lists[row + 1]], words[starts[row] : starts[row + 1]])
    return starts, words


@njit(nogil=True, cache=True)
def pack_signatures(signatures: npt.NDArray[np.uint32]) -> tuple[Offsets, Words]:
    """Every signature, of shape (rows, permutations), as a packed document, likewise."""
    rows, permutations = signatures.shape
    size = 1 + (permutations + 1) // 2
    words = np.zeros((rows, size), np.uint64)
    for row in range(rows):
        words[row, 0] = _head(permutations, 0, True, size - 1)
        for place in range(permutations):
            value = np.uint64(signatures[row, place]) << np.uint64(32 * (place & 1))
            words[row, 1 + (place >> 1)] |= value
    return np.arange(rows + 1) * size, words.reshape(-1)


@njit(nogil=True, cache=True)
def packed_words(head: np.uint64) -> int:
    """Words of a packed document, with its head."""
    return 1 + int(np.int64(head >> _WORDS_AT))


@njit(nogil=True, cache=True)
def packed_count(head: np.uint64) -> int:
    """How many values it holds."""
    return int(np.int64(head & _LOW_32))


@njit(nogil=True, cache=True)
def packed_counts(starts: Offsets, words: Words) -> Offsets:
    """The same for each of several."""
    counts = np.empty(len(starts) - 1, np.int64)
    for row in range(len(counts)):
        counts[row] = packed_count(words[starts[row]])
    return counts


@njit(nogil=True, cache=True)
def is_signature(head: np.uint64) -> bool:
    """Whether these are a signature's."""
    return bool((head >> _KIND_AT) & _ONE)


@njit(nogil=True, cache=True)
def unpack(words: Words, values: Hashes) -> None:
    """Write the values of a packed document, as many as there are; `words` has any other word behind it."""
    head = words[0]
    if is_signature(head):
        for place in range(len(values)):
            values[place] = np.uint32((words[1 + (place >> 1)] >> np.uint64(32 * (place & 1))) & _LOW_32)
        return
    parameter = (head >> _PARAMETER_AT) & _LOW_6
    low = (_ONE << parameter) - _ONE
    at, value = _WORD_BITS, np.uint64(0)
    for place in range(len(values)):
        bits = _bits_at(words, at)
        high = np.uint64(0)
        while bits == 0:
            high, at = high + _WORD_BITS, at + _WORD_BITS
            bits = _bits_at(words, at)
        zeros = _ZEROS[((bits & (~bits + _ONE)) * _DE_BRUIJN) >> _LAST_6]
        at += zeros + _ONE
        # Most often the low bits are among the 64 that are here already.
        rest = bits >> zeros >> _ONE if zeros + parameter < _WORD_BITS else _bits_at(words, at)
        value += (high + zeros) << parameter | rest & low
        at += parameter
        values[place] = np.uint32(value)
        value += _ONE


@njit(nogil=True, cache=True)
def _head(count: int, parameter: int, signed: bool, words: int) -> np.uint64:
    marked = np.uint64(count) | np.uint64(parameter) << _PARAMETER_AT | np.uint64(signed) << _KIND_AT
    return marked | np.uint64(words) << _WORDS_AT


@njit(nogil=True, cache=True)
def _parameter(count: int) -> int:
    bits, scaled = 0, _SPREAD // max(1, count)
    while 1 << bits < scaled:
        bits += 1
    return bits


@njit(nogil=True, cache=True)
def _set_words(values: Hashes) -> int:
    """Words that the gaps take."""
    parameter = _parameter(len(values))
    bits = len(values) * (parameter + 1)
    least = 0
    for value in values:
        bits += (int(value) - least) >> parameter
        least = int(value) + 1
    return (bits + 63) // 64


@njit(nogil=True, cache=True)
def _pack_set(values: Hashes, words: Words) -> None:
    parameter = _parameter(len(values))
    words[0] = _head(len(values), parameter, False, len(words) - 1)
    low = (_ONE << np.uint64(parameter)) - _ONE
    at, least = _WORD_BITS, np.uint64(0)
    for value in values:
        gap = np.uint64(value) - least
        at += gap >> np.uint64(parameter)
        _put(words, at, _ONE | (gap & low) << _ONE)
        at += np.uint64(parameter + 1)
        least = np.uint64(value) + _ONE


@njit(nogil=True, cache=True)
def _put(words: Words, at: np.uint64, bits: np.uint64) -> None:
    """Set bits from number `at` on, which are 0."""
    word, shift = at >> _SIX, at & _LOW_6
    words[word] |= bits << shift
    beyond = bits >> (_LOW_6 - shift) >> _ONE
    if beyond:
        words[word + _ONE] |= beyond


@njit(nogil=True, cache=True)
def _bits_at(words: Words, at: np.uint64) -> np.uint64:
    """64 bits from number `at` on: of the word there and the next one."""
    word, shift = at >> _SIX, at & _LOW_6
    return np.uint64(words[word] >> shift | words[word + _ONE] << (_LOW_6 - shift) << _ONE)
