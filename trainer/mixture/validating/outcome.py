"""What came of pairs of runs: mean differences with Student's interval, which needs no more than the pairs."""

from collections.abc import Mapping, Sequence

import numpy as np

from datapipe.output import RunError
from trainer.mixture.arrays import Floats
from trainer.mixture.objective import Objective
from trainer.mixture.results import Result
from trainer.mixture.validating.pairs import run_name
from trainer.mixture.validating.prediction import OBJECTIVE, with_objective
from trainer.mixture.validation_file import ObservedTarget, Pair, Prediction, ValidationResult


def outcome(prediction: Prediction, digest: str, results: Sequence[Result], objective: Objective) -> ValidationResult:
    """What came of the pairs that are whole. Raises RunError where fewer than two are."""
    by_name = {one.run: one for one in results}
    targets = [one.target for one in prediction.targets if one.target != OBJECTIVE]
    found = [
        pair_of(seed, by_name, (run_name(place, "proposal"), run_name(place, "baseline")), targets, objective)
        for place, seed in enumerate(prediction.seeds)
    ]
    pairs = [one for one in found if isinstance(one, Pair)]
    notes = [f"{one}: the pair is left out" for one in found if isinstance(one, str)]
    if len(pairs) < 2:
        raise RunError(f"{len(pairs)} of {len(found)} pairs are whole, two are the least; {'; '.join(notes[:2])}")
    return ValidationResult(
        digest, observed(prediction, pairs), tuple(pairs), sum(one.seconds for one in results), tuple(notes)
    )


def pair_of(
    seed: int, results: Mapping[str, Result], names: tuple[str, str], targets: Sequence[str], objective: Objective
) -> Pair | str:
    """The last figures of proposal and baseline (`names` are their runs); or why there is no pair, in words."""
    rows = []
    for name in names:
        result = results.get(name)
        if result is None or result.status != "done":
            return f"seed {seed}: {name} {f'{result.status}: {result.why}' if result else 'has no result'}"
        last = result.measurements[-1].targets
        missing = [target for target in targets if last.get(target) is None]
        if missing:
            return f"seed {seed}: {name} has no finite {missing[0]}"
        rows.append([last[target] for target in targets])
    values_2T = with_objective(np.array(rows, np.float64), objective)
    return Pair(seed, *(tuple(row) for row in values_2T.tolist()))


def observed(prediction: Prediction, pairs: Sequence[Pair]) -> tuple[ObservedTarget, ...]:
    """Of every target of the prediction, in its order. Two pairs are the least."""
    proposal_ST, baseline_ST = (np.array([getattr(pair, side) for pair in pairs]) for side in ("proposal", "baseline"))
    gain_T, half_T = paired_interval(baseline_ST - proposal_ST, prediction.interval)
    return tuple(
        ObservedTarget(
            target=expected.target,
            proposal=float(proposal_ST[:, place].mean()),
            baseline=float(baseline_ST[:, place].mean()),
            gain=float(gain_T[place]),
            low=float(gain_T[place] - half_T[place]),
            high=float(gain_T[place] + half_T[place]),
            is_better=bool(gain_T[place] - half_T[place] > 0),
            sign_as_predicted=bool((gain_T[place] > 0) == (expected.gain > 0)),
        )
        for place, expected in enumerate(prediction.targets)
    )


def paired_interval(differences_ST: Floats, coverage: float) -> tuple[Floats, Floats]:
    """Mean over pairs, and half the length of its interval: Student's t with one degree of freedom less than pairs."""
    from scipy.stats import t

    pairs = len(differences_ST)
    error_T = differences_ST.std(axis=0, ddof=1) / np.sqrt(pairs)
    half_T: Floats = float(t.ppf((1 + coverage) / 2, pairs - 1)) * error_T
    return differences_ST.mean(axis=0), half_T
