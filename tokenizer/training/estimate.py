"""What a training will take, before it starts."""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from tokenizer.training.weighted_rows import Rows

PROCESS_BYTES = 35 << 20
"""Python and SentencePiece, without any row."""
BYTES_PER_CHARACTER, BYTES_PER_TEXT_BYTE, BYTES_PER_PIECE = 22, 29, 560
SECONDS_PER_TEXT_BYTE, SECONDS_PER_PIECE = 3.3e-7, 5.7e-6
"""Fitted by least squares to 18 trainings by SentencePiece 0.2.3: counts of 1 to 40 MB of English, Chinese and Go code,
21,000 to 165,000 rows, 8,192 to 128,000 pieces; memory within 15 % (one small table 32 %), CPU time within 45 %."""


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
    """Of one CPU."""

    def __str__(self) -> str:
        """One line for people."""
        return (
            f"{self.rows:,} rows of {self.characters:,} characters; "
            f"about {self.memory_bytes / 1e6:,.0f} MB and {_spoken(self.seconds)}"
        )


def estimate(rows: Rows, vocab_size: int) -> Estimate:
    """What training `vocab_size` pieces on `rows` takes."""
    characters, text_bytes = _sum(pc.utf8_length(rows.fragments)), _sum(pc.binary_length(rows.fragments))
    memory = PROCESS_BYTES + BYTES_PER_CHARACTER * characters + BYTES_PER_TEXT_BYTE * text_bytes
    seconds = SECONDS_PER_TEXT_BYTE * text_bytes + SECONDS_PER_PIECE * vocab_size
    return Estimate(
        len(rows.fragments), characters, text_bytes, memory + BYTES_PER_PIECE * vocab_size, max(seconds, 1.0)
    )


def _sum(lengths: pa.Array) -> int:
    return int(pc.sum(lengths).as_py() or 0)


def _spoken(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:,.0f} s"
    return f"{seconds / 60:,.0f} min" if seconds < 7200 else f"{seconds / 3600:,.1f} h"
