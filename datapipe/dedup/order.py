"""Values as 64-bit words that are ordered as the values are, so that records are compared without knowing types.

Nulls come last in either order, and NaN is taken for null. Of text the first 24 bytes of UTF-8 count; the two greatest
64-bit integers (descending: the two least) are one.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Words = npt.NDArray[np.uint64]
"""Shape (rows, words)."""

TEXT_WORDS = 3
_TEXT_BYTES = 8 * TEXT_WORDS
_LAST = np.uint64(2**64 - 1)
_SIGN = np.uint64(1 << 63)
_ABOVE_UTF8 = 0xFE
"""No byte of UTF-8 is above 0xF4: taken from this, bytes are in falling order and below those of null."""


def order_words(kind: pa.DataType) -> int:
    """How many words a value of this type takes, 0 for a type without order."""
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return TEXT_WORDS
    return int(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind))


def ordered(array: pa.Array, descending: bool) -> Words:
    """The words of every value."""
    if order_words(array.type) == TEXT_WORDS:
        return _of_text(array, descending)
    is_null = array.is_null(nan_is_null=True).to_numpy(zero_copy_only=False)
    words = _of_floats(array) if pa.types.is_floating(array.type) else _of_integers(array)
    words = np.minimum(~words if descending else words, _LAST - np.uint64(1))
    words[is_null] = _LAST
    return words.reshape(-1, 1)


def _of_integers(array: pa.Array) -> Words:
    numbers: Words = pc.fill_null(pc.cast(array, pa.int64()), 0).to_numpy(zero_copy_only=False).view(np.uint64)
    return numbers ^ _SIGN


def _of_floats(array: pa.Array) -> Words:
    """IEEE 754 numbers are ordered as their bits once those of negative ones are turned round."""
    numbers = pc.fill_null(pc.cast(array, pa.float64()), 0.0).to_numpy(zero_copy_only=False)
    bits: Words = (numbers + 0.0).view(np.uint64)  # which makes negative zero positive
    return np.where(bits & _SIGN != 0, ~bits, bits | _SIGN)


def _of_text(array: pa.Array, descending: bool) -> Words:
    is_null = array.is_null().to_numpy(zero_copy_only=False)
    cut = pc.binary_slice(pc.cast(pc.fill_null(array, ""), pa.large_binary()), 0, _TEXT_BYTES)
    # NumPy pads with zeros to the full length.
    padded = np.array(cut.to_pylist(), f"S{_TEXT_BYTES}").view(np.uint8).reshape(-1, _TEXT_BYTES)
    if descending:
        padded = (_ABOVE_UTF8 - padded).astype(np.uint8)
    words = np.ascontiguousarray(padded).view(">u8").astype(np.uint64)
    words[is_null] = _LAST
    return words
