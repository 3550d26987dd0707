import numpy as np
from numba import njit

from stature.kernels.moments import MOMENTS, add_moments


@njit
def add(table: np.ndarray, rows: np.ndarray, y: np.ndarray, w: np.ndarray) -> None:
    for i in range(len(rows)):
        add_moments(table, rows[i], y[i], w[i])


def test_eight_moments_are_added_to_the_row_that_is_named():
    rng = np.random.default_rng(0)
    rows, y, w = rng.integers(0, 5, 400), rng.uniform(-1, 1, 400), rng.uniform(0, 3, 400)
    table = np.zeros((5, MOMENTS))
    add(table, rows, y, w)
    for row in range(5):
        here = rows == row
        expected = (w[here, None] * y[here, None] ** np.arange(MOMENTS)).sum(axis=0)
        np.testing.assert_allclose(table[row], expected, rtol=1e-13, atol=1e-13)


def test_nothing_else_is_touched():
    table = np.zeros((3, MOMENTS))
    add(table, np.array([1]), np.array([0.5]), np.array([2.0]))
    assert (table[[0, 2]] == 0).all()
    assert table[1].tolist() == [2.0 * 0.5**m for m in range(MOMENTS)]
