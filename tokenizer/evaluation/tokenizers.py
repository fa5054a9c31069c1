"""Tokenizers of any make behind one surface: SentencePiece `.model` and Hugging Face `tokenizer.json`."""

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa


class Kind(IntEnum):
    """What a piece is for."""

    TEXT = 0
    """Stands for its text: learned pieces, and user-defined symbols."""
    BYTE = 1
    """One byte of a character that has no piece of its own."""
    UNKNOWN = 2
    """What the tokenizer writes where it has nothing else."""
    CONTROL = 3
    """Comes from no text: begin, end, padding, reserved ..."""
    INNER = 4
    """Stands for its text, but only inside a word: `##ing` of WordPiece."""


@dataclass(frozen=True)
class Vocabulary:
    """The pieces of a tokenizer, by id."""

    kinds: npt.NDArray[np.uint8]
    """A `Kind` for every id."""
    byte_values: npt.NDArray[np.int16]
    """The byte of every byte piece, -1 for the others."""

    @property
    def size(self) -> int:
        """Ids there are."""
        return len(self.kinds)

    def of_kind(self, *kinds: Kind) -> npt.NDArray[np.int64]:
        """Ids of those kinds, ascending."""
        return np.flatnonzero(np.isin(self.kinds, kinds))


class Tokens(NamedTuple):
    """Ids of many texts, one after another; text k has `ids[offsets[k] : offsets[k + 1]]`."""

    ids: npt.NDArray[np.int32]
    offsets: npt.NDArray[np.int64]

    @property
    def counts(self) -> npt.NDArray[np.int64]:
        """Tokens of each text."""
        return np.diff(self.offsets)

    def rows(self) -> list[list[int]]:
        """The ids of each text as lists, as decoders take them."""
        ids = self.ids.tolist()
        return [ids[a:b] for a, b in zip(self.offsets[:-1].tolist(), self.offsets[1:].tolist(), strict=True)]


class Tokenizer(Protocol):
    """What is evaluated. Texts are text: nothing is added to them, and marks such as `</s>` in them mean nothing."""

    @property
    def engine(self) -> str:
        """The library whose tokenizer it is, with its version."""

    @property
    def vocabulary(self) -> Vocabulary:
        """Its pieces."""

    def encode(self, texts: pa.Array) -> Tokens:
        """Ids of each of the texts (large_string without nulls)."""

    def encode_by_library(self, texts: list[str]) -> None:
        """The same through `engine` alone, on one core: what is timed, since a cache of ours would know the sample."""

    def decode(self, rows: list[list[int]]) -> list[str]:
        """The text of each row of ids."""


@dataclass(frozen=True)
class Named:
    """A tokenizer and where it is from."""

    name: str
    """As tables call it: unique among those compared."""
    path: str
    sha256: str
    """Of the file."""
    tokenizer: Tokenizer


def tokens_of(rows: list[npt.NDArray[np.int32]]) -> Tokens:
    """Rows of ids, joined."""
    offsets = np.zeros(len(rows) + 1, np.int64)
    np.cumsum([len(row) for row in rows], out=offsets[1:])
    return Tokens(np.concatenate([*rows, np.zeros(0, np.int32)]).astype(np.int32, copy=False), offsets)
