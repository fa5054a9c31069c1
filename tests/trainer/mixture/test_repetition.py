"""What repeated tokens are worth."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.mixture.repetition import R_STAR, effective_tokens


def worth(tokens: float, unique: float) -> float:
    return float(effective_tokens(np.array([tokens]), np.array([unique]))[0])


@pytest.mark.parametrize("tokens", [0, 1, 99, 100])
def test_up_to_one_epoch_tokens_are_worth_themselves(tokens: int) -> None:
    assert worth(tokens, 100) == tokens


def test_four_epochs_are_worth_three_and_three_quarters() -> None:
    """R = 3: 100 (1 + 15.387756 (1 - exp(-3 / 15.387756))) = 372.6; the paper: nearly as good as fresh."""
    assert worth(400, 100) == pytest.approx(100 * (1 + 15.387756 * (1 - math.exp(-3 / 15.387756))))
    assert worth(400, 100) == pytest.approx(372.6, abs=0.05)


def test_no_repetition_makes_text_worth_more_than_its_limit() -> None:
    assert worth(10**9, 100) == pytest.approx(100 * (1 + R_STAR))


@given(unique=st.floats(1, 1e15), epochs=st.floats(1, 1000), more=st.floats(1e-3, 100))
def test_more_epochs_are_worth_more_and_never_more_than_fresh_text(unique: float, epochs: float, more: float) -> None:
    first, second = worth(epochs * unique, unique), worth((epochs + more) * unique, unique)
    assert first <= second <= (epochs + more) * unique * (1 + 1e-12)
    assert second - first <= more * unique * (1 + 1e-9)


def test_components_are_reckoned_one_by_one() -> None:
    found = effective_tokens(np.array([50.0, 0.0, 300.0]), np.array([100.0, 100.0, 100.0]))
    assert found[:2].tolist() == [50.0, 0.0] and found[2] == pytest.approx(worth(300, 100))
