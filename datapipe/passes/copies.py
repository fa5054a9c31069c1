"""How often a document is written to the shards for training: by how many near-duplicates it stands for.

The copies of a document follow one another among the survivors. In a shard each has its own place: the first the one
that it has without copies, the others as far from it and from each other as multiples of the golden ratio are.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapipe.passes.rounds import rounds_of
from datapipe.recipe import Recipe

Counts = npt.NDArray[np.int64]
Draws = npt.NDArray[np.float64]

GOLDEN = (5**0.5 - 1) / 2
"""Its multiples modulo 1 lie apart as evenly as those of any number (Knuth, The Art of Computer Programming, 6.4)."""


@dataclass(frozen=True)
class Repeat:
    """What a recipe says of `repeat`."""

    column: str
    """Of the routes: how many documents one stands for; null where it was compared with none."""
    steps: tuple[tuple[int, int], ...]
    """From how many on it is written how often, rising; once below the first."""

    def times(self, sizes: pa.Array) -> Counts:
        """How often documents of these sizes of clusters are written."""
        least = np.array([0, *(size for size, _ in self.steps)], np.int64)
        often = np.array([1, *(times for _, times in self.steps)], np.int64)
        known = pc.fill_null(sizes, 0).to_numpy(zero_copy_only=False)
        times: Counts = often[np.searchsorted(least, known, "right") - 1]
        return times


def repeat_of(recipe: Recipe) -> Repeat | None:
    """That of the recipe's rounds of near-duplicates; None if documents are written once."""
    for one in rounds_of(recipe):
        if one.near is not None and one.near.repeat:
            return Repeat(one.size_column, tuple(sorted(one.near.repeat.items())))
    return None


def places(keys: Draws) -> Draws:
    """Where documents come in a shard: their draws, and those of copies, which follow with an equal draw, moved on."""
    begins = np.flatnonzero(np.diff(keys, prepend=-1.0))
    copies = np.arange(len(keys)) - np.repeat(begins, np.diff(begins, append=len(keys)))
    moved: Draws = np.where(copies == 0, keys, (keys + copies * GOLDEN) % 1.0)
    return moved
