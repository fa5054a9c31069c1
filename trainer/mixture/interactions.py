"""What moving tokens to a component does to each target, and how sure that is."""

from collections.abc import Sequence

import numpy as np

from trainer.mixture.arrays import Floats
from trainer.mixture.fit_file import Interaction
from trainer.mixture.predictors.predictor import Fitted

MOVED = 0.01
"""Share of a phase's tokens."""
INTERVAL = 0.8


def interactions(
    fitted: Fitted,
    without_fold: Sequence[Fitted],
    reference_PK: Floats,
    phases: Sequence[str],
    components: Sequence[str],
    targets: Sequence[str],
) -> tuple[Interaction, ...]:
    """The effect of every component in every phase on every target, at the reference mixture.

    Intervals are those of the delete-a-group jackknife (Kott 2001, Journal of Official Statistics 17:521): the
    variance is (folds - 1) / folds times the sum of squares of the fits without one fold around their mean, and
    Student's t has as many degrees of freedom as there are folds less one.
    """
    from scipy import stats

    effect_PKM = _effects(fitted, reference_PK)
    of_folds = np.array([_effects(one, reference_PK) for one in without_fold])
    folds = len(of_folds)
    variance_PKM = (folds - 1) / folds * ((of_folds - of_folds.mean(axis=0)) ** 2).sum(axis=0)
    half_PKM = stats.t.ppf((1 + INTERVAL) / 2, folds - 1) * np.sqrt(variance_PKM)
    return tuple(
        Interaction(phase, component, target, float(effect), float(effect - half), float(effect + half))
        for place_p, phase in enumerate(phases)
        for place_k, component in enumerate(components)
        for target, effect, half in zip(targets, effect_PKM[place_p, place_k], half_PKM[place_p, place_k], strict=True)
    )


def moved(weights_PK: Floats, phase: int, component: int, share: float = MOVED) -> Floats:
    """The mixture with so much more of one component in one phase, taken from all others in proportion to their
    weights; a negative share goes the other way, alike where the others have nothing."""
    others_K = weights_PK[phase].copy()
    others_K[component] = 0
    others_K = others_K if others_K.sum() > 0 else (np.arange(len(others_K)) != component).astype(np.float64)
    found = weights_PK.copy()
    found[phase] -= share * others_K / others_K.sum()
    found[phase, component] += share
    return found


def _effects(fitted: Fitted, reference_PK: Floats) -> Floats:
    """(P, K, M), for MOVED of the tokens: backwards where a component has nearly all of them already."""
    phases, components = reference_PK.shape
    shares_PK = np.where(reference_PK > 1 - MOVED, -MOVED, MOVED)
    there = [moved(reference_PK, p, k, shares_PK[p, k]) for p in range(phases) for k in range(components)]
    values_NM = fitted.predict(np.array([reference_PK, *there]))
    effects: Floats = (values_NM[1:] - values_NM[0]).reshape(phases, components, -1)
    signed: Floats = effects * np.sign(shares_PK)[:, :, None]
    return signed
