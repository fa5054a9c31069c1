"""Leaving out the rarest fragments where training all of them would take too much memory."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapipe.output import RunError
from tokenizer.training.trainer_rules import Rules, character_counts

WRITTEN_SPACE = 0x2581
"""As the trainer sees a space."""
Int64s = npt.NDArray[np.int64]

BASE_BYTES, CHARACTER_BYTES, TEXT_BYTES, PIECE_BYTES = 32 << 20, 24, 16, 200
"""Of native training, beside the process that is there already: tables of all code points, a character of the rows, a
byte of their text, a piece. Measured for English, code and Chinese (`tests/benchmarks/replay.py`): 32, 32 and 69 bytes
for each character, pieces among them; 27 of 49 million characters in 3.0 million rows of many languages."""


@dataclass(frozen=True)
class Pruned:
    """A table of fragments in two: what a vocabulary is learned from, and what was left out."""

    fragments: pa.Array
    """Those that stay, in their order. Characters of what was left out are counted in rows of one character, added at
    the end where there are none: so characters count as in the whole table, and no pair does."""
    counts: Int64s
    left_out: pa.Array
    left_out_counts: Int64s


def native_bytes(fragments: pa.Array, vocab_size: int) -> int:
    """The memory that training natively takes (`native_training`)."""
    return BASE_BYTES + PIECE_BYTES * vocab_size + int(_row_bytes(fragments).sum())


def _row_bytes(fragments: pa.Array) -> Int64s:
    lengths = (pc.utf8_length(fragments), pc.binary_length(fragments))
    characters, text = (length.to_numpy(zero_copy_only=False).astype(np.int64) for length in lengths)
    return np.asarray(CHARACTER_BYTES * characters + TEXT_BYTES * text, np.int64)


def pruned_rows(fragments: pa.Array, counts: Int64s, rules: Rules, max_memory_bytes: int, vocab_size: int) -> Pruned:
    """Leave out the rarest fragments until native training takes at most that much; of equally rare ones the last.

    Raises RunError where that leaves none.
    """
    order = np.argsort(-counts, kind="stable")
    needed = BASE_BYTES + PIECE_BYTES * vocab_size + np.cumsum(_row_bytes(fragments)[order])
    stays = np.zeros(len(counts), bool)
    stays[order[needed <= max_memory_bytes]] = True
    if not stays.any() and len(stays):
        least = int(needed[0])
        raise RunError(
            f"train.max_memory_bytes: {max_memory_bytes:,} is too little for any fragment; {least:,} at least"
        )
    return split_rows(fragments, counts, rules, stays)


def split_rows(fragments: pa.Array, counts: Int64s, rules: Rules, stays: npt.NDArray[np.bool_]) -> Pruned:
    """Leave out the rows that do not stay."""
    left_out, left_out_counts = fragments.filter(pa.array(~stays)), counts[~stays]
    characters = character_counts(left_out, left_out_counts, rules)
    characters[0] = 0  # the trainer passes over NUL
    kept, kept_counts = fragments.filter(pa.array(stays)), counts[stays]
    for place in np.flatnonzero(pc.equal(pc.utf8_length(kept), 1)).tolist():
        code = WRITTEN_SPACE if kept[place].as_py() == " " else ord(kept[place].as_py())
        kept_counts[place] += characters[code]
        characters[code] = 0
    codes = np.flatnonzero(characters)
    singles = pa.array([" " if code == WRITTEN_SPACE else chr(code) for code in codes.tolist()], fragments.type)
    return Pruned(pa.concat_arrays([kept, singles]), np.concatenate([kept_counts, characters[codes]]),
                  left_out, left_out_counts)  # fmt: skip
