"""Steps and eigenvalues against numpy's."""

import numpy as np
import pytest

from stature.kernels.uphill import extremes, turn_to_zero, uphill

RANDOM = np.random.default_rng(8)


@pytest.mark.parametrize("size", [1, 2, 5, 8, 11])
def test_rotations_find_the_eigenvalues(size: int):
    square = RANDOM.normal(size=(size, size))
    matrix = square + square.T
    values, vectors = matrix.copy(), np.empty((size, size))
    turn_to_zero(values, vectors)
    np.testing.assert_allclose(np.sort(np.diag(values)), np.linalg.eigvalsh(matrix), atol=1e-13)
    np.testing.assert_allclose(vectors @ np.diag(np.diag(values)) @ vectors.T, matrix, atol=1e-13)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_step_bends_negative_eigenvalues_and_is_newtons_where_there_are_none(sign: float):
    free = RANDOM.normal(size=(5, 3))
    square = RANDOM.normal(size=(5, 5))
    matrix = square @ square.T
    matrix = matrix if sign > 0.0 else matrix - 3.0 * np.eye(5)
    score, step = RANDOM.normal(size=5), np.empty(5)
    gain, smallest, largest = uphill(free, score, matrix, 1e-6, step)
    e, q = np.linalg.eigh(free.T @ matrix @ free)
    own = q @ ((q.T @ free.T @ score) / np.maximum(np.abs(e), 1e-6 * np.abs(e).max()))
    np.testing.assert_allclose(step, free @ own, rtol=1e-9)
    np.testing.assert_allclose([smallest, largest], [e.min(), e.max()], rtol=1e-9)
    np.testing.assert_allclose(gain, score @ step, rtol=1e-9)
    assert gain > 0.0
    if sign > 0.0:
        np.testing.assert_allclose(free.T @ matrix @ step, free.T @ score, rtol=1e-8)


def test_extremes_are_those_of_the_mixture():
    u = np.array([1.0, -0.5, -3.0, 0.2, 2.0, 0.1, -0.4, 0.7])
    shares = np.exp([1.0, -0.5, 0.0]) / np.exp([1.0, -0.5, 0.0]).sum()
    expected = [shares.min(), np.exp(-0.4), np.exp(0.7), 3.0]
    np.testing.assert_allclose(extremes(u), expected, rtol=1e-14)
    np.testing.assert_allclose(extremes(np.array([2.0, 0.3])), [1.0, np.exp(0.3), np.exp(0.3), 2.0])
