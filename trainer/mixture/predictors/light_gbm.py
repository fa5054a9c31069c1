"""Gradient-boosted trees, as RegMix fits them (sail-sg/regmix, regression.ipynb): 1,000 rounds at rate 0.01.

RegMix stops early on the mixtures that it then reports on; here all rounds are taken. Trees are smaller where runs are
few: LightGBM's own least of 20 runs per leaf would leave a swarm of 32 without a single split. Needs the extra
`lightgbm`, and every resample takes a fit of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from datapipe.output import RunError
from trainer.mixture.arrays import Floats
from trainer.mixture.predictors.standard import Standard, flat, standard_of

if TYPE_CHECKING:
    from lightgbm import Booster

ROUNDS = 1000
RATE = 0.01


@dataclass(frozen=True)
class LightGbmFit:
    """One booster for each target, on scaled values."""

    boosters: "tuple[Booster, ...]"
    standard: Standard
    flat_NF: Floats

    def predict(self, weights_NPK: Floats) -> Floats:
        """values_NM of mixtures."""
        scaled = [booster.predict(flat(weights_NPK), num_threads=1) for booster in self.boosters]
        return self.standard.back(np.stack(scaled, axis=1))

    def gradient(self, weights_PK: Floats) -> Floats:
        """Raises NotImplementedError: trees are steps."""
        raise NotImplementedError("light_gbm has no gradient")

    def refit(self, values_RNM: Floats, counts_RN: Floats | None = None) -> "Sequence[LightGbmFit]":
        """Fitted to resamples, one after the other."""
        counts_RN = np.ones(values_RNM.shape[:2]) if counts_RN is None else counts_RN
        return [
            LightGbmFit(_boosted(self.flat_NF, self.standard.scaled(values_NM), counts_N), self.standard, self.flat_NF)
            for values_NM, counts_N in zip(values_RNM, counts_RN, strict=True)
        ]


@dataclass(frozen=True)
class LightGbm:
    """The law without its numbers."""

    name: ClassVar[str] = "light_gbm"
    smooth: ClassVar[bool] = False

    def fit(self, weights_NPK: Floats, values_NM: Floats) -> LightGbmFit:
        """Every target by itself. Raises RunError where the library is missing."""
        standard, flat_NF = standard_of(values_NM), flat(weights_NPK)
        boosters = _boosted(flat_NF, standard.scaled(values_NM), np.ones(len(flat_NF)))
        return LightGbmFit(boosters, standard, flat_NF)


def _boosted(flat_NF: Floats, scaled_NM: Floats, counts_N: Floats) -> "tuple[Booster, ...]":
    try:
        import lightgbm
    except ModuleNotFoundError:
        raise RunError("light_gbm needs the extra: pip install 'corpusmill[lightgbm]'") from None
    there_N = counts_N > 0
    runs = int(there_N.sum())
    settings = {
        "objective": "regression",
        "learning_rate": RATE,
        "num_leaves": min(31, max(3, runs // 8)),
        "min_data_in_leaf": min(20, max(2, runs // 10)),
        "min_data_in_bin": 1,
        "seed": 42,
        "num_threads": 1,
        "deterministic": True,
        "force_col_wise": True,
        "verbosity": -1,
    }
    found = []
    for target_N in scaled_NM[there_N].T:
        data = lightgbm.Dataset(flat_NF[there_N], target_N, weight=counts_N[there_N], params=settings)
        found.append(lightgbm.train(settings, data, ROUNDS))
    return tuple(found)
