"""Posterior intervals: the t law of one group, weighted order statistics, and their stream."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import chi, norm, t

from stature.design.samples import Samples
from stature.domain.model import Model
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import Estimator, FitSpec, IntervalStatus, Prior, Status
from stature.estimators.fit import fit_block
from stature.estimators.intervals.posterior import (
    central_interval,
    centre_at,
    log_density,
    log_posteriors,
    mixtures,
    ordered_within,
)
from tests.estimators.laws import KEY, fit, samples

NEWTON = Estimator("e", Model("none"), "newton", interval="posterior")
PEOPLE = samples(3, 120)


def test_of_one_group_the_mean_has_students_t_law():
    # A flat prior on mean and log-SD: (mu - m) sqrt(n) / s is t of n - 1, (n - 1) s^2 / sd^2 chi^2.
    n, replicates = 25, 60
    heights_cm = np.random.default_rng(3).normal(170, 7, (replicates, n))
    people = Samples(
        np.arange(replicates, dtype=np.int32),
        heights_cm,
        np.zeros((replicates, n), np.int8),
        ("a",),
    )
    spec = FitSpec(NEWTON, ("a",), None, None, "random", (n,), 0, replicates - 1, KEY, 0)
    fits, _ = fit_block(spec, people)
    mean, s = heights_cm.mean(axis=1), heights_cm.std(axis=1, ddof=1)
    at = [(end[:, 0, 1] - mean) * np.sqrt(n) / s for end in (fits.lower, fits.upper)]
    of_sd = [np.sqrt(n - 1) * s / end[:, 0, 2] for end in (fits.lower, fits.upper)]
    laws: list[Any] = [t(n - 1), chi(n - 1)]
    ends_of, tails_of = (at, of_sd), ((0.025, 0.975), (0.975, 0.025))
    for ends, law, tails in zip(ends_of, laws, tails_of, strict=True):
        for values, tail in zip(ends, tails, strict=True):
            # Draws worth 400: a quantile has this standard error, and its average that over the
            # root of the replicates; 5 of them.
            error = np.sqrt(0.025 * 0.975 / 400) / law.pdf(law.ppf(tail))
            assert abs(values.mean() - law.ppf(tail)) < 5 * error / np.sqrt(replicates)
    assert (fits.interval_status[..., 1:] == IntervalStatus.OK).all()


def test_intervals_are_the_same_whatever_the_estimator_and_the_other_sizes():
    alone = fit(NEWTON, PEOPLE, 60)
    other = fit(replace(CATALOGUE["em-map"], interval="posterior"), PEOPLE, 40, 60, 120)
    for name in ("lower", "upper", "interval_status"):
        assert_array_equal(getattr(other, name)[:, 1], getattr(alone, name)[:, 0])
    assert (alone.lower < alone.upper).all()
    assert_allclose(alone.lower[..., 0], 1 - alone.upper[..., 3], atol=0.02)
    assert (other.status == Status.CONVERGED).all()


@pytest.mark.parametrize("model", [Model("none", sds="equal"), Model("none", shares="known")])
def test_what_a_model_holds_together_is_held_together(model: Model):
    fits = fit(replace(NEWTON, model=model), PEOPLE, 120)
    if model.sds == "equal":
        assert_allclose(fits.upper[..., 2], fits.upper[..., 5], rtol=1e-9)
    else:
        assert (fits.interval_status[..., [0, 3]] == IntervalStatus.NONE).all()
        assert np.isnan(fits.lower[..., [0, 3]]).all()
    assert np.isfinite(fits.upper[..., 1]).all()


def test_the_density_of_a_mixture_is_its_likelihood_times_the_prior():
    x, w = np.linspace(-2, 2, 9), np.arange(1.0, 10.0)
    u = np.array([[0.4, -0.7, 0.8, -0.5, -0.2], [-1.0, 0.1, 1.4, -1.0, 0.0]])
    theta, values = mixtures(u, 2), np.empty(2)
    log_posteriors(x, w, np.array([1.0, 4.0, 0, 0, 0]), theta, values)
    for (a, m, n, low, k), value in zip(u, values, strict=True):
        p = 1 / (1 + np.exp(-a))
        density = p * norm.pdf(x, m, np.exp(low)) + (1 - p) * norm.pdf(x, n, np.exp(k))
        # log of the prior: log p (1 - p), and 4 times the squares of log-SDs about their middle
        prior = np.log(p * (1 - p)) - 4 * (low - k) ** 2 / 2
        assert value == pytest.approx(w @ np.log(density) + prior, rel=1e-12)
    assert_array_equal(ordered_within(theta, -0.9, 1.0), [True, False])


def test_draws_about_a_centre_have_the_density_of_a_t_law():
    # In one dimension: t of 5 degrees about 2, with a scale of 3, but for the constant.
    centre, v = centre_at(np.array([2.0]), np.array([[9.0]])), np.linspace(-9, 9, 7)[:, None]
    law: Any = t(5, loc=2, scale=3)
    apart = log_density(centre, v) - law.logpdf(v[:, 0])
    assert_allclose(apart, apart[0], rtol=1e-12)


def test_the_ends_of_an_interval_are_weighted_order_statistics():
    # Weights .02 .03 .90 .05 of 1 2 3 4: .025 is reached at 2, .975 at 4, .05 at 2, .90 at 3.
    values, weight = np.array([[3.0], [1.0], [4.0], [2.0]]), np.array([0.9, 0.02, 0.05, 0.03])
    assert central_interval(values, weight, (0.025, 0.975)).ravel().tolist() == [2.0, 4.0]
    assert central_interval(values, weight, (0.01, 0.9)).ravel().tolist() == [1.0, 3.0]


def test_the_interval_does_not_depend_on_the_prior_of_the_estimator():
    wide = fit(replace(NEWTON, prior=Prior(sd_ratio=2.0)), PEOPLE, 60)
    assert_array_equal(wide.upper, fit(NEWTON, PEOPLE, 60).upper)
