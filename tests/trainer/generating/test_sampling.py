"""What the next token is drawn from, by hand-made probabilities."""

import math
from collections import Counter

import pytest
import torch

from datapipe.output import RunError
from trainer.generating.sampling import Sampling, choose, generators, probabilities

SHARES = [0.1, 0.4, 0.2, 0.3]
LOGITS = torch.tensor([SHARES]).log() + 7.0
"""Of these shares: a softmax does not see what is added to all."""


def shares(**given: float) -> list[float]:
    return [round(share, 5) for share in probabilities(LOGITS, Sampling(**given))[0].tolist()]  # type: ignore[arg-type]


def test_without_limits_every_token_has_its_share() -> None:
    assert shares() == SHARES


def test_temperature_one_half_squares_the_shares() -> None:
    squares = [0.01, 0.16, 0.04, 0.09]
    assert shares(temperature=0.5) == [round(square / sum(squares), 5) for square in squares]


def test_top_k_keeps_the_k_likeliest_and_divides_by_their_sum() -> None:
    assert shares(top_k=2) == [0, round(0.4 / 0.7, 5), 0, round(0.3 / 0.7, 5)]
    assert shares(top_k=9) == SHARES


@pytest.mark.parametrize(
    ("top_p", "kept"),
    [
        (0.01, {1}),
        (0.39, {1}),
        (0.41, {1, 3}),
        (0.69, {1, 3}),
        (0.71, {1, 3, 2}),
        (0.95, {0, 1, 2, 3}),
        (1.0, {0, 1, 2, 3}),
    ],
)
def test_top_p_keeps_the_smallest_set_that_has_so_much(top_p: float, kept: set[int]) -> None:
    total = sum(SHARES[token] for token in kept)
    assert shares(top_p=top_p) == [
        round(share / total, 5) if token in kept else 0 for token, share in enumerate(SHARES)
    ]


def test_top_p_counts_what_top_k_has_left() -> None:
    # Of 0.4 and 0.3 the first has 0.571: at 0.5 it is enough, where 0.4 of all was not.
    assert shares(top_k=2, top_p=0.5) == [0, 1, 0, 0]
    assert shares(top_p=0.5) == [0, round(0.4 / 0.7, 5), 0, round(0.3 / 0.7, 5)]


def test_temperature_zero_takes_the_likeliest_without_drawing() -> None:
    (generator,) = generators(3, 1)
    before = generator.get_state().clone()
    assert choose(LOGITS, Sampling(temperature=0), [generator]).tolist() == [1]
    assert torch.equal(before, generator.get_state())


def test_tokens_come_as_often_as_their_shares_say() -> None:
    rows = 4000
    chosen = Counter(choose(LOGITS.expand(rows, -1), Sampling(), generators(5, rows)).tolist())
    for token, share in enumerate(SHARES):
        deviation = math.sqrt(rows * share * (1 - share))
        assert abs(chosen[token] - rows * share) < 4 * deviation


def test_what_a_row_draws_is_its_seed_s_alone() -> None:
    def drawn(rows: int, seed: int) -> list[list[int]]:
        each = generators(seed, rows)
        return [choose(LOGITS.expand(rows, -1), Sampling(), each).tolist() for _ in range(20)]

    many = drawn(3, 11)
    assert [row[0] for row in many] == [row[0] for row in drawn(1, 11)]
    assert [row[2] for row in many] == [row[0] for row in drawn(1, 13)]
    assert [row[0] for row in many] != [row[0] for row in drawn(1, 12)]


def test_no_token_without_a_share_is_ever_chosen() -> None:
    logits = torch.tensor([[0.0, 0.0, float("-inf"), float("-inf")]])
    each = generators(0, 1)
    assert {choose(logits, Sampling(), each).item() for _ in range(200)} == {0, 1}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"temperature": -1}, "--temperature -1"),
        ({"top_k": 0}, "--top-k 0"),
        ({"top_p": 0.0}, "--top-p 0"),
        ({"top_p": 1.5}, "--top-p 1.5"),
    ],
)
def test_numbers_that_mean_nothing_are_refused(given: dict[str, float], said: str) -> None:
    with pytest.raises(RunError, match=said):
        Sampling(**given)  # type: ignore[arg-type]
