import numpy as np
import pytest

from stature.arrays import Floats
from stature.kernels.linear import diagonalise, factor, solve, solve_lifted, tridiagonal, uphill

RNG = np.random.default_rng(5)


@pytest.mark.parametrize("p", [1, 2, 5, 8, 11])
def test_the_factor_gives_the_matrix_back_and_solves(p: int):
    root = RNG.standard_normal((p, p + 2))
    matrix, lower = root @ root.T, np.zeros((p, p))
    assert factor(matrix, lower)
    root = np.tril(lower, -1) + np.diag(1 / np.diag(lower))  # its diagonal holds reciprocals
    np.testing.assert_allclose(root @ root.T, matrix, rtol=1e-12, atol=1e-12)
    b = RNG.standard_normal(p)
    out = np.empty(p)
    solve(lower, b, out)
    np.testing.assert_allclose(matrix @ out, b, rtol=1e-8, atol=1e-8)


def test_a_matrix_that_is_not_positive_definite_has_no_factor():
    lower = np.zeros((2, 2))
    assert not factor(np.array([[1.0, 2.0], [2.0, 1.0]]), lower)
    assert not factor(np.array([[1.0, 1.0], [1.0, 1.0]]), lower)
    assert not factor(np.array([[np.nan, 0.0], [0.0, 1.0]]), lower)


def lifted(matrix: Floats, b: Floats) -> Floats:
    out = np.empty(len(b))
    solve_lifted(matrix.copy(), np.zeros_like(matrix), np.empty((3, len(b))), b, out)
    return out


@pytest.mark.parametrize("p", [1, 2, 5, 8, 11])
def test_a_positive_definite_matrix_is_solved_as_it_is(p: int):
    root = RNG.standard_normal((p, 3 * p))
    sizes = 10.0 ** RNG.uniform(-3, 3, p)  # units of any size
    matrix, b = sizes[:, None] * (root @ root.T) * sizes, RNG.standard_normal(p)
    np.testing.assert_allclose(lifted(matrix, b), np.linalg.solve(matrix, b), rtol=1e-9)


def test_negative_curvatures_are_reversed_and_small_ones_lifted():
    b = np.array([3.0, 4.0, 5.0])
    np.testing.assert_allclose(lifted(np.diag([2.0, -4.0, 0.0]), b), [1.5, 1.0, 5e4])


@pytest.mark.parametrize("p", [2, 5, 8])
def test_whatever_the_matrix_the_solution_leads_upwards(p: int):
    for _ in range(200):
        root, b = RNG.standard_normal((p, p)), RNG.standard_normal(p)
        matrix = root + root.T
        out = lifted(matrix, b)
        assert out @ b > 0
        # A matrix and its negative have the same curvatures but for their signs, in another order.
        assert np.isfinite(lifted(-matrix, b)).all()


@pytest.mark.parametrize("p", [1, 2, 3, 4, 7])
def test_a_tridiagonal_matrix_has_the_eigenvalues_of_the_library(p: int):
    diagonal, beside = RNG.standard_normal(p), np.abs(RNG.standard_normal(p)) + 0.1
    matrix = np.diag(diagonal) + np.diag(beside[: p - 1], 1) + np.diag(beside[: p - 1], -1)
    values, vectors = np.linalg.eigh(matrix)
    first = np.empty(p)
    tridiagonal(diagonal, beside, first)
    order = np.argsort(diagonal)
    np.testing.assert_allclose(diagonal[order], values, atol=1e-13)
    np.testing.assert_allclose(first[order] ** 2, vectors[0] ** 2, atol=1e-13)


def test_a_tridiagonal_matrix_that_falls_apart_is_solved_too():
    diagonal, beside, first = np.array([3.0, 1.0, 2.0]), np.array([0.0, 0.0, 9.0]), np.empty(3)
    tridiagonal(diagonal, beside, first)
    assert sorted(diagonal) == [1, 2, 3]
    assert sorted(first**2) == [0, 0, 1]


@pytest.mark.parametrize("size", [1, 2, 5, 8, 11])
def test_rotations_find_the_eigenvalues(size: int):
    square = RNG.normal(size=(size, size))
    matrix = square + square.T
    values, vectors = matrix.copy(), np.empty((size, size))
    diagonalise(values, vectors)
    np.testing.assert_allclose(np.sort(np.diag(values)), np.linalg.eigvalsh(matrix), atol=1e-13)
    np.testing.assert_allclose(vectors @ np.diag(np.diag(values)) @ vectors.T, matrix, atol=1e-13)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_step_bends_negative_eigenvalues_and_is_newtons_where_there_are_none(sign: float):
    free = RNG.normal(size=(5, 3))
    square = RNG.normal(size=(5, 5))
    matrix = square @ square.T
    matrix = matrix if sign > 0.0 else matrix - 3.0 * np.eye(5)
    score, step = RNG.normal(size=5), np.empty(5)
    gain, smallest, largest = uphill(free, score, matrix, 1e-6, step)
    e, q = np.linalg.eigh(free.T @ matrix @ free)
    own = q @ ((q.T @ free.T @ score) / np.maximum(np.abs(e), 1e-6 * np.abs(e).max()))
    np.testing.assert_allclose(step, free @ own, rtol=1e-9)
    # They are bounds where none is bent: with three eigenvalues, to a factor of three.
    slack = 3.0 if sign > 0.0 else 1.0 + 1e-9
    assert 1.0 / slack <= smallest / e.min() <= 1.0 + 1e-9
    assert 1.0 - 1e-9 <= largest / e.max() <= slack
    np.testing.assert_allclose(gain, score @ step, rtol=1e-9)
    assert gain > 0.0
    if sign > 0.0:
        np.testing.assert_allclose(free.T @ matrix @ step, free.T @ score, rtol=1e-8)
