"""SentencePiece's BPE once more, natively: which pair each merge took, how often it stood there, and what came next.

Led by a model it tells what `.model` files do not hold: counts. Led by nothing it makes SentencePiece's own pieces,
in order, which is the proof that it counts what the library counts. The rules are those of `bpe_model_trainer.cc` and
`trainer_interface.cc` of 0.2.3:

- The characters that make up `character_coverage` of the text are symbols; others break pairs.
- The pair that stands most often becomes a piece, wherever it stands, from left to right; of equally frequent ones the
  shorter goes first, then the smaller by code points. A text that is a piece already does not become one again.
- Where two pairs of one text are equally frequent, the library takes either; here it is the older pair.

One merge does not depend on how many follow: a smaller vocabulary is the first merges of a larger one and the same
characters.
"""

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tokenizer.model_file import Model
from tokenizer.training.trainer_rules import Rules, character_counts, required_characters

Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Replay:
    """Every merge, in order."""

    characters: str
    pieces: tuple[str, ...]
    parts: npt.NDArray[np.int32]
    """Two columns: the symbols merged. The characters have the first numbers, then the pieces in order; -1 where a
    piece has no two parts among those before it."""
    counts: Int64s
    """How often the pair stood there, places that overlap (as in `aaa`) counted each; 0 where it never did."""
    merged: Int64s
    """How often it was merged: less than `counts` only where places overlap."""
    runner_up: Int64s
    """Count of the most frequent other pair at that moment; 0 without one."""
    is_next: npt.NDArray[np.bool_]
    """Whether the rules take this pair of these rows. False tells that a model comes of others."""

    @property
    def leads(self) -> Int64s:
        """How much more often the pair stood there than any other one."""
        return self.counts - self.runner_up


def replay(fragments: pa.Array, counts: Int64s, model: Model, rules: Rules) -> Replay:
    """Make the merges of `model` in these rows: fragments, each once, and their counts of at least 1."""
    from tokenizer.kernels.merges import LATER
    from tokenizer.replaying.merging import NO_SLACK, led_steps, merging

    normal = [piece.text for piece in model.pieces if piece.kind == "normal"]
    characters = "".join(piece for piece in normal if len(piece) == 1)
    pieces = tuple(piece for piece in normal if len(piece) > 1)
    steps = led_steps(pieces, characters)
    merging(fragments, counts, characters, rules, steps, NO_SLACK).run(len(pieces))
    parts, told = steps.merged.reshape(-1, 2), steps.told.reshape(-1, 4)
    return Replay(characters, pieces, parts, told[:, 0], told[:, 1], told[:, 2], told[:, 3] != LATER)


def learn(fragments: pa.Array, counts: Int64s, merges: int, rules: Rules, character_coverage: float) -> Replay:
    """Make the merges that SentencePiece makes of these rows: so many, or all that there are."""
    from tokenizer.kernels.merges import LATER
    from tokenizer.replaying.merging import NO_SLACK, free_steps, merging

    characters = required_characters(character_counts(fragments, counts, rules), character_coverage)
    steps = free_steps(merges)
    state = merging(fragments, counts, characters, rules, steps, NO_SLACK)
    made, table = state.run(merges), state.symbols
    starts = table.start[len(characters) : len(characters) + made + 1]
    texts = (table.codes[start:end].tolist() for start, end in itertools.pairwise(starts))
    parts, told = steps.merged.reshape(-1, 2)[:made], steps.told.reshape(-1, 4)[:made]
    pieces = tuple("".join(map(chr, text)) for text in texts)
    return Replay(characters, pieces, parts, told[:, 0], told[:, 1], told[:, 2], told[:, 3] != LATER)
