"""Texts -> ids, equal to those of SentencePiece id for id, many times as fast where the model is one of ours."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datapipe.output import RunError
from tokenizer.encoding.plain_encoder import PlainEncoder
from tokenizer.model_file import SPACE, Model, read_model

if TYPE_CHECKING:
    from tokenizer.kernels.fragment_cache import FragmentCache
    from tokenizer.kernels.merge_tables import MergeTables

CACHE_SLOTS = 1 << 20
"""Of the fragments that are remembered: half of them at most get filled,"""
CACHE_BYTES = 1 << 26
"""and of their bytes and ids: most English fragments take 24. With the slots 80 MiB when full, per thread."""


class Encoder:
    """A SentencePiece model at work. What it gives depends on model and text alone: not on batch, history or thread.

    Models that split text by rules other than those our kernels follow are left to SentencePiece itself.
    """

    def __init__(self, data: bytes, name: str, *, plain: bool = False) -> None:
        """Take the model in `data`, called `name` in messages; `plain` leaves it to SentencePiece whatever it is.

        Raises RunError where it is no sound model.
        """
        from tokenizer.encoding.tables import why_not_native

        self.model: Model = read_model(data, name)
        self.reason: str | None = "plain SentencePiece was asked for" if plain else why_not_native(self.model)
        """Why SentencePiece does the work, in words; None where our kernels do."""
        self._idle: list[FragmentCache] = []

    @property
    def is_native(self) -> bool:
        """Whether our kernels do the work."""
        return self.reason is None

    @property
    def vocab_size(self) -> int:
        """Number of pieces."""
        return self.model.vocab_size

    def encode(self, texts: pa.Array) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
        """The ids of all texts, one behind another, and where those of each begin, with the end: one more than texts.

        `texts` are strings or binary, 32 or 64 bit; bytes need not be UTF-8. A null has no ids.
        """
        return self._encode_natively(*_buffers(texts)) if self.is_native else self.plain.encode(texts)

    def decode(self, ids: Sequence[int]) -> str:
        """The text of these ids."""
        return str(self.plain.processor.decode(list(ids)))

    @cached_property
    def plain(self) -> PlainEncoder:
        """SentencePiece with this model. Raises RunError where it does not want it."""
        try:
            return PlainEncoder(self.model.data, self.model.name)
        except RuntimeError as error:
            raise RunError(f"{self.model.name}: SentencePiece refuses it: {str(error).splitlines()[0]}") from None

    @cached_property
    def _tables(self) -> "MergeTables":
        from tokenizer.encoding.tables import merge_tables

        return merge_tables(self.model)

    def _encode_natively(
        self, data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
        from tokenizer.kernels.encoding import encode_texts, mended_sizes
        from tokenizer.kernels.fragment_cache import new_fragment_cache

        sizes = np.empty(len(offsets) - 1, np.int64)
        mended_sizes(data, offsets, sizes)
        prefix = int(self.model.add_dummy_prefix)
        spaces = (0, prefix) if self.model.treat_whitespace_as_suffix else (prefix, 0)
        lengths = np.where(sizes < 0, np.diff(offsets), sizes) + prefix
        ids = np.empty(int(lengths.sum()) * self._ids_per_byte, np.int32)
        ends = np.zeros(len(offsets), np.int64)
        try:
            cache = self._idle.pop()  # a cache is used by one thread at a time: each takes one and puts it back
        except IndexError:
            cache = new_fragment_cache(CACHE_SLOTS, CACHE_BYTES)
        encode_texts(self._tables, cache, data, offsets, sizes, spaces, ids, ends[1:])
        self._idle.append(cache)
        return ids[: ends[-1]].copy(), ends

    @cached_property
    def _ids_per_byte(self) -> int:
        """At most: a space without a piece becomes the three bytes of U+2581, any other character its own bytes."""
        has_space = any(piece.text == SPACE and piece.kind in ("normal", "user_defined") for piece in self.model.pieces)
        return 1 if has_space else 3


def _buffers(texts: pa.Array) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Bytes and offsets of an Arrow array, without a copy where it is of 64 bits and without nulls."""
    wide = texts.cast(pa.large_binary())
    if wide.null_count:
        wide = wide.fill_null(b"")
    _, offsets, data = wide.buffers()
    places = np.frombuffer(offsets, np.int64)[wide.offset : wide.offset + len(wide) + 1]
    return np.frombuffer(data or b"", np.uint8), places
