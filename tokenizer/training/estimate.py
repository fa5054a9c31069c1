"""What a training will take, before it starts."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tokenizer.training.weighted_rows import Rows

Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Memory:
    """What a training takes at its peak, in bytes."""

    base: int
    """Without any row,"""
    per_character: int
    """of rows, each once,"""
    per_text_byte: int
    """of them,"""
    per_piece: int
    """of the vocabulary."""

    def of_rows(self, fragments: pa.Array) -> Int64s:
        """Of each row."""
        lengths = (pc.utf8_length(fragments), pc.binary_length(fragments))
        characters, text = (length.to_numpy(zero_copy_only=False).astype(np.int64) for length in lengths)
        return np.asarray(self.per_character * characters + self.per_text_byte * text, np.int64)

    def of_vocabulary(self, vocab_size: int) -> int:
        """Of a training of so many pieces, without any row."""
        return self.base + self.per_piece * vocab_size

    def needed(self, fragments: pa.Array, vocab_size: int) -> int:
        """Of all."""
        return self.of_vocabulary(vocab_size) + int(self.of_rows(fragments).sum())


SENTENCEPIECE = Memory(35 << 20, per_character=22, per_text_byte=29, per_piece=560)
"""Of the process that trains. Fitted by least squares to 18 trainings by SentencePiece 0.2.3: counts of 1 to 40 MB of
English, Chinese and Go code, 21,000 to 165,000 rows, 8,192 to 128,000 pieces. Within 15 % for these (one small table
32 %), and for 37,000 to 2,340,000 rows of prose in many languages and code, 16,000 to 256,000 pieces."""
NATIVE = Memory(32 << 20, per_character=24, per_text_byte=16, per_piece=200)
"""Of native training, beside the process that is there already, with its tables of all code points. Measured for
English, code and Chinese (`tests/benchmarks/replay.py`): 32, 32 and 69 bytes for each character, pieces among them; 27
of 49 million characters in 3.0 million rows of many languages."""
LEAST_SECONDS, SECONDS_PER_TEXT_BYTE, SECONDS_PER_PIECE = 1.0, 7.5e-7, 3e-5
"""CPU time of all that `tokenizer train` does: counts read, pieces trained, merges made once more, files written.
Chosen so that large tables are not promised too little: 2,340,000 rows of 34.8 MB and 256,000 pieces took 33 s (1.3 to
read, 19.5 to train, 12.6 to check), and 43 s with two more sizes to write; this says 35. Small ones may take half."""


@dataclass(frozen=True)
class Estimate:
    """Of one training."""

    rows: int
    characters: int
    text_bytes: int
    """Of the rows, each once."""
    memory_bytes: int
    """Of the process that trains, at its peak."""
    seconds: float
    """Of one CPU, from the counts to the files of the model."""

    def __str__(self) -> str:
        """One line for people."""
        return (
            f"{self.rows:,} rows of {self.characters:,} characters; "
            f"about {self.memory_bytes / 1e6:,.0f} MB and {_spoken(self.seconds)}"
        )


def estimate(rows: Rows, vocab_size: int) -> Estimate:
    """What training `vocab_size` pieces on `rows` takes."""
    characters, text_bytes = _sum(pc.utf8_length(rows.fragments)), _sum(pc.binary_length(rows.fragments))
    seconds = LEAST_SECONDS + SECONDS_PER_TEXT_BYTE * text_bytes + SECONDS_PER_PIECE * vocab_size
    memory = SENTENCEPIECE.needed(rows.fragments, vocab_size)
    return Estimate(len(rows.fragments), characters, text_bytes, memory, seconds)


def _sum(lengths: pa.Array) -> int:
    return int(pc.sum(lengths).as_py() or 0)


def _spoken(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:,.0f} s"
    return f"{seconds / 60:,.0f} min" if seconds < 7200 else f"{seconds / 3600:,.1f} h"
