"""The objective: a weighted mean of targets in units of their spread, by hand."""

import numpy as np
import pytest

from datapipe.output import RunError
from tests.trainer.mixture.laws import names, random_weights, results_of, swarm_of
from trainer.mixture.arrays import Floats
from trainer.mixture.evidence import Evidence, evidence_of
from trainer.mixture.objective import objective_of

VALUES = np.array([[1.0, 10.0], [3.0, 10.0], [1.0, 40.0], [3.0, 40.0]])
"""Means 2 and 25, standard deviations 1 and 15."""


def evidence(values_NM: Floats) -> Evidence:
    swarm = swarm_of(random_weights(len(values_NM), 1, 3, 1))
    return evidence_of(swarm, results_of(swarm, values_NM), names("t", values_NM.shape[1]))


def test_targets_count_alike_whatever_their_units() -> None:
    assert objective_of(evidence(VALUES), {}).of(VALUES) == pytest.approx([-1, 0, 0, 1])


def test_weights_that_are_given_are_shares_and_others_count_nothing() -> None:
    assert objective_of(evidence(VALUES), {"t0": 3, "t1": 1}).of(VALUES) == pytest.approx([-1, 0.5, -0.5, 1])
    assert objective_of(evidence(VALUES), {"t1": 0.2}).of(VALUES) == pytest.approx([-1, -1, 1, 1])


@pytest.mark.parametrize("value", [2.3, 3.7, 0.0])
def test_a_target_that_never_varies_says_nothing_and_is_told(value: float) -> None:
    """The standard deviation of equal numbers is some 1e-16, not 0, by rounding of their mean: no unit."""
    constant = np.column_stack([np.tile(VALUES[:, 0], 5), np.full(20, value)])
    found = evidence(constant)
    objective = objective_of(found, {})

    assert objective.scale_M.tolist() == [pytest.approx(1), 1.0]
    assert objective.of(np.array([[2.0, value + 0.001]]))[0] == pytest.approx(0.0005)
    assert [one for one in found.notes if "t1 is the same in every run" in one]


def test_an_objective_of_targets_that_never_vary_is_refused() -> None:
    constant = np.column_stack([np.tile(VALUES[:, 0], 5), np.full(20, 2.3)])

    with pytest.raises(RunError, match=r"propose.objective: t1 is the same in every run"):
        objective_of(evidence(constant), {"t1": 1})
