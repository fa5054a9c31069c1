"""Leaving out the rarest fragments where training all of them would take too much memory."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapipe.output import RunError
from tokenizer.training.estimate import NATIVE
from tokenizer.training.trainer_rules import Rules, character_counts

WRITTEN_SPACE = 0x2581
"""As the trainer sees a space."""
Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Pruned:
    """A table of fragments in two: what a vocabulary is learned from, and what was left out."""

    fragments: pa.Array
    """Those that stay, in their order. Characters of what was left out are counted in rows of one character, added at
    the end where there are none: so characters count as in the whole table, and no pair does."""
    counts: Int64s
    left_out: pa.Array
    left_out_counts: Int64s


def pruned_rows(fragments: pa.Array, counts: Int64s, rules: Rules, max_memory_bytes: int, vocab_size: int) -> Pruned:
    """Leave out the rarest fragments until native training takes at most that much; of equally rare ones the last.

    Raises RunError where that leaves none.
    """
    order = np.argsort(-counts, kind="stable")
    needed = NATIVE.of_vocabulary(vocab_size) + np.cumsum(NATIVE.of_rows(fragments)[order])
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
