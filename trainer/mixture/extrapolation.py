"""Anchors and deletions predicted from all other mixtures: what a law says where it must extrapolate."""

import numpy as np

from trainer.mixture.cross_validation import Mixtures
from trainer.mixture.evidence import Evidence
from trainer.mixture.fit_file import AnchorScore
from trainer.mixture.predictors.predictor import Fitted

LEFT_OUT = ("anchor", "repeat", "deletion")


def left_out_scores(fitted: Fitted, evidence: Evidence, mixtures: Mixtures) -> tuple[AnchorScore, ...]:
    """For each of them and every target, in the order of the swarm. `fitted` is a law fitted to all of the evidence.

    It is fitted again without all runs of the mixture; strengths and lengths stay those found with it.
    """
    firsts: dict[int, int] = {}
    for place, (run, mixture) in enumerate(zip(evidence.runs, mixtures.of_run.tolist(), strict=True)):
        if run.kind in LEFT_OUT:
            firsts.setdefault(mixture, place)
    if not firsts:
        return ()
    others_RN = (mixtures.of_run != np.array(list(firsts))[:, None]).astype(np.float64)
    laws = fitted.refit(np.broadcast_to(evidence.values_NM, (len(firsts), *evidence.values_NM.shape)), others_RN)
    found: list[AnchorScore] = []
    for (mixture, place), law in zip(firsts.items(), laws, strict=True):
        run = evidence.runs[place]
        predicted_M = law.predict(mixtures.weights_NPK[mixture][None])[0]
        observed_M = mixtures.values_NM[mixture]
        found.extend(
            AnchorScore(run.id, run.kind, run.of, target, float(predicted), float(observed))
            for target, predicted, observed in zip(evidence.targets, predicted_M, observed_M, strict=True)
        )
    return tuple(found)
