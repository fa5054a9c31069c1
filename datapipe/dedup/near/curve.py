"""The curve of banded signatures: how likely a pair of a given similarity has an equal band (MMDS, section 3.4)."""

from functools import lru_cache

import numpy as np


def found_probability(jaccard: float, bands: int, rows: int) -> float:
    """1 - (1 - J ** rows) ** bands."""
    return float(1 - (1 - jaccard**rows) ** bands)


def nominal_threshold(bands: int, rows: int) -> float:
    """(1 / bands) ** (1 / rows), near the steepest place of the curve; not where half of all pairs are found."""
    return float((1 / bands) ** (1 / rows))


def even_threshold(bands: int, rows: int) -> float:
    """The similarity at which half of all pairs are found."""
    return float((1 - 0.5 ** (1 / bands)) ** (1 / rows))


@lru_cache(maxsize=16)
def optimal_banding(threshold: float, permutations: int) -> tuple[int, int]:
    """Bands and rows, at most `permutations` together, with the least sum of two areas: of what is found below the
    threshold, and of what is missed above it. The rule of datasketch, with even weights; of equals the first.
    """
    raise NotImplementedError(np.__name__)
