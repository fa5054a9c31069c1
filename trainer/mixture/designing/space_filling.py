"""Rows that lie far from one another: no law is assumed, every part of the space is seen."""

import numpy as np

from trainer.mixture.arrays import Floats
from trainer.mixture.designing.features import flat


def choose_space_filling(candidates_CPK: Floats, there_NPK: Floats, count: int) -> Floats:
    """`count` of the candidates (count, P, K): one after the other the farthest from all rows that are there by then.

    The least distance between rows is at least half of the largest that is possible (Gonzalez 1985, Theoretical
    Computer Science 38). Distances are Hellinger's, between square roots of weights: 0.1 % to 1 % of a small component
    is as far as it is for a model's loss. Candidates must be at least `count`.
    """
    roots_CF, roots_NF = np.sqrt(flat(candidates_CPK)), np.sqrt(flat(there_NPK))
    distance_C = np.full(len(roots_CF), np.inf)
    for row in roots_NF:
        distance_C = np.minimum(distance_C, ((roots_CF - row) ** 2).sum(axis=1))
    chosen: list[int] = []
    for _ in range(count):
        best = int(np.argmax(distance_C))
        chosen.append(best)
        distance_C = np.minimum(distance_C, ((roots_CF - roots_CF[best]) ** 2).sum(axis=1))
    return candidates_CPK[chosen]
