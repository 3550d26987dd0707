"""The bias of order 1/n: exact facts where there are some, and the mean of many fits."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import truncnorm

from stature.arrays import Floats
from stature.domain.bias import Bias, NoBias, Selection, Truncation
from stature.domain.model import Model, Sampling
from stature.domain.observation import Truncated, Weighted
from stature.domain.population import Group, Population
from stature.estimators.general.optimise import maximise
from stature.theory.distributions import recorded_distribution
from stature.theory.likelihood import rows_of
from stature.theory.limits import Equations, bias_times_size, likelihood_equations
from tests.estimators.laws import objective_of
from tests.theory.schools import SCHOOL, limit_in

ONE = Population("one", (Group("all", 1.0, 170.0, 7.0),))


def at(model: Model, bias: Bias, sampling: Sampling, population: Population) -> Equations:
    return likelihood_equations(limit_in(model, bias, sampling, population))


@pytest.mark.parametrize("sampling", ["random", "stratified"])
def test_labelled_sds_are_short_by_three_quarters_of_themselves(sampling: Sampling):
    # E s / sd = 1 - 3 / (4 m) + ..., m people of a group; means and shares have no bias.
    got = bias_times_size(at(Model("all"), NoBias(), sampling, SCHOOL))
    expected = [0.0, 0.0, -0.75 * 6.5 / 0.5, 0.0, 0.0, -0.75 * 7.0 / 0.5, 0.0]
    assert_allclose(got, expected, rtol=1e-5, atol=1e-6)


def test_pooled_sds_lose_a_degree_of_freedom_for_each_mean():
    equal = Population("equal", (Group("a", 0.5, 160.0, 7.0), Group("b", 0.5, 176.0, 7.0)))
    got = bias_times_size(at(Model("all", sds="equal"), NoBias(), "random", equal))
    # E v = v (1 - 2/n), and the root loses Var v / (8 v^2) = 1 / (4 n) more.
    assert_allclose(got[[2, 5]], -1.25 * 7.0, rtol=1e-5)


def test_a_weighted_mean_has_the_bias_of_a_ratio():
    # sum w x / sum w has the bias -Cov(w, w (x - m)) / (E w)^2 / n.
    bias, model = Selection(0.1), Model("none", observation=Weighted(0.1, 170.0))
    equations = at(model, bias, "random", ONE)
    recorded = recorded_distribution(ONE, bias, "random")
    w = 1.0 + np.exp(-0.1 * (recorded.nodes_cm - 170.0))
    mean_w = recorded.weights @ w
    mean = recorded.weights @ (w * recorded.nodes_cm) / mean_w
    expected = -(recorded.weights @ (w**2 * (recorded.nodes_cm - mean))) / mean_w**2
    assert_allclose(bias_times_size(equations)[1], expected, rtol=1e-5)


def test_a_known_sd_under_a_cut_has_the_bias_of_an_exponential_family():
    # The natural parameter mu / v is off by -k3 / (2 k2^2 n), k the cumulants of who was kept.
    model = Model("none", sds="known", observation=Truncated(165.0))
    equations = at(model, Truncation(165.0), "random", ONE)
    _, second, skewness, _ = truncnorm.stats(-5 / 7, np.inf, 170.0, 7.0, moments="mvsk")
    expected = -(7.0**2) * skewness * second**1.5 / (2 * second**2)
    assert_allclose(bias_times_size(equations)[1], expected, rtol=1e-5)


@pytest.mark.slow
def test_a_mixture_is_off_by_the_first_term_on_average():
    random = np.random.default_rng(5)
    two = Population("two", (Group("a", 0.5, -1.6, 1.0), Group("b", 0.5, 1.6, 1.0)))
    model = Model("none", sds="equal")
    start = np.array([0.0, -1.6, 1.6, 0.0, 0.0])
    ends: list[Floats] = []
    for _ in range(2000):
        x = np.where(random.random(300) < 0.5, -1.6, 1.6) + random.standard_normal(300)
        objective = objective_of(rows_of(x, x, np.ones(300)), model)
        ends.append(maximise(start, objective, 3, 50, 1e-12).u)
    estimates = np.array(ends)
    estimates[:, 3:] = np.exp(estimates[:, 3:])
    error = estimates.std(axis=0) / np.sqrt(2000)
    first = bias_times_size(at(model, NoBias(), "random", two))[[1, 4, 2, 5]] / 300
    assert np.abs(first / error[1:]).max() > 3.0
    away = estimates.mean(axis=0)[1:] - [-1.6, 1.6, 1.0, 1.0] - first
    assert (np.abs(away) < 4.0 * error[1:]).all()
