import numpy as np
import pytest

from stature.kernels.linear import eigen, factor, solve, tridiagonal

RNG = np.random.default_rng(5)


@pytest.mark.parametrize("p", [1, 2, 5, 8, 11])
def test_the_factor_gives_the_matrix_back_and_solves(p: int):
    root = RNG.standard_normal((p, p + 2))
    matrix, lower = root @ root.T, np.zeros((p, p))
    assert factor(matrix, lower)
    np.testing.assert_allclose(lower @ lower.T, matrix, rtol=1e-12, atol=1e-12)
    b = RNG.standard_normal(p)
    out = np.empty(p)
    solve(lower, b, out)
    np.testing.assert_allclose(matrix @ out, b, rtol=1e-8, atol=1e-8)


def test_a_matrix_that_is_not_positive_definite_has_no_factor():
    lower = np.zeros((2, 2))
    assert not factor(np.array([[1.0, 2.0], [2.0, 1.0]]), lower)
    assert not factor(np.array([[1.0, 1.0], [1.0, 1.0]]), lower)
    assert not factor(np.array([[np.nan, 0.0], [0.0, 1.0]]), lower)


@pytest.mark.parametrize("p", [1, 2, 4, 8])
def test_eigenvalues_and_vectors_are_those_of_the_library(p: int):
    root = RNG.standard_normal((p, p))
    matrix = root + root.T
    values, vectors = np.empty(p), np.empty((p, p))
    eigen(matrix.copy(), values, vectors)
    np.testing.assert_allclose(np.sort(values), np.linalg.eigvalsh(matrix), atol=1e-12)
    np.testing.assert_allclose(vectors * values @ vectors.T, matrix, atol=1e-12)


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
