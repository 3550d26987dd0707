"""Posterior intervals: the t law of one group, weighted order statistics, and their stream."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import gammaln
from scipy.stats import cauchy, chi, lognorm, norm, t, uniform

from stature.design.samples import Samples
from stature.domain.model import Model
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import (
    Estimator,
    FitSpec,
    IntervalStatus,
    Prior,
    Status,
    why_refused,
)
from stature.estimators.fit import fit_block
from stature.estimators.intervals.posterior import (
    OF_DRAWS,
    OF_INTERVALS,
    OF_MEANS,
    Belief,
    Draws,
    centre_at,
    log_density,
    log_likelihoods,
    log_prior,
    mirrored,
    mixtures,
    ordered_within,
    weights_under,
    widest_interval,
)
from tests.estimators.laws import KEY, fit, moved, samples

NEWTON = Estimator("e", Model("none"), "newton", interval="posterior")
MEANS = replace(NEWTON, estimate="posterior")
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


def test_the_likelihood_of_a_mixture_is_that_of_its_density():
    x, w = np.linspace(-2, 2, 9), np.arange(1.0, 10.0)
    u = np.array([[0.4, -0.7, 0.8, -0.5, -0.2], [-1.0, 0.1, 1.4, -1.0, 0.0]])
    theta, values, again = mixtures(u, 2), np.empty(2), np.empty(2)
    log_likelihoods(x, w, theta, values)
    for (a, m, n, low, k), value in zip(u, values, strict=True):
        p = 1 / (1 + np.exp(-a))
        density = p * norm.pdf(x, m, np.exp(low)) + (1 - p) * norm.pdf(x, n, np.exp(k))
        assert value == pytest.approx(w @ np.log(density), rel=1e-12)
    # Weights count as repeats.
    repeated = np.repeat(x, w.astype(int))
    log_likelihoods(repeated, np.ones(len(repeated)), theta, again)
    assert_allclose(again, values, rtol=1e-12)
    assert_array_equal(ordered_within(theta, -0.9, 1.0), [True, False])


LAWS: list[tuple[Belief, int, Any, Any]] = [
    # The power of shares; 0: all logits are as likely.
    (OF_INTERVALS[0], 0, norm(scale=0.5), uniform(0.0, 100.0)),
    # The mode of the distance times exp(.7^2) is its median: 1.0, and 3.3.
    (OF_INTERVALS[1], 1, norm(scale=0.5), lognorm(0.7, scale=0.61 * np.exp(0.49))),
    (OF_MEANS, 2, cauchy(scale=0.2), lognorm(0.7, scale=2.0 * np.exp(0.49))),
]


@pytest.mark.parametrize(("belief", "people", "of_log_ratio", "of_distance"), LAWS)
def test_a_prior_is_that_of_share_log_ratio_and_distance(
    belief: Belief, people: int, of_log_ratio: Any, of_distance: Any
):
    rng = np.random.default_rng(8)
    p, sds = rng.uniform(0.1, 0.9, 50), np.exp(rng.normal(0, 0.5, (50, 2)))
    means = np.sort(rng.normal(0, 1, (50, 2)), axis=1)
    weight = rng.uniform(0, 1, 50)
    weight[:5] = 0.0  # draws outside stay there
    theta = np.column_stack([p, 1 - p, means, sds])
    pooled = np.sqrt(p * sds[:, 0] ** 2 + (1 - p) * sds[:, 1] ** 2)
    # Of the logit of a share Beta(a, a) has the density (p (1 - p))^a.
    density = (p * (1 - p)) ** people * of_log_ratio.pdf(np.log(sds[:, 1] / sds[:, 0]))
    density *= of_distance.pdf(np.diff(means)[:, 0] / pooled)
    found = log_prior(theta, belief) - np.log(density)
    assert_allclose(found, found[0], atol=1e-10)
    # Weights under it are those under the prior of the draws times the ratio of the two.
    got = weights_under(Draws(theta, weight / weight.sum()), belief)
    expected = weight * np.exp(log_prior(theta, belief) - log_prior(theta, OF_DRAWS))
    assert_allclose(got, expected / expected.sum(), rtol=1e-10, atol=1e-300)


def test_draws_about_a_centre_have_the_density_of_a_t_law():
    # In one dimension: t of 5 degrees about 2, with a scale of 3, but for the constant.
    centre, v = centre_at(np.array([2.0]), np.array([[9.0]])), np.linspace(-9, 9, 7)[:, None]
    law: Any = t(5, loc=2, scale=3)
    apart = log_density(centre, v) - law.logpdf(v[:, 0])
    assert_allclose(apart, apart[0], rtol=1e-12)


def test_the_ends_of_an_interval_are_the_outermost_weighted_order_statistics():
    # Weights .02 .03 .90 .05 of 1 2 3 4: .025 is reached at 2, .975 at 4, .05 at 2, .90 at 3.
    values, weight = np.array([[3.0], [1.0], [4.0], [2.0]]), np.array([0.9, 0.02, 0.05, 0.03])
    assert widest_interval(values, [weight], (0.025, 0.975)).ravel().tolist() == [2.0, 4.0]
    assert widest_interval(values, [weight], (0.01, 0.9)).ravel().tolist() == [1.0, 3.0]
    # Of equal weights .025 is reached at 1, and .90 at 4.
    both = [weight, np.full(4, 0.25)]
    assert widest_interval(values, both, (0.025, 0.9)).ravel().tolist() == [1.0, 4.0]


def test_values_that_could_be_one_normal_have_the_interval_of_their_mirror_image():
    # A normal sample, and one of two groups 20 cm apart; 340 less each height is its mirror image.
    one = Samples(
        np.arange(3, dtype=np.int32),
        np.random.default_rng(12).normal(170.0, 7.0, (3, 120)),
        np.zeros((3, 120), np.int8),
        PEOPLE.group_names,
    )
    for people, are_one in ((one, True), (PEOPLE, False)):
        fits, image = fit(NEWTON, people, 120), fit(NEWTON, moved(people, -1.0, 340.0), 120)
        # Other draws, but of one law: ends differ by a tenth of the width or so.
        width = (fits.upper - fits.lower)[..., 1]
        assert (np.abs(340.0 - image.lower[..., 4] - fits.upper[..., 1]) < 0.4 * width).all()
        turned = 2 * people.heights_cm.mean(axis=1)[:, None] - fits.lower[..., 4]
        assert (np.abs(turned - fits.upper[..., 1]) < 1e-9 * 170).all() == are_one


def test_the_mirror_image_has_its_groups_in_order():
    theta = np.array([[0.3, 0.7, -1.0, 0.5, 0.6, 0.9]])
    assert mirrored(theta).tolist() == [[0.7, 0.3, -0.5, 1.0, 0.9, 0.6]]


def test_the_interval_does_not_depend_on_the_prior_of_the_estimator():
    wide = fit(replace(NEWTON, prior=Prior(sd_ratio=2.0)), PEOPLE, 60)
    assert_array_equal(wide.upper, fit(NEWTON, PEOPLE, 60).upper)


def test_of_one_group_the_posterior_means_are_those_of_students_law():
    n, people = 25, samples(60, 25)
    people = replace(people, group_index=np.zeros((60, n), np.int8), group_names=("a",))
    spec = FitSpec(MEANS, ("a",), None, None, "random", (n,), 0, 59, KEY, 0)
    fits, _ = fit_block(spec, people)
    mean, s = people.heights_cm.mean(axis=1), people.heights_cm.std(axis=1, ddof=1)
    # E 1/chi of n - 1, times the root of n - 1; SDs of both laws, whose means are of 400 draws.
    to_sd = np.exp(0.5 * np.log((n - 1) / 2) + gammaln((n - 2) / 2) - gammaln((n - 1) / 2))
    of_mean = (fits.estimate[:, 0, 1] - mean) * np.sqrt(n) / s
    of_sd = fits.estimate[:, 0, 2] / s
    law: Any = t(n - 1)
    spread = np.sqrt((n - 1) / (n - 3) - to_sd**2)
    assert abs(of_mean.mean()) < 5 * law.std() / np.sqrt(400 * 60)
    assert abs(of_sd.mean() - to_sd) < 5 * spread / np.sqrt(400 * 60)
    # The standard error of an SD from 400 draws is a twenty-eighth of it, or somewhat more.
    relative = fits.std_error[:, 0, 1] * np.sqrt(n) / s / law.std()
    assert abs(relative.mean() - 1) < 5 * 1.2 / np.sqrt(2 * 400 * 60)


def test_posterior_means_move_with_people_and_leave_the_intervals_alone():
    fits, other = fit(MEANS, PEOPLE, 60, 120), fit(MEANS, moved(PEOPLE, 2.0, -100.0), 60, 120)
    factor = np.array([1.0, 2.0, 2.0, 1.0, 2.0, 2.0, 2.0])
    shift = np.array([0.0, -100.0, 0.0, 0.0, -100.0, 0.0, 0.0])
    assert_allclose(other.estimate, factor * fits.estimate + shift, rtol=1e-6)
    assert_allclose(other.std_error, factor * fits.std_error, rtol=1e-6)
    maxima = fit(NEWTON, PEOPLE, 60, 120)
    for name in ("lower", "upper", "interval_status", "log_likelihood"):
        assert_array_equal(getattr(fits, name), getattr(maxima, name))
    assert_allclose(fits.estimate[..., 0] + fits.estimate[..., 3], 1.0, rtol=1e-12)
    assert (fits.estimate != maxima.estimate).all()


def test_the_prior_of_posterior_means_fades():
    # It says as much as a few people: of many that are apart it moves a small part of an error.
    people = samples(2, 2000)
    fits, maxima = fit(MEANS, people), fit(NEWTON, people)
    away = np.abs(fits.estimate - maxima.estimate) / maxima.std_error
    # A mean of 400 draws has a twentieth of a posterior SD for its error: 5 of them.
    assert away.max() < 0.25 + 0.1
    assert_allclose(fits.std_error, maxima.std_error, rtol=0.2)


@pytest.mark.parametrize(
    ("estimator", "words"),
    [
        (replace(MEANS, interval="wald"), "goes with interval: posterior"),
        (replace(MEANS, prior=Prior()), "no other prior"),
    ],
)
def test_posterior_means_have_draws_and_a_prior_of_their_own(estimator: Estimator, words: str):
    assert words in why_refused(estimator, 2)
