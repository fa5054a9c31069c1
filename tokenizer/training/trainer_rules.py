"""The rules by which SentencePiece's trainer takes in rows, and chooses the characters of a vocabulary."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tokenizer.recipe import Symbols, Train
from tokenizer.symbols import fixed_pieces

if TYPE_CHECKING:
    from tokenizer.kernels.row_symbols import Apart

Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Rules:
    """What of the trainer's settings decides merges. Beyond them spaces stay in front of words, and scripts apart."""

    fixed: Sequence[str]
    """All pieces of the vocabulary that are not learned."""
    max_piece_length: int = 16
    split_digits: bool = True


def rules_of(train: Train, symbols: Symbols) -> Rules:
    """The rules that `train` sets for SentencePiece."""
    return Rules(fixed_pieces(symbols, train), train.max_piece_length, symbols.split_digits != "none")


def character_counts(fragments: pa.Array, counts: Int64s, rules: Rules) -> Int64s:
    """How often the trainer sees each code point in these rows."""
    from tokenizer.kernels.row_symbols import CODE_POINTS, add_characters

    found = np.zeros(CODE_POINTS, np.int64)
    add_characters(*text_buffers(fragments), counts, symbols_apart(rules), found)
    return found


def required_characters(counts: Int64s, character_coverage: float) -> str:
    """The characters that get a piece of their own: the most frequent ones until the others are rare enough."""
    from tokenizer.kernels.row_symbols import BREAK, NUL, SPACE

    counts = counts.copy()
    counts[[NUL, SPACE]] = 0  # the trainer passes over NUL and what is no valid UTF-8
    codes = np.flatnonzero(counts)
    codes = codes[np.lexsort((codes, -counts[codes]))]
    covered = (np.cumsum(counts[codes]) - counts[codes]) / max(counts.sum(), 1)
    required = codes[covered.astype(np.float32) < np.float32(character_coverage)]  # 32 bits, as it does
    return "".join(chr(code) for code in required.tolist() if code != BREAK)


def text_buffers(fragments: pa.Array) -> tuple[Int64s, npt.NDArray[np.uint8]]:
    """Offsets and bytes of an array of strings."""
    whole = fragments.cast(pa.large_string())
    _, offsets, data = whole.buffers()
    places = np.frombuffer(offsets, np.int64)[whole.offset : whole.offset + len(whole) + 1] if len(whole) else [0]
    return np.asarray(places, np.int64), np.frombuffer(data or b"", np.uint8)


def symbols_apart(rules: Rules) -> "Apart":
    """What is never part of a piece, for the kernels."""
    from tokenizer.kernels.row_symbols import CODE_POINTS, Apart

    longest_first = sorted((piece.encode() for piece in rules.fixed), key=len, reverse=True)
    begins = np.zeros(CODE_POINTS, np.uint8)
    begins[[ord(piece[0]) for piece in rules.fixed]] = 1
    offsets = np.cumsum([0, *map(len, longest_first)]).astype(np.int64)
    return Apart(begins, offsets, np.frombuffer(b"".join(longest_first), np.uint8))
