"""Strengths of ridges: what one target's luck says, and what all of them say."""

import numpy as np
import pytest

from trainer.mixture.predictors.strengths import log_errors, tempered


def test_a_small_advantage_of_one_target_is_outvoted_by_the_others() -> None:
    losses_RM = np.array([[0.0, 0.0, 0.0, 0.1], [0.3, 0.3, 0.3, 0.0]])
    assert tempered(losses_RM)[1].tolist() == [0, 0, 0, 0]
    assert tempered(losses_RM)[0] == pytest.approx([0.025, 0.025, 0.025, 0.125])


def test_a_large_advantage_is_not() -> None:
    losses_RM = np.array([[0.0, 0.0, 0.0, 9.0], [9.0, 9.0, 9.0, 0.0]])
    assert tempered(losses_RM)[1].tolist() == [0, 0, 0, 1]


def test_of_equal_ones_the_first_is_taken() -> None:
    assert tempered(log_errors(np.zeros((3, 2))))[1].tolist() == [0, 0]
