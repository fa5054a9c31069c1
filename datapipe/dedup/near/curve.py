"""The curve of banded signatures: how likely a pair of a given similarity has an equal band (MMDS, section 3.4)."""

from functools import lru_cache

import numpy as np

_MOST_PLACES = 512
"""At which a curve is looked at to find areas: beyond twice as many permutations they are still good to 10 digits."""


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
    # Polynomials up to twice as many degrees as places are integrated exactly; these have one per permutation at most.
    places, weights = np.polynomial.legendre.leggauss(min(permutations // 2 + 1, _MOST_PLACES))
    below, above = threshold * (places + 1) / 2, 1 - (1 - threshold) * (places + 1) / 2
    least, best = np.inf, (1, 1)
    for bands in range(1, permutations + 1):
        rows = np.arange(1, permutations // bands + 1)
        found = threshold * (1 - (1 - below ** rows[:, None]) ** bands) @ weights
        missed = (1 - threshold) * (1 - above ** rows[:, None]) ** bands @ weights
        areas = found + missed
        if areas.min() < least:
            least, best = areas.min(), (bands, int(rows[areas.argmin()]))
    return best
