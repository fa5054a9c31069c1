"""Whether longer proxies would say something else: rank correlation of earlier measurements with the last."""

from collections.abc import Mapping

import numpy as np

from trainer.mixture.arrays import Floats
from trainer.mixture.evidence import Evidence
from trainer.mixture.results import Measurement, Result
from trainer.mixture.scores import spearman


def checkpoint_ranks(evidence: Evidence, results: Mapping[str, Result]) -> tuple[tuple[int, str, float], ...]:
    """Tokens, target and Spearman over runs, from the first checkpoint to the last but one.

    Only of checkpoints that every run of the evidence has, with a finite value; nothing where values do not vary.
    """
    last_NM = evidence.values_NM
    by_tokens = [{one.tokens: one for one in results[run.id].measurements[:-1]} for run in evidence.runs]
    everywhere = set.intersection(*(set(one) for one in by_tokens))
    found: list[tuple[int, str, float]] = []
    for tokens in sorted(everywhere):
        for place, target in enumerate(evidence.targets):
            values_N = _values([one[tokens] for one in by_tokens], target)
            correlation = None if np.isnan(values_N).any() else spearman(last_NM[:, place], values_N)
            if correlation is not None:
                found.append((tokens, target, correlation))
    return tuple(found)


def _values(measurements: list[Measurement], target: str) -> Floats:
    """Of one target; nan where it is missing."""
    found = [measurement.targets.get(target) for measurement in measurements]
    return np.array([np.nan if value is None else value for value in found], np.float64)
