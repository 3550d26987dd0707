"""Priors: their derivatives, their ends, and one maximum by the two searches."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from stature.arrays import Floats
from stature.domain.model import Model
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import Estimator, Method, Prior
from stature.estimators.fit import start_uniforms
from stature.estimators.general.solve import block_of_general
from stature.estimators.plain.block import starts_of
from stature.kernels.prior import add_prior_information, add_prior_score, draw_together, log_prior
from tests.estimators.laws import fit, samples, spec_of

PEOPLE = samples(3, 300)
FREE, EQUAL = (Estimator("e", Model("none", sds=sds), "newton") for sds in ("free", "equal"))
METHODS: tuple[Method, ...] = ("em", "newton", "squarem")


def theta_of(u: Floats) -> Floats:
    """Shares, means and SDs at some coordinates."""
    k = (len(u) + 1) // 3
    shares = np.exp(np.append(u[: k - 1], 0.0))
    return np.concatenate([shares / shares.sum(), u[k - 1 : 2 * k - 1], np.exp(u[2 * k - 1 :])])


@pytest.mark.parametrize("numbers", [*np.diag([5.0, 12.0, 0, 0, 0])[:2], (5.0, 9.0, 2.0, 3.0, 0.5)])
def test_score_and_information_are_the_derivatives_of_the_prior(numbers: Floats):
    prior, h = np.array(numbers), 1e-5
    u = np.array([0.3, -0.8, -1.0, 0.1, 1.2, -0.7, 0.2, 0.4])

    def score(u: Floats) -> Floats:
        g = np.zeros(8)
        add_prior_score(theta_of(u), prior, g)
        return g

    information = np.zeros((8, 8))
    add_prior_information(theta_of(u), prior, information)
    assert abs(information).max() > 1
    for i, step in enumerate(h * np.eye(8)):
        rise = log_prior(theta_of(u + step), prior) - log_prior(theta_of(u - step), prior)
        assert_allclose(score(u)[i], rise / (2 * h), atol=1e-7)
        slope = score(u - step) - score(u + step)
        assert_allclose(information[i], slope / (2 * h), atol=1e-7)


@pytest.mark.parametrize("method", METHODS)
def test_no_people_and_any_ratio_are_no_prior_to_the_last_bit(method: Method):
    plain = fit(replace(FREE, method=method), PEOPLE, 100, 300)
    other = fit(
        replace(FREE, method=method, prior=Prior(shares=0, sd_ratio=1e200)), PEOPLE, 100, 300
    )
    for name in ("estimate", "std_error", "robust_std_error", "log_likelihood", "passes"):
        assert_array_equal(getattr(other, name), getattr(plain, name))


def test_a_narrow_ratio_gives_equal_sds_and_a_wide_one_free_sds():
    for width, plain in ((1e-5, EQUAL), (1e6, FREE)):
        found = fit(replace(FREE, prior=Prior(shares=0, sd_ratio=width)), PEOPLE)
        expected = fit(plain, PEOPLE)
        assert_allclose(found.estimate, expected.estimate, rtol=1e-8)
        assert_allclose(found.std_error, expected.std_error, rtol=1e-6)


@pytest.mark.parametrize("prior", [Prior(), Prior(shares=0, sd_ratio=0.05), Prior("mclust")])
@pytest.mark.parametrize("estimator", [FREE, EQUAL], ids=["free", "equal"])
def test_both_searches_and_all_methods_certify_one_maximum(estimator: Estimator, prior: Prior):
    estimator = replace(estimator, prior=prior)
    spec = spec_of(estimator, (300,), 3)
    general, _ = block_of_general(spec, PEOPLE, starts_of(spec, start_uniforms(spec)))
    for method in METHODS:
        plain = fit(replace(estimator, method=method), PEOPLE)
        assert (plain.decrement < 1e-12).all()
        assert (general.decrement < 1e-12).all()
        assert_allclose(plain.estimate, general.estimate, rtol=1e-7)
        assert_allclose(plain.log_likelihood, general.log_likelihood, rtol=1e-11)
        assert_allclose(plain.std_error, general.std_error, rtol=1e-6)
        assert_allclose(plain.robust_std_error, general.robust_std_error, rtol=1e-6)


@pytest.mark.parametrize("groups", [2, 3])
def test_sds_drawn_together_solve_their_equations(groups: int):
    # -n_k + q_k e^(-2 l_k) - 2 r (l_k - lbar) = 0, with q_k = n_k sd_k^2; from SDs 1e6 apart too.
    rng = np.random.default_rng(5)
    for ratio in 10.0 ** np.arange(-6, 7):
        people, before = rng.uniform(0.01, 300, groups), 10 ** rng.uniform(-3, 3, groups)
        sds = before.copy()
        draw_together(people, ratio, sds)
        away = np.log(sds) - np.log(sds).mean()
        squares = people * before**2 / sds**2
        scale = people + squares + 2 * ratio * (abs(away) + 1e-4)
        assert (abs(squares - people - 2 * ratio * away) < 1e-8 * scale).all()


def test_standard_errors_are_those_of_likelihood_and_prior():
    """With b and tau tiny the prior says all there is: the log ratio of the SDs has SD tau."""
    fits = fit(replace(FREE, prior=Prior(shares=1e9, sd_ratio=1e-4)), PEOPLE)
    assert_allclose(fits.estimate[..., 0], 0.5, atol=1e-6)
    # b K (pi - pi^2) is the information on the logit: 1e9 / 2, times (1/4)^2 for the share.
    assert_allclose(fits.std_error[..., 0], 0.25 / np.sqrt(5e8), rtol=1e-3)


def test_a_prior_keeps_a_group_of_one_height_from_being_a_spike():
    heights_cm = PEOPLE.heights_cm.copy()
    heights_cm[:, :20] = 150.0
    spiked = replace(PEOPLE, heights_cm=heights_cm)
    for prior in (Prior(), Prior("mclust")):
        found = fit(replace(CATALOGUE["em-map"], prior=prior), spiked)
        assert (found.status == 0).all()
        assert (found.estimate[..., [2, 5]] > 0.5).all()
