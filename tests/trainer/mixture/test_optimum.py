"""The best mixture, held against a search of the whole triangle, and against what a convex law promises."""

import dataclasses

import numpy as np
import pytest

from tests.trainer.mixture.laws import Law, names, random_law
from trainer.mixture.arrays import Floats
from trainer.mixture.objective import Objective
from trainer.mixture.optimum import Aim, descend, gap, optimum, worst
from trainer.mixture.space import Space, broken, draw


@dataclasses.dataclass(frozen=True)
class Known:
    """A law that was not fitted."""

    law: Law

    def predict(self, weights_NPK: Floats) -> Floats:
        return self.law.values(weights_NPK)

    def gradient(self, weights_PK: Floats) -> Floats:
        above_M = self.law.scales_M * np.exp(self.law.slopes_MF @ weights_PK.ravel())
        found: Floats = (above_M[:, None] * self.law.slopes_MF).reshape(-1, *weights_PK.shape)
        return found

    def refit(self, values_RNM: Floats, counts_RN: Floats | None = None) -> "list[Known]":
        return [self] * len(values_RNM)


def room(phases: int = 1, components: int = 3, rows: Floats | None = None, limits: Floats | None = None) -> Space:
    shape = (phases, components)
    rows_CF = np.zeros((0, phases * components)) if rows is None else rows
    limits_C = np.zeros(0) if limits is None else limits
    labels = names("row ", len(limits_C))
    return Space(
        names("p", phases), names("c", components), np.full(shape, 0.002), np.ones(shape), rows_CF, limits_C, labels
    )


def aim_of(law: Law, kl: float, phases: int = 1, components: int = 3) -> Aim:
    targets = len(law.floors_M)
    objective = Objective(names("t", targets), np.full(targets, 1 / targets), law.floors_M, np.full(targets, 0.1))
    return Aim(objective, np.full((phases, components), 1 / components), np.full(phases, 1 / phases), kl)


def allowed_of(space: Space, grid_NPK: Floats) -> Floats:
    flat_NF = grid_NPK.reshape(len(grid_NPK), -1)
    inside_N = (grid_NPK >= space.lower_PK).all(axis=(1, 2)) & (flat_NF @ space.rows_CF.T <= space.limits_C).all(axis=1)
    return np.asarray(grid_NPK[inside_N])


def triangle(steps: int) -> Floats:
    """All mixtures of three in whole steps."""
    first, second = np.divmod(np.arange((steps + 1) ** 2), steps + 1)
    inside = first + second <= steps
    parts = np.column_stack([first, second, steps - first - second])[inside]
    return np.asarray(parts[:, None, :] / steps)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kl", [0.0, 0.05, 1.0])
def test_no_mixture_of_a_fine_grid_is_better_than_the_optimum(seed: int, kl: float) -> None:
    law = random_law(1, 3, 3, seed)
    rows, limits = np.array([[1.0, 0, 0], [0, -1.0, -1.0]]), np.array([0.7, -0.35])
    space, aim, known = room(rows=rows, limits=limits), aim_of(law, kl), Known(law)
    allowed = allowed_of(space, triangle(250))
    best = optimum(aim, known, True, space, draw(space, 50, seed))

    least = aim.of(known, allowed).min()
    assert broken(space, best) == []
    assert aim.of(known, best[None])[0] <= least
    assert aim.of(known, best[None])[0] == pytest.approx(least, abs=5e-3)


@pytest.mark.parametrize(("phases", "components", "targets"), [(1, 20, 13), (2, 6, 4), (3, 3, 2)])
def test_nothing_is_left_to_gain_where_the_law_is_convex(phases: int, components: int, targets: int) -> None:
    law = random_law(phases, components, targets, 5)
    space, aim = room(phases, components), aim_of(law, 0.05, phases, components)
    best = optimum(aim, Known(law), True, space, draw(space, 50, 1))

    assert gap(aim, Known(law), space, best) < 1e-6


def test_where_one_starts_does_not_matter_to_a_convex_law() -> None:
    law = random_law(2, 5, 4, 3)
    space, aim = room(2, 5), aim_of(law, 0.05, 2, 5)
    ends = [descend(aim, Known(law), space, start) for start in draw(space, 8, 2)]

    assert np.ptp(ends, axis=0).max() < 1e-4


class Lying(Known):
    """Its slopes go the wrong way."""

    def gradient(self, weights_PK: Floats) -> Floats:
        return -super().gradient(weights_PK)


def test_a_descent_never_ends_above_its_start() -> None:
    law, space = random_law(1, 3, 2, 1), room()
    aim = aim_of(law, 0.0)
    for start_PK in draw(space, 8, 1):
        start, end = aim.of(Known(law), np.array([start_PK, descend(aim, Lying(law), space, start_PK)]))
        assert end <= start


@pytest.mark.parametrize("seed", range(20))
def test_a_strong_divergence_leaves_the_reference_where_it_is(seed: int) -> None:
    law = random_law(1, 3, 3, 1)
    best = optimum(aim_of(law, 1e6), Known(law), True, room(), draw(room(), 50, seed))

    assert best == pytest.approx(np.full((1, 3), 1 / 3), abs=1e-4)


def test_the_divergence_counts_phases_by_their_tokens() -> None:
    """From uniform: of all tokens on one of two components it is log 2, here in a phase with a quarter of them."""
    aim = aim_of(random_law(2, 2, 2, 1), 1.0, 2, 2)
    aim = dataclasses.replace(aim, shares_P=np.array([0.75, 0.25]))
    mixture = np.array([[[0.5, 0.5], [1.0, 0.0]]])

    assert aim.divergence(mixture)[0] == pytest.approx(0.25 * np.log(2))


def test_a_component_that_the_reference_has_not_costs_much_and_not_all() -> None:
    aim = dataclasses.replace(aim_of(random_law(1, 3, 2, 1), 1.0), reference_PK=np.array([[0.5, 0.5, 0.0]]))

    assert np.isfinite(aim.divergence(triangle(4))).all()


def test_the_gradient_is_that_of_the_aim() -> None:
    law = random_law(2, 3, 2, 4)
    aim, known = aim_of(law, 0.3, 2, 3), Known(law)
    at = draw(room(2, 3), 1, 1)[0]
    steps = np.eye(6).reshape(6, 2, 3) * 1e-6
    slopes = [(aim.of(known, (at + one)[None])[0] - aim.of(known, (at - one)[None])[0]) / 2e-6 for one in steps]

    assert aim.gradient(known, at).ravel() == pytest.approx(slopes, rel=1e-5, abs=1e-6)


def test_the_worst_is_worse_than_all_of_a_fine_grid() -> None:
    law = random_law(1, 3, 3, 2)
    space, aim, known = room(), aim_of(law, 0.0), Known(law)
    found = worst(aim, known, True, space, draw(space, 50, 1))

    allowed = allowed_of(space, triangle(100))
    assert aim.of(known, found[None])[0] >= aim.of(known, allowed).max() - 1e-9


def test_a_law_without_slopes_is_found_nearly_as_good_by_scoring() -> None:
    law = random_law(1, 5, 4, 6)
    space, aim, known = room(1, 5), aim_of(law, 0.05, 1, 5), Known(law)
    pool = draw(space, 2000, 1)
    with_slopes, without = (optimum(aim, known, smooth, space, pool) for smooth in (True, False))

    best, scored = (float(aim.of(known, one[None])[0]) for one in (with_slopes, without))
    drawn = aim.of(known, pool).min()
    assert best <= scored
    assert scored - best < 0.2 * (drawn - best)
    assert broken(space, without) == []
