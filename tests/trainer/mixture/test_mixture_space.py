"""What floors, caps and groups allow, the nearest of it, and draws from all of it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from datapipe.loading.located_yaml import RecipeError
from tests.trainer.mixture.sized import space
from trainer.mixture.arrays import Floats
from trainer.mixture.space import Space, broken, draw, nearest

OPEN = "caps: {max_epochs: 16, min_weight: 0}"
TWO_PHASES = {"stable": 750_000, "anneal": 250_000}


def mixture(*weights: float) -> Floats:
    return np.array([weights])


def test_a_mixture_inside_all_bounds_breaks_nothing() -> None:
    assert broken(space(), mixture(0.6, 0.3, 0.1)) == []


def test_each_broken_bound_is_told_with_both_numbers() -> None:
    rest = "components: {english: {max: 0.7}, multilingual: {min: 0.1}, code: {max_epochs: 2}}"
    assert broken(space(rest), mixture(0.71, 0.04, 0.25)) == [
        "english: weight 0.71, at most 0.7",
        "multilingual: weight 0.04, at least 0.1",
        "code epochs: 2.5, at most 2",
    ]


def test_epochs_add_up_over_phases() -> None:
    weights = np.array([[0.5, 0.3, 0.2], [0.0, 0.0, 1.0]])  # 150,000 + 250,000 tokens of 100,000
    allowed = space("caps: {max_epochs: 3.9, min_weight: 0}", phases=TWO_PHASES)
    assert broken(allowed, weights) == ["code epochs: 4, at most 3.9"]


def test_floors_and_ceilings_of_groups_hold_in_every_phase() -> None:
    rest = f"{OPEN}\ngroups: {{west: {{of: [english, code], min: 0.5, max: 0.8}}}}"
    weights = np.array([[0.3, 0.6, 0.1], [0.9, 0.1, 0.0]])
    assert broken(space(rest, phases=TWO_PHASES), weights) == [
        "group west floor in stable: 0.4, at least 0.5",
        "group west ceiling in anneal: 0.9, at most 0.8",
    ]


def test_weights_that_do_not_sum_to_1_are_told() -> None:
    assert broken(space(), mixture(0.5, 0.3, 0.1)) == ["weights sum to 0.9, not to 1"]


def test_a_component_without_a_floor_of_its_own_has_that_of_all() -> None:
    allowed = space("caps: {min_weight: 0.05}\ncomponents: {english: {}, multilingual: {}, code: {min: 0}}")
    assert allowed.lower_PK.tolist() == [[0.05, 0.05, 0.0]]


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        (
            "caps: {max_epochs: 0.5}",
            "english epochs <= 0.5 (0.3 of all, 600,000 of 1,000,000 tokens); multilingual epochs <= 0.5 (0.15 of all, "
            "300,000 of 1,000,000 tokens); code epochs <= 0.5 (0.05 of all, 100,000 of 1,000,000 tokens)",
        ),
        (
            "groups: {rest: {of: [multilingual, code], min: 0.9}}\ncomponents: {english: {min: 0.2}, multilingual: {}, "
            "code: {}}",
            "english weight >= 0.2; group rest floor >= 0.9",
        ),
        (
            "groups: {programs: {of: [code], min: 0.5}}",
            "code epochs <= 4 (0.4 of all, 100,000 of 1,000,000 tokens); group programs floor >= 0.5",
        ),
    ],
)
def test_what_cannot_be_met_together_is_named_with_its_numbers_and_nothing_else(rest: str, message: str) -> None:
    with pytest.raises(RecipeError) as error:
        space(rest)
    assert str(error.value).endswith(f": no mixture meets all of this, with weights that sum to 1: {message}")


def test_the_nearest_of_an_allowed_mixture_is_itself() -> None:
    assert nearest(space(OPEN), mixture(0.6, 0.3, 0.1)) == pytest.approx(mixture(0.6, 0.3, 0.1), abs=1e-12)


def test_the_nearest_gives_what_is_above_a_cap_to_the_others_alike() -> None:
    allowed = space("caps: {max_epochs: 2, min_weight: 0}")  # code: at most 0.2
    assert nearest(allowed, mixture(0.3, 0.2, 0.5)) == pytest.approx(mixture(0.45, 0.35, 0.2), abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_nearest_is_what_a_general_solver_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rest = "caps: {max_epochs: 1.6, min_weight: 0.01}\ngroups: {west: {of: [english, code], min: 0.3, max: 0.6}}"
    allowed = space(rest, phases=TWO_PHASES)
    point_PK = rng.dirichlet(np.ones(3), 2)
    found = nearest(allowed, point_PK)
    assert broken(allowed, found) == []
    assert ((found - point_PK) ** 2).sum() == pytest.approx(least_distance(allowed, point_PK), abs=1e-7)


def least_distance(allowed: Space, point_PK: Floats) -> float:
    """Squared, by sequential programming."""
    found = minimize(
        lambda x: ((x - point_PK.ravel()) ** 2).sum(),
        np.full(point_PK.size, 1 / 3),
        jac=lambda x: 2 * (x - point_PK.ravel()),
        method="SLSQP",
        bounds=list(zip(allowed.lower_PK.ravel(), allowed.upper_PK.ravel(), strict=True)),
        constraints=[
            {"type": "eq", "fun": lambda x: x.reshape(allowed.shape).sum(axis=1) - 1},
            {"type": "ineq", "fun": lambda x: allowed.limits_C - allowed.rows_CF @ x},
        ],
        options={"ftol": 1e-14, "maxiter": 500},
    )
    assert found.success
    return float(found.fun)


def test_draws_are_allowed_and_the_same_for_the_same_seed() -> None:
    rest = "caps: {max_epochs: 1.6}\ngroups: {west: {of: [english, code], min: 0.3, max: 0.6}}"
    allowed = space(rest, phases=TWO_PHASES)
    drawn = draw(allowed, 300, 5)
    assert drawn.shape == (300, 2, 3)
    assert [broken(allowed, one) for one in drawn] == [[]] * 300
    assert np.array_equal(drawn, draw(allowed, 300, 5))
    assert not np.array_equal(drawn, draw(allowed, 300, 6))


def test_draws_from_a_whole_simplex_have_its_moments() -> None:
    """Uniform over the simplex of K = 6: means 1 / K, variances (K - 1) / (K^2 (K + 1)) = 5 / 252."""
    sizes = {f"c{place}": 10**9 for place in range(6)}
    drawn = draw(space(OPEN, sizes), 4000, 1)[:, 0]
    assert drawn.mean(axis=0) == pytest.approx(np.full(6, 1 / 6), abs=0.01)
    assert drawn.var(axis=0) == pytest.approx(np.full(6, 5 / 252), rel=0.15)


def test_draws_from_a_narrow_space_are_uniform_over_it_too() -> None:
    """Code between 0 and 0.001, English and the others free: a strip whose share below any cut is known."""
    drawn = draw(space("caps: {max_epochs: 0.01, min_weight: 0}", {"code": 100_000, "a": 10**9, "b": 10**9}), 4000, 1)
    code, english = drawn[:, 0, 0], drawn[:, 0, 1]
    assert code.max() <= 0.001 + 1e-12
    assert np.quantile(code, [0.25, 0.5, 0.75]) == pytest.approx([0.00025, 0.0005, 0.00075], abs=0.00004)
    assert np.quantile(english, [0.25, 0.5, 0.75]) == pytest.approx([0.25, 0.5, 0.75], abs=0.04)


def test_draws_are_those_of_simple_rejection() -> None:
    """Uniform draws of two phases that break nothing, against ours: the same quantiles of every weight."""
    rest = "caps: {max_epochs: 2.5, min_weight: 0}\ngroups: {west: {of: [english, code], min: 0.3, max: 0.7}}"
    allowed = space(rest, phases=TWO_PHASES)
    plain = np.random.default_rng(1).dirichlet(np.ones(3), (100_000, 2))
    inside = (plain.reshape(-1, 6) @ allowed.rows_CF.T <= allowed.limits_C).all(axis=1)
    assert inside.sum() > 2_000
    levels = [0.1, 0.25, 0.5, 0.75, 0.9]
    expected, found = (np.quantile(one, levels, axis=0) for one in (plain[inside], draw(allowed, 4000, 1)))
    assert found == pytest.approx(expected, abs=0.02)


def test_draws_keep_what_is_fixed() -> None:
    rest = "components: {english: {min: 0.5, max: 0.5}, multilingual: {}, code: {}}"
    drawn = draw(space(rest), 50, 1)
    assert drawn[:, 0, 0] == pytest.approx(np.full(50, 0.5), abs=1e-9)
    assert drawn[:, 0, 1].std() > 0.05


def test_a_space_of_one_mixture_has_it_alone() -> None:
    drawn = draw(space("caps: {max_epochs: 1, min_weight: 0}"), 5, 1)
    assert drawn[:, 0] == pytest.approx(np.tile([0.6, 0.3, 0.1], (5, 1)), abs=1e-9)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_rounding_takes_no_weight_below_zero(seed: int) -> None:
    allowed = space(OPEN, phases=TWO_PHASES)
    outside = np.random.default_rng(seed).normal(0.3, 1, allowed.shape)
    assert nearest(allowed, outside).min() >= 0
    assert draw(allowed, 50, seed).min() >= 0
