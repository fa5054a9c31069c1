"""How rows of a swarm are chosen, on spaces that are boxes."""

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.mixture.arrays import Floats
from trainer.mixture.designing.candidates import candidates, corners, without
from trainer.mixture.designing.d_optimal import _Information, _terms, choose_d_optimal
from trainer.mixture.designing.dirichlet import draw_dirichlet
from trainer.mixture.designing.errors import expected_errors
from trainer.mixture.designing.space_filling import choose_space_filling
from trainer.mixture.space import Space, broken, draw


def box(phases: int, components: int, least: float = 0.0, most: float = 1.0) -> Space:
    shape = (phases, components)
    names = (tuple(f"p{place}" for place in range(phases)), tuple(f"c{place}" for place in range(components)))
    nothing = np.zeros((0, phases * components))
    return Space(*names, np.full(shape, least), np.full(shape, most), nothing, np.zeros(0), ())


def nothing(space: Space) -> Floats:
    return np.zeros((0, *space.shape))


def information(weights_NPK: Floats) -> float:
    """Logarithm of the determinant of X'X of the linear law."""
    flat = weights_NPK.reshape(len(weights_NPK), -1)
    return float(np.linalg.slogdet(flat.T @ flat)[1])


def test_corners_of_a_triangle_are_its_three() -> None:
    found = corners(box(1, 3), 64, seed=1).reshape(-1, 3)
    assert sorted(map(tuple, found.round(9))) == [(0, 0, 1), (0, 1, 0), (1, 0, 0)]


def test_corners_hold_floors_and_ceilings() -> None:
    """With 0.1 to 0.6 in each of three: a corner has one component at 0.6 and one at 0.1."""
    found = corners(box(1, 3, 0.1, 0.6), 64, seed=1).reshape(-1, 3)
    assert sorted(map(tuple, found.round(9))) == sorted(set(itertools.permutations((0.1, 0.3, 0.6))))


def with_corners(space: Space) -> Floats:
    return np.concatenate([candidates(space, 3, nothing(space), 1), np.eye(3)[:, None, :]])


def test_three_d_optimal_rows_of_a_triangle_are_its_corners() -> None:
    """The determinant of three mixtures of three components is at most 1, that of the corners."""
    rows = choose_d_optimal(with_corners(box(1, 3)), np.zeros((0, 1, 3)), 3)
    assert information(rows) == pytest.approx(0, abs=1e-9)


def test_d_optimal_rows_are_no_worse_than_any_of_a_small_pool() -> None:
    space = box(1, 3, 0.05, 0.7)
    pool = draw(space, 9, seed=3)
    best = max(information(pool[list(some)]) for some in itertools.combinations(range(9), 3))
    chosen = information(choose_d_optimal(pool, nothing(space), 3))
    assert chosen >= best - 0.2  # roots count a little too


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_exchange_of_one_row_makes_d_optimal_rows_tell_more(seed: int) -> None:
    space = box(1, 4)
    pool, there = draw(space, 80, seed), draw(space, 2, seed + 10)
    terms_CT, terms_NT, prior_T = _terms(pool, there)

    def told(places: Sequence[int]) -> float:
        rows_RT = np.concatenate([terms_NT, terms_CT[list(places)]])
        return float(np.linalg.slogdet(rows_RT.T @ rows_RT + np.diag(prior_T))[1])

    chosen = [int(np.abs(pool - row).sum(axis=(1, 2)).argmin()) for row in choose_d_optimal(pool, there, 8)]
    others = set(range(80)) - set(chosen)
    exchanged = [[*chosen[:place], other, *chosen[place + 1 :]] for place in range(8) for other in others]
    assert told(chosen) >= max(told(places) for places in exchanged) - 1e-6


def test_d_optimal_rows_complement_what_is_there() -> None:
    """Two corners are there: the row that is added is the third."""
    space = box(1, 3)
    there = np.eye(3)[:2, None, :]
    row = choose_d_optimal(without(with_corners(space), there), there, 1)
    assert row.ravel() == pytest.approx([0, 0, 1], abs=1e-9)


@pytest.mark.parametrize("choose", [choose_d_optimal, choose_space_filling])
@pytest.mark.parametrize(("phases", "components", "count"), [(1, 3, 40), (2, 4, 30), (1, 8, 5)])
def test_rows_are_allowed_and_none_is_there_twice(choose, phases: int, components: int, count: int) -> None:  # type: ignore[no-untyped-def]
    space = box(phases, components, 0.002, 0.9)
    there = draw(space, 3, seed=9)
    rows = choose(candidates(space, count, there, 5), there, count)
    assert [broken(space, row) for row in rows] == [[]] * count
    assert len(without(rows, there)) == count


def test_space_filling_rows_are_farther_apart_than_random_ones() -> None:
    space = box(1, 4, 0.002)
    rows = choose_space_filling(candidates(space, 12, nothing(space), 5), nothing(space), 12)

    def nearest_pair(weights_NPK: Floats) -> float:
        roots = np.sqrt(weights_NPK.reshape(len(weights_NPK), -1))
        return min(float(np.linalg.norm(one - other)) for one, other in itertools.combinations(roots, 2))

    assert nearest_pair(rows) > 2 * nearest_pair(draw(space, 12, seed=2))


@pytest.mark.parametrize(("phases", "components", "count"), [(1, 3, 10), (2, 4, 40), (1, 12, 60)])
def test_d_optimal_rows_tell_of_every_component_better_than_random_ones(
    phases: int, components: int, count: int
) -> None:
    """By a fifth of the standard error at least, in the mean of all."""
    space = box(phases, components, 0.002, 0.6)
    middle, asked = np.full(space.shape, 1 / components), draw(space, 200, seed=8)
    rows = choose_d_optimal(candidates(space, count, nothing(space), 5), nothing(space), count)
    ours, random = (expected_errors(found, middle, asked) for found in (rows, draw(space, count, seed=7)))
    assert np.all(ours.effects_PK < random.effects_PK)
    assert ours.effects_PK.mean() < 0.8 * random.effects_PK.mean()
    assert ours.prediction < 0.9 * random.prediction


def test_equal_seeds_choose_equal_rows() -> None:
    space = box(2, 3, 0.01)

    def rows(seed: int) -> Floats:
        return choose_d_optimal(candidates(space, 6, nothing(space), seed), nothing(space), 6)

    assert rows(4).tobytes() == rows(4).tobytes()
    assert rows(4).tobytes() != rows(5).tobytes()


def test_errors_of_the_corners_are_those_of_their_noise() -> None:
    """Each component alone, run twice: an effect known to sigma / sqrt(2). From the middle of three a tenth of the
    tokens changes the value by 0.1 b1 - 0.05 b2 - 0.05 b3, known to sqrt((0.01 + 0.0025 + 0.0025) / 2)."""
    weights = np.repeat(np.eye(3), 2, axis=0)[:, None, :]
    found = expected_errors(weights, np.full((1, 3), 1 / 3), np.array([[[0.5, 0.5, 0.0]], [[1.0, 0.0, 0.0]]]))
    assert found.effects_PK.ravel() == pytest.approx([np.sqrt(0.015 / 2)] * 3)
    assert found.prediction == pytest.approx(np.sqrt((0.25 + 0.5) / 2))
    assert found.worst_prediction == pytest.approx(np.sqrt(0.5))
    assert (found.rank, found.parameters) == (3, 3)


def test_what_runs_cannot_tell_has_an_infinite_error() -> None:
    """Only the first two components vary: of the third nothing can be told, of the sum of all everything."""
    weights = np.array([[[1.0, 0, 0]], [[0, 1.0, 0]]])
    found = expected_errors(weights, np.array([[0.5, 0.5, 0]]), np.array([[[0.3, 0.7, 0.0]]]))
    assert np.isfinite(found.effects_PK.ravel()).tolist() == [True, True, False]
    assert found.prediction == pytest.approx(np.sqrt(0.09 + 0.49))
    assert (found.rank, found.parameters) == (2, 3)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), terms=st.integers(2, 6))
def test_information_after_rows_go_in_and_out_is_that_of_the_rows_there(seed: int, terms: int) -> None:
    rng = np.random.default_rng(seed)
    candidates_CT, prior_T = rng.random((12, terms)), rng.uniform(0.1, 2, terms)
    kept = _Information.of(candidates_CT, prior_T, candidates_CT[:3])
    kept.update(candidates_CT[5], 1)
    kept.update(candidates_CT[0], -1)
    there = candidates_CT[[1, 2, 5]]
    inverse = np.linalg.inv(there.T @ there + np.diag(prior_T))
    np.testing.assert_allclose(kept.inverse_TT, inverse, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(kept.variance_C, [row @ inverse @ row for row in candidates_CT], rtol=1e-8)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_errors_are_those_of_least_squares(seed: int) -> None:
    """Over many draws of noise, what least squares says of a mixture varies as much as is expected."""
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.ones(3), (8, 2))
    asked = rng.dirichlet(np.ones(3), (1, 2))
    noise = rng.standard_normal((2000, 8))
    answers = noise @ np.linalg.pinv(weights.reshape(8, 6)).T @ asked.ravel()
    found = expected_errors(weights, asked[0], asked)
    assert found.prediction == pytest.approx(float(answers.std()), rel=0.15)
    assert (found.rank, found.parameters) == (5, 5)


def test_a_third_of_the_candidates_lies_three_quarters_of_the_way_to_a_corner() -> None:
    """Of six components hardly a draw has three quarters in one: 6 x 0.25^5 of them do."""
    found = candidates(box(1, 6), 16, nothing(box(1, 6)), 1)
    assert (found.max(axis=(1, 2)) >= 0.75).mean() == pytest.approx(1 / 3, abs=0.02)


def test_dirichlet_rows_lie_around_roots_of_tokens() -> None:
    """64, 16 and 1 tokens: 8, 4 and 1 thirteenths, whatever the strength."""
    space = box(1, 3)
    rows = draw_dirichlet(space, np.array([64.0, 16.0, 1.0]), nothing(space), 300, 1)
    assert rows.mean(axis=(0, 1)) == pytest.approx(np.array([8, 4, 1]) / 13, abs=0.06)
