"""What a design can tell before anything runs: standard errors, in units of the noise of one run.

By the linear law, value = weights @ effects + noise: the variance of what x says is sigma^2 x' (X'X)^-1 x. Laws with
more terms know less; targets with more noise in some mixtures than in others know it worse there.
"""

from dataclasses import dataclass

import numpy as np

from trainer.mixture.arrays import Floats
from trainer.mixture.designing.features import RANK_TOLERANCE, flat

MOVED = 0.1
"""Weight that an effect moves."""
UNTOLD = 1e-6
"""Share of a difference that lies in no direction in which the runs vary: from here on they cannot tell of it."""


@dataclass(frozen=True)
class Errors:
    """Standard errors divided by the standard deviation of noise; infinite where the runs cannot tell."""

    effects_PK: Floats
    """Of what changes as a tenth of a phase's tokens moves to a component from all others, in proportion (Cox's
    direction): one number for each component, `nan` where it has all of the reference."""
    prediction: float
    """Of a prediction: root mean square over the space."""
    worst_prediction: float
    """The largest."""
    rank: int
    """Parameters of the linear law that the runs determine."""
    parameters: int
    """Those that it has: P (K - 1) + 1."""


def expected_errors(weights_NPK: Floats, reference_PK: Floats, space_CPK: Floats) -> Errors:
    """Of a design, for effects around `reference_PK` and predictions of `space_CPK`, mixtures all over the space."""
    phases, components = reference_PK.shape
    _, lengths_R, basis_RF = np.linalg.svd(flat(weights_NPK), full_matrices=False)
    kept = lengths_R > RANK_TOLERANCE * lengths_R[0]
    basis_RF, lengths_R = basis_RF[kept], lengths_R[kept]

    def errors(rows_CF: Floats) -> Floats:
        along_CR = rows_CF @ basis_RF.T
        beyond_C = np.linalg.norm(rows_CF - along_CR @ basis_RF, axis=1)
        found_C: Floats = np.linalg.norm(along_CR / lengths_R, axis=1)
        return np.where(beyond_C <= UNTOLD * np.linalg.norm(rows_CF, axis=1), found_C, np.inf)

    predictions_C = errors(flat(space_CPK))
    return Errors(
        effects_PK=errors(cox_directions(reference_PK)).reshape(phases, components),
        prediction=float(np.sqrt(np.mean(predictions_C**2))),
        worst_prediction=float(predictions_C.max()),
        rank=int(kept.sum()),
        parameters=phases * (components - 1) + 1,
    )


def cox_directions(reference_PK: Floats) -> Floats:
    """For each weight the change, (P x K, P x K), that gives it MOVED from the others of its phase in proportion."""
    phases, components = reference_PK.shape
    found = np.zeros((phases, components, phases, components))
    for phase in range(phases):
        for component in range(components):
            others_K = reference_PK[phase].copy()
            others_K[component] = 0
            total = others_K.sum()
            found[phase, component, phase] = -MOVED * others_K / total if total else np.nan
            found[phase, component, phase, component] += MOVED
    return found.reshape(phases * components, -1)
