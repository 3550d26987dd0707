"""Sums over rows, which tests of general estimators compare with theory, and their parts."""

import numpy as np
import pytest
from scipy import integrate
from scipy.stats import norm

from stature.estimators.general.objective import likelihood
from stature.kernels.rows import PARTS, log_normal_cdf, write_cell
from stature.theory.likelihood import rows_of

X = np.random.default_rng(3).normal(size=30)
U = np.array([0.3, -0.8, 0.9, -0.4, -0.5])


def test_products_of_scores_are_left_out_where_nobody_asks():
    rows = rows_of(X, X, np.ones(30))
    every, part = likelihood(U, rows), likelihood(U, rows, with_outer=False)
    assert not part.outer.any()
    assert every.outer.any()
    np.testing.assert_array_equal(part.information, every.information)


def test_the_normal_tail_is_scipys():
    for z in (-300.0, -38.0, -20.5, -19.5, -5.0, -0.1, 0.0, 0.7, 6.0, 30.0):
        np.testing.assert_allclose(log_normal_cdf(z), norm.logcdf(z), rtol=1e-13)
    assert log_normal_cdf(-np.inf) == -np.inf


@pytest.mark.parametrize(
    ("a", "b"), [(-0.3, 0.4), (-1.0, 2.5), (1.5, 4.0), (-6.0, -2.0), (2.0, 2.001), (-3.0, 3.5)]
)
def test_a_cell_has_the_moments_of_a_cut_normal(a: float, b: float):
    part = np.empty(PARTS)
    write_cell(a, b, part)
    mass = norm.cdf(b) - norm.cdf(a) if a < 0.0 else norm.sf(a) - norm.sf(b)
    np.testing.assert_allclose(part[0], np.log(mass), rtol=1e-10)

    def mean(power: int) -> float:
        found = integrate.quad(lambda z: z**power * norm.pdf(z), a, b, epsabs=1e-13)
        return float(found[0]) / float(mass)

    z1, z2, z3, z4 = (mean(power) for power in (1, 2, 3, 4))
    expected = [z1, z2 - 1, z2, z3 - z1, z4 - 2 * z2 + 1, 1.0, 2 * z1, 2 * z2]
    np.testing.assert_allclose(part[1:], expected, rtol=1e-9, atol=1e-9)


def test_an_open_cell_is_the_tail_beyond_its_end():
    part, mirrored = np.empty(PARTS), np.empty(PARTS)
    write_cell(1.0, np.inf, part)
    write_cell(-np.inf, -1.0, mirrored)
    hazard = norm.pdf(1.0) / norm.sf(1.0)
    np.testing.assert_allclose(part[[0, 1, 3]], [norm.logsf(1.0), hazard, 1 + hazard], rtol=1e-13)
    np.testing.assert_allclose(mirrored[[0, 1, 3]], part[[0, 1, 3]] * [1, -1, 1], rtol=1e-13)
