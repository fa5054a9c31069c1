"""What a design is to tell apart: weights as terms of a regression.

Weights of a phase sum to 1, so that no constant stands beside them: Scheffe's models of mixtures (Scheffe 1958,
Journal of the Royal Statistical Society B 20). Flat weights are phase after phase.
"""

import math

import numpy as np

from trainer.mixture.arrays import Floats

RANK_TOLERANCE = 1e-9
"""Directions in which mixtures vary by less, compared with that in which they vary most, are none."""


def flat(weights_NPK: Floats) -> Floats:
    """One row a mixture: the linear terms, (N, P x K)."""
    return weights_NPK.reshape(len(weights_NPK), math.prod(weights_NPK.shape[1:]))


def directions(rows_NF: Floats) -> Floats:
    """An orthonormal basis of what `rows_NF` span, (F, R): terms that always go together count once."""
    _, lengths, found_RF = np.linalg.svd(rows_NF, full_matrices=False)
    found: Floats = found_RF[lengths > RANK_TOLERANCE * lengths[0]].T
    return found
