"""What a weight comes to in the full run, reckoned by hand: tokens, epochs, bytes, and the limit it stands at."""

import dataclasses

import numpy as np
import pytest

from tests.trainer.mixture.laws import random_law
from tests.trainer.mixture.test_optimum import Known, aim_of, room
from trainer.mixture.materials import Material, Materials
from trainer.mixture.proposal_file import ComponentProposal
from trainer.mixture.proposal_weights import proposed_weights
from trainer.mixture.search import Search

BEST = np.array([[0.5, 0.498, 0.002], [0.1, 0.1, 0.8]])
MOVE = np.array([[0.1, -0.1, 0], [0, 0, 0]])
OTHERS = np.array([BEST + MOVE, BEST - MOVE])
BYTES = {"c0": 4000, "c1": 2000, "c2": 1000}


def weights(unknown_bytes: bool = False) -> tuple[ComponentProposal, ...]:
    """Of two phases of 1,000 and 500 tokens over components of 1,000, 2,000 and 100; c2 may be read four times."""
    space = room(2, 3, np.array([[0, 0, 10.0, 0, 0, 5.0]]), np.array([4.02]))
    space = dataclasses.replace(space, labels_C=("c2 epochs",))
    aim = aim_of(random_law(2, 3, 2, 1), 0.0, 2, 3)
    found = Search(space, aim, Known(random_law(2, 3, 2, 1)), True, OTHERS, BEST, [], OTHERS, 0.0, 0.8)
    sizes = {"c0": 1000, "c1": 2000, "c2": 100}
    bytes_of = {name: None if unknown_bytes and name == "c1" else size for name, size in BYTES.items()}
    materials = Materials(
        {name: Material(name, {}, size, bytes_of[name], {}) for name, size in sizes.items()}, {"p0": 1000, "p1": 500}
    )
    return proposed_weights(found, materials, np.full((2, 3), 1 / 3), np.full((2, 3), 1 / 3))


def test_tokens_and_epochs_add_up_over_phases() -> None:
    first, _, _, last, _, least = weights()

    assert (first.phase, first.component, first.tokens, first.epochs) == ("p0", "c0", 500, 0.5)
    assert (last.phase, last.tokens) == ("p1", 50)
    assert last.epochs == pytest.approx(0.55)
    assert least.epochs == pytest.approx((2 + 400) / 100)


def test_repeats_are_worth_less_and_fresh_tokens_all() -> None:
    first, *_, repeated = weights()

    assert first.effective_tokens == pytest.approx(500)
    assert repeated.effective_tokens is not None
    assert 300 < repeated.effective_tokens < 400


def test_a_share_of_bytes_counts_how_long_tokens_are() -> None:
    """4, 1 and 10 bytes a token: 0.5 x 4 of 0.5 x 4 + 0.498 x 1 + 0.002 x 10."""
    assert weights()[0].byte_share == pytest.approx(2 / 2.518)
    assert {one.byte_share for one in weights(unknown_bytes=True)} == {None}


def test_intervals_reach_to_the_resamples_and_hold_the_weight() -> None:
    assert (weights()[0].low, weights()[0].high) == pytest.approx((0.4, 0.6))
    assert (weights()[3].low, weights()[3].high) == pytest.approx((0.1, 0.1))


def test_limits_are_named() -> None:
    assert [one.at_limit for one in weights()] == ["", "", "min 0.002, c2 epochs", "", "", "c2 epochs"]
