"""Which documents are held out for validation: by a hash of the id, per unit, enough of them even in a small unit.

The share is a step of a ladder that begins at `fraction` and doubles up to `max_fraction`. Every shard counts its
documents below each step, so the smallest step that gives `min_documents` is known from sums alone.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import xxhash

from datapipe.recipe import Holdout


def ladder(holdout: Holdout) -> tuple[float, ...]:
    """The shares that may be held out, ascending; empty when nothing is."""
    if holdout.fraction == 0:
        return ()
    steps = [holdout.fraction]
    while holdout.min_documents > 0 and steps[-1] < holdout.max_fraction:
        steps.append(min(steps[-1] * 2, holdout.max_fraction))
    return tuple(steps)


def draws(ids: Sequence[str], seed: int) -> npt.NDArray[np.float64]:
    """A number in [0, 1) per id, the same on every machine."""
    hashes = np.fromiter((xxhash.xxh3_64_intdigest(one.encode(), seed=seed) for one in ids), np.uint64, len(ids))
    return (hashes >> np.uint64(11)).astype(np.float64) / float(1 << 53)


def below(numbers: npt.NDArray[np.float64], steps: Sequence[float]) -> tuple[int, ...]:
    """How many numbers lie below each step."""
    return tuple(int(np.count_nonzero(numbers < step)) for step in steps)


def share(holdout: Holdout, counts: Sequence[int]) -> float:
    """The share to hold out of a unit with these counts below the steps of the ladder."""
    steps = ladder(holdout)
    for step, count in zip(steps, counts, strict=True):
        if count >= holdout.min_documents:
            return step
    return steps[-1] if steps else 0.0
