"""What rows that were left out can still hold after each merge."""

import numpy as np
from numba import njit

from tokenizer.kernels.symbol_table import Int64s


@njit(nogil=True, cache=True)
def most_left(boundaries: Int64s, merged: Int64s, slack: Int64s) -> Int64s:
    """The most that any boundary holds behind each merge, when merge k takes `merged[k]` from `boundaries[k]`.

    `slack`: what each holds at first.
    """
    for step in range(len(merged)):
        slack[boundaries[step]] -= merged[step]
    found = np.zeros(len(merged), np.int64)
    most = slack.max()
    for step in range(len(merged) - 1, -1, -1):
        found[step] = most
        slack[boundaries[step]] += merged[step]
        most = max(most, slack[boundaries[step]])
    return found
