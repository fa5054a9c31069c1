"""Ridges and Gaussian processes against their formulas, written out, and against leaving out by hand."""

import numpy as np
import pytest

from tests.trainer.mixture.laws import random_weights
from trainer.mixture.arrays import Floats
from trainer.mixture.predictors.gaussian_process import GaussianProcess
from trainer.mixture.predictors.hellinger_ridge import HellingerRidge
from trainer.mixture.predictors.kernel_law import kernel
from trainer.mixture.predictors.kriging import decomposed
from trainer.mixture.predictors.roots import roots, squared_hellinger
from trainer.mixture.predictors.square_root_ridge import SquareRootRidge, left_out
from trainer.mixture.predictors.standard import flat


def swarm(runs: int = 14) -> tuple[Floats, Floats]:
    weights_NPK = random_weights(runs, 1, 3, 5)
    weights_NPK[-2:] = weights_NPK[0]
    noise_NM = np.random.default_rng(5).normal(0, 0.05, (runs, 2))
    return weights_NPK, np.sqrt(weights_NPK[:, 0, :2]) + noise_NM


def test_the_squared_hellinger_distance_is_one_less_the_affinity() -> None:
    first, second = np.array([[0.2, 0.3, 0.5]]), np.array([[0.6, 0.3, 0.1]])
    expected = 1 - np.sqrt(first * second).sum()
    assert squared_hellinger(roots(first), roots(second))[0, 0] == pytest.approx(expected, abs=1e-5)


def test_matern_is_its_formula_and_the_slope_of_each_kernel_its_derivative() -> None:
    from trainer.mixture.predictors.kernel_law import slope_of_kernel

    distances = np.array([0.0, 0.3, 1.0, 2.0])
    root = np.sqrt(5) * distances
    expected = (1 + root + 5 * distances**2 / 3) * np.exp(-root)
    assert kernel("matern", distances**2) == pytest.approx(expected)
    squares = np.array([1e-3, 0.2, 1.5])
    for shape in ("gaussian", "matern"):
        difference = (kernel(shape, squares + 1e-7) - kernel(shape, squares - 1e-7)) / 2e-7
        assert slope_of_kernel(shape, squares) == pytest.approx(difference, rel=1e-5)


def test_solving_is_generalised_least_squares() -> None:
    weights_NPK, values_NM = swarm()
    roots_NF = roots(flat(weights_NPK[:12]))
    kernel_NN = kernel("gaussian", squared_hellinger(roots_NF, roots_NF) / 0.3)
    counts_N = np.arange(1.0, 13.0)
    level_M, coefficients_NM = decomposed(kernel_NN, counts_N).solved(values_NM[:12], 0.1)
    inverse_NN = np.linalg.inv(kernel_NN + np.diag(0.1 / counts_N))
    ones_N = np.ones(12)
    expected_M = ones_N @ inverse_NN @ values_NM[:12] / (ones_N @ inverse_NN @ ones_N)
    assert level_M == pytest.approx(expected_M)
    assert coefficients_NM == pytest.approx(inverse_NN @ (values_NM[:12] - expected_M))


def test_errors_of_mixtures_left_out_are_those_of_fits_without_them() -> None:
    weights_NPK, values_NM = swarm()
    roots_NF = roots(flat(weights_NPK[:12]))
    kernel_NN = kernel("gaussian", squared_hellinger(roots_NF, roots_NF) / 0.3)
    counts_N = np.arange(1.0, 13.0)
    parts = decomposed(kernel_NN, counts_N)
    errors_NM = parts.left_out(parts.solved(values_NM[:12], 0.1)[1], 0.1)
    for place in range(12):
        others = np.arange(12) != place
        level_M, coefficients_NM = decomposed(kernel_NN[np.ix_(others, others)], counts_N[others]).solved(
            values_NM[:12][others], 0.1
        )
        said_M = level_M + kernel_NN[place, others] @ coefficients_NM
        assert errors_NM[place] == pytest.approx(values_NM[place] - said_M)


def test_the_determinant_is_the_determinant() -> None:
    kernel_NN = np.array([[1.0, 0.5], [0.5, 1.0]])
    counts_N = np.array([1.0, 3.0])
    whole_NN = kernel_NN + np.diag(0.2 / counts_N)
    expected = np.linalg.slogdet(whole_NN)[1] + np.log(np.linalg.inv(whole_NN).sum())
    assert decomposed(kernel_NN, counts_N).log_determinant(0.2) == pytest.approx(expected)


def test_the_ridge_is_the_textbooks() -> None:
    weights_NPK, values_NM = swarm()
    law = SquareRootRidge().fit(weights_NPK, values_NM)
    wide_NF = np.column_stack([np.ones(len(weights_NPK)), roots(flat(weights_NPK))])
    for target in range(2):
        penalty_FF = np.diag([0.0, *[law.ridge_M[target]] * 3])
        solved_F = np.linalg.solve(wide_NF.T @ wide_NF + penalty_FF, wide_NF.T @ values_NM[:, target])
        assert law.levels_M[target] == pytest.approx(solved_F[0])
        assert law.slopes_MF[target] == pytest.approx(solved_F[1:])


def test_errors_of_rows_left_out_of_a_ridge_are_those_of_fits_without_them() -> None:
    weights_NPK, values_NM = swarm()
    features_UF, values_UM = roots(flat(weights_NPK[:12])), values_NM[:12]
    counts_U = np.arange(1.0, 13.0)
    (errors_UM,) = left_out(features_UF, counts_U, values_UM, np.array([0.3]))
    for place in range(12):
        there = np.arange(12) != place
        wide_UF = np.column_stack([np.ones(11), features_UF[there]])
        weighted_FU = wide_UF.T * counts_U[there]
        penalty_FF = np.diag([0.0, 0.3, 0.3, 0.3])
        solved_FM = np.linalg.solve(weighted_FU @ wide_UF + penalty_FF, weighted_FU @ values_UM[there])
        expected_M = values_UM[place] - solved_FM[0] - features_UF[place] @ solved_FM[1:]
        assert errors_UM[place] == pytest.approx(expected_M)


def test_the_strength_of_a_ridge_is_that_with_the_least_errors() -> None:
    weights_NPK, values_NM = swarm()
    weights_NPK, values_NM = weights_NPK[:12], values_NM[:12, :1] + np.random.default_rng(2).normal(0, 0.1, (12, 1))
    law = SquareRootRidge().fit(weights_NPK, values_NM)
    strengths = law.ridge_M[0] * np.array([0.3, 1.0, 3.0])
    errors_RUM = left_out(roots(flat(weights_NPK)), np.ones(12), values_NM, strengths)
    assert np.square(errors_RUM).sum(axis=(1, 2)).argmin() == 1


@pytest.mark.parametrize("law", [HellingerRidge(), GaussianProcess()])
def test_smooth_surfaces_are_followed_and_noise_is_not(law: HellingerRidge | GaussianProcess) -> None:
    weights_NPK = random_weights(60, 1, 3, 0)
    rng = np.random.default_rng(0)
    surface_N = np.square(np.sqrt(weights_NPK[:, 0, 0]) - 0.5)
    values_NM = np.column_stack([surface_N, rng.normal(0, 1, 60)])
    said_NM = law.fit(weights_NPK, values_NM).predict(weights_NPK)
    assert np.corrcoef(said_NM[:, 0], surface_N)[0, 1] > 0.999
    assert said_NM[:, 1].std() < 0.5


def test_repeats_tell_a_gaussian_process_how_large_noise_is() -> None:
    weights_NPK = np.repeat(random_weights(20, 1, 3, 0), 2, axis=0)
    surface_N = 3 * np.sqrt(weights_NPK[:, 0, 0])
    sizes = (0.01, 0.3)
    noise_NM = np.random.default_rng(0).normal(0, 1, (40, 2)) * sizes
    law = GaussianProcess().fit(weights_NPK, surface_N[:, None] + noise_NM)
    assert law.ridge_M[1] > 30 * law.ridge_M[0]
