"""Runs of one mixture taken together: a mean of as many runs, so that leaving one out leaves its repeats out too."""

from dataclasses import dataclass

import numpy as np

from trainer.mixture.arrays import Floats, Ints
from trainer.mixture.evidence import same_mixtures
from trainer.mixture.predictors.standard import flat


@dataclass(frozen=True)
class Mixtures:
    """The U different ones among N runs."""

    flat_UF: Floats
    place_N: Ints
    """Which of them each run has."""

    def resampled(self, values_RNM: Floats, counts_RN: Floats | None) -> tuple[Floats, Floats]:
        """Runs of each mixture in every resample (R, U), and their mean values (R, U, M), 0 where there are none."""
        resamples, runs = values_RNM.shape[:2]
        counts_RN = np.ones((resamples, runs)) if counts_RN is None else counts_RN
        member_NU = np.zeros((runs, len(self.flat_UF)))
        member_NU[np.arange(runs), self.place_N] = 1
        counts_RU = counts_RN @ member_NU
        if len(self.flat_UF) == runs:
            return counts_RU, values_RNM
        sums_RUM = np.matmul(member_NU.T, counts_RN[..., None] * values_RNM)
        return counts_RU, sums_RUM / np.maximum(counts_RU, 1)[..., None]

    def means(self, values_NM: Floats) -> tuple[Floats, Floats]:
        """Runs of each mixture (U,), and their mean values (U, M)."""
        counts_RU, values_RUM = self.resampled(values_NM[None], None)
        return counts_RU[0], values_RUM[0]


def mixtures_of(weights_NPK: Floats) -> Mixtures:
    """In order of their first runs."""
    first_N = np.array(same_mixtures(weights_NPK), np.intp)
    first_U, place_N = np.unique(first_N, return_inverse=True)
    return Mixtures(flat(weights_NPK)[first_U], place_N)
