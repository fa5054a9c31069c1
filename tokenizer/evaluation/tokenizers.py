"""Tokenizers of any make behind one surface: SentencePiece `.model` and Hugging Face `tokenizer.json`."""

import hashlib
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datapipe import storage
from datapipe.output import RunError

FILES = ("tokenizer.model", "tokenizer.json")
"""What a folder is searched for, in this order, and then for a single `*.model`."""


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


def open_tokenizers(places: list[str]) -> list[Named]:
    """The tokenizers at `places`: files, or folders that hold one. Raises RunError."""
    paths = [_file_at(place) for place in places]
    names = _names(paths)
    return [_open(name, path) for name, path in zip(names, paths, strict=True)]


def _file_at(place: str) -> str:
    if "://" in place:
        return place
    if not Path(place).is_dir():
        return str(Path(place).absolute())
    folder = Path(place).absolute()
    found = [folder / name for name in FILES if (folder / name).is_file()] or sorted(folder.glob("*.model"))
    if not found:
        raise RunError(f"{place}: no tokenizer there; expected {' or '.join(FILES)}")
    return str(found[0])


def _names(paths: list[str]) -> list[str]:
    """The folder's name for files of a usual name, else the file's; the whole path where two are called alike."""
    short = [_short_name(path) for path in paths]
    return [path if short.count(name) > 1 else name for name, path in zip(short, paths, strict=True)]


def _short_name(path: str) -> str:
    *folders, file = path.rstrip("/").split("/")
    return folders[-1] if file in FILES and folders and folders[-1] else file


def _open(name: str, path: str) -> Named:
    try:
        data = storage.read_bytes(path)
    except FileNotFoundError:
        raise RunError(f"{path}: no such tokenizer") from None
    make = _hugging_face if data.lstrip()[:1] == b"{" else _sentence_piece
    return Named(name, path, hashlib.sha256(data).hexdigest(), make(data, path))


def _sentence_piece(data: bytes, path: str) -> Tokenizer:
    from tokenizer.evaluation.sentence_piece import SentencePiece

    return SentencePiece(data, path)


def _hugging_face(data: bytes, path: str) -> Tokenizer:
    from tokenizer.evaluation.hugging_face import HuggingFace

    return HuggingFace(data, path)


def tokens_of(rows: list[npt.NDArray[np.int32]]) -> Tokens:
    """Rows of ids, joined."""
    offsets = np.zeros(len(rows) + 1, np.int64)
    np.cumsum([len(row) for row in rows], out=offsets[1:])
    return Tokens(np.concatenate([*rows, np.zeros(0, np.int32)]).astype(np.int32, copy=False), offsets)
