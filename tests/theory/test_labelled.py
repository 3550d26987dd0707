"""Labelled samples in the small: exact facts against printed numbers and against scipy."""

import numpy as np
import pytest
from scipy import stats

from stature.theory.labelled import (
    expected_sd_ratio,
    expected_variance_ratio,
    mean_coverage,
    sd_empirical_se_ratio,
    sd_rmse_ratio,
    student_t_quantile,
    student_t_within,
    variance_of_variance_ratio,
)


@pytest.mark.parametrize(
    ("people", "ratio", "rmse", "coverage", "quantile"),
    [
        (4, 0.797884560803, 0.3927223935, 0.81180869, 3.182446305),
        (10, 0.922745608053, 0.2334711629, 0.90409272, 2.262157163),
        (20, 0.961944533741, 0.1615887760, 0.92869858, 2.093024054),
        (100, 0.992478054981, 0.0710203495, 0.94601219, 1.984216952),
    ],
)
def test_small_samples_have_the_printed_facts(
    people: int, ratio: float, rmse: float, coverage: float, quantile: float
) -> None:
    np.testing.assert_allclose(expected_sd_ratio(people), ratio, rtol=0, atol=6e-13)
    np.testing.assert_allclose(sd_rmse_ratio(people), rmse, rtol=0, atol=6e-11)
    np.testing.assert_allclose(mean_coverage(people), coverage, rtol=0, atol=6e-9)
    np.testing.assert_allclose(student_t_quantile(0.95, people - 1), quantile, rtol=0, atol=6e-10)


@pytest.mark.parametrize("people", [2, 3, 7, 50, 5000])
def test_moments_of_the_sd_are_those_of_chi(people: int) -> None:
    chi = stats.chi(people - 1, scale=1 / np.sqrt(people))
    # The gamma functions lose 1e-16 of their logarithm, 4e4 at 5000 people.
    np.testing.assert_allclose(expected_sd_ratio(people), chi.mean(), rtol=1e-11)
    np.testing.assert_allclose(sd_empirical_se_ratio(people), chi.std(), rtol=1e-6)
    squared = stats.chi2(people - 1, scale=1 / people)
    np.testing.assert_allclose(expected_variance_ratio(people), squared.mean(), rtol=1e-13)
    np.testing.assert_allclose(variance_of_variance_ratio(people), squared.var(), rtol=1e-13)


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 5, 19, 100, 4999])
def test_students_law_is_scipys(freedom: int) -> None:
    for t in (0.0, 0.1, 1.0, 2.5, 40.0):
        expected = stats.t.cdf(t, freedom) - stats.t.cdf(-t, freedom)
        np.testing.assert_allclose(student_t_within(t, freedom), expected, rtol=0, atol=1e-13)
    for level in (0.5, 0.95, 0.999):
        expected = stats.t.ppf((1 + level) / 2, freedom)
        np.testing.assert_allclose(student_t_quantile(level, freedom), expected, rtol=1e-10)
