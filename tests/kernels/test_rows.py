"""Sums over rows; `tests/estimators/general/test_likelihoods.py` compares them with theory."""

import numpy as np

from stature.estimators.general.objective import likelihood
from stature.theory.likelihood import rows_of

X = np.random.default_rng(3).normal(size=30)
U = np.array([0.3, -0.8, 0.9, -0.4, -0.5])


def test_products_of_scores_are_left_out_where_nobody_asks():
    rows = rows_of(X, X, np.ones(30))
    whole, part = likelihood(U, rows), likelihood(U, rows, with_outer=False)
    assert not part.outer.any()
    assert whole.outer.any()
    np.testing.assert_array_equal(part.information, whole.information)


def test_matrices_are_symmetric_and_two_people_are_one_twice():
    at = likelihood(U, rows_of(X, X, np.full(30, 2.0)))
    twice = likelihood(U, rows_of(np.tile(X, 2), np.tile(X, 2), np.ones(60)))
    for name in ("information", "completed", "outer"):
        np.testing.assert_array_equal(getattr(at, name), getattr(at, name).T)
        np.testing.assert_allclose(getattr(at, name), getattr(twice, name), rtol=1e-12, atol=1e-12)
