"""The formulas, on plain numbers."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

ORDER = 2.5
"""Of the Rényi entropy: the one that went best with translation quality (Zouhar et al. 2023, section 5)."""


def quotient(part: float, whole: float) -> float | None:
    """`part / whole`; None where there is nothing to divide by."""
    return part / whole if whole else None


def renyi_efficiency(frequencies: npt.NDArray[np.int64], size: int, order: float = ORDER) -> float | None:
    """H_order(p) / log(size), with H = log(sum p^order) / (1 - order). None without tokens or choice."""
    total = int(frequencies.sum())
    if total == 0 or size < 2:
        return None
    shares = frequencies[frequencies > 0] / total
    entropy = math.log(float((shares**order).sum())) / (1 - order)
    return max(entropy, 0.0) / math.log(size)


def gini(values: Sequence[float]) -> float | None:
    """Mean absolute difference of all pairs over twice the mean: 0 for equal values, (n - 1) / n for all in one."""
    ordered = np.sort(np.asarray(values, np.float64))
    count, total = len(ordered), float(ordered.sum())
    if count == 0 or total == 0:
        return None
    places = np.arange(1, count + 1)
    return float(((2 * places - count - 1) * ordered).sum() / (count * total))
