"""Square roots of weights: the first hundredths of a component count most, and distances are Hellinger's."""

import numpy as np

from trainer.mixture.arrays import Floats

SMOOTH = 1e-6
"""Roots are of weight + SMOOTH: their slope at 0 stays finite, and nothing else changes."""


def roots(weights: Floats) -> Floats:
    """Of any shape."""
    found: Floats = np.sqrt(np.maximum(weights, 0) + SMOOTH)
    return found


def slopes_of_roots(weights: Floats) -> Floats:
    """d root / d weight."""
    found: Floats = 0.5 / roots(weights)
    return found


def squared_hellinger(first_NF: Floats, second_LF: Floats) -> Floats:
    """Half the squared distance of two sets of roots, (N, L): 1 - sum of sqrt(a b) of one phase, phases added up."""
    squares = np.square(first_NF).sum(axis=1)[:, None] + np.square(second_LF).sum(axis=1)
    found: Floats = np.maximum(0.5 * squares - first_NF @ second_LF.T, 0)
    return found
