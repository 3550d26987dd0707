"""The method of moments: two groups from moments, its limits, and the spread of large samples."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stature.arrays import Floats
from stature.domain.bias import Bias, Coding, NoBias, Rounding, Selection
from stature.domain.model import Model
from stature.domain.population import Group, Population
from stature.theory.distributions import recorded_distribution
from stature.theory.limits import (
    Equations,
    bias_times_size,
    covariance_times_size,
    moment_equations,
)
from stature.theory.moments import central_moments, equal_sds, free_sds
from tests.theory.schools import sample_of

FAR = Population("far", (Group("a", 0.4, 160.0, 6.0), Group("b", 0.6, 181.0, 7.0)))
ALIKE = Population("alike", (Group("a", 0.4, 160.0, 6.0), Group("b", 0.6, 181.0, 6.0)))
FREE, EQUAL = Model("none"), Model("none", sds="equal")


def moments_of(theta: list[float]) -> Floats:
    """Central moments of a mixture of normals, by Gauss' rule, which is exact for powers."""
    shares, means, sds = np.split(np.array(theta), 3)
    nodes, weights = np.polynomial.hermite_e.hermegauss(12)
    x = means[:, None] + sds[:, None] * nodes
    return central_moments(x.ravel(), (shares[:, None] * weights).ravel())


def about_its_mean(theta: list[float]) -> Floats:
    shares, means, sds = np.split(np.array(theta), 3)
    return np.concatenate([shares, means - shares @ means, sds])


@pytest.mark.parametrize("share", [0.2, 0.5, 0.7])
@pytest.mark.parametrize("gap", [5.0, 13.0, 30.0])
def test_moments_of_a_population_give_it_back(share: float, gap: float):
    equal = [share, 1 - share, 163.0, 163.0 + gap, 6.5, 6.5]
    found = equal_sds(moments_of(equal))
    assert found is not None
    assert_allclose(found, about_its_mean(equal), rtol=1e-6)
    theta = [share, 1 - share, 163.0, 163.0 + gap, 6.5, 7.0]
    found = free_sds(moments_of(theta))
    assert found is not None
    assert_allclose(found, about_its_mean(theta), rtol=1e-5)


def test_a_sample_with_heavy_tails_has_no_root():
    x = np.array([-9.0, -1, -1, 0, 0, 0, 0, 1, 1, 9])
    assert equal_sds(central_moments(x, np.ones(10))) is None


def at(population: Population, bias: Bias, model: Model) -> Equations:
    found = moment_equations(model, sample_of(model, bias, "random", population))
    assert found is not None
    return found


@pytest.mark.parametrize(("population", "model"), [(FAR, FREE), (ALIKE, FREE), (ALIKE, EQUAL)])
def test_moments_go_to_the_truth(population: Population, model: Model):
    found = at(population, NoBias(), model)
    mixture = found.mixture_cm(found.root)
    assert_allclose(mixture.shares, population.shares, rtol=1e-6)
    assert_allclose(mixture.means_cm, population.means_cm, rtol=1e-7)
    assert_allclose(mixture.sds_cm, population.sds_cm, rtol=1e-6)
    # At the root the mean of the equations is zero, and the information is their slope.
    mean = found.strata.sum(axis=0) @ found.scores(found.root)
    assert_allclose(mean, 0.0, atol=1e-8)
    for j, direction in enumerate(found.free.T):
        ends = [
            found.strata.sum(axis=0) @ found.scores(found.root + sign * 1e-5 * direction)
            for sign in (1, -1)
        ]
        slope = (ends[0] - ends[1]) / 2e-5
        assert_allclose(-slope, found.information(found.root)[:, j], atol=1e-6)


@pytest.mark.parametrize("bias", [Rounding(5.0), Selection(0.05), Coding(above_cm=190.0)], ids=str)
def test_under_a_bias_the_limit_has_the_moments_of_what_is_recorded(bias: Bias):
    found = at(FAR, bias, EQUAL)
    mixture = found.mixture_cm(found.root)
    recorded = recorded_distribution(FAR, bias, "random")
    theta = equal_sds(central_moments(recorded.nodes_cm, recorded.weights))
    assert theta is not None
    assert_allclose(mixture.shares, theta[:2], rtol=1e-6)
    mean = recorded.weights @ recorded.nodes_cm
    assert_allclose(mixture.means_cm, mean + theta[2:4], rtol=1e-8)


def test_means_and_errors_of_many_samples_are_those_of_theory():
    random = np.random.default_rng(11)
    found = at(ALIKE, NoBias(), EQUAL)
    estimates: list[np.ndarray] = []
    for _ in range(2000):
        tall = random.random(2000) < 0.6
        x = np.where(tall, 181.0, 160.0) + 6.0 * random.standard_normal(2000)
        theta = equal_sds(central_moments(x, np.ones(2000)))
        assert theta is not None
        theta[2:4] += x.mean()
        estimates.append(theta.reshape(3, 2).T.ravel())
    ses = np.sqrt(np.diag(covariance_times_size(found))[:6] / 2000)
    got = np.array(estimates)
    # The error of an SD over 2000 samples is 1/sqrt(4000) of itself, a little more with tails.
    assert_allclose(got.std(axis=0), ses, rtol=4 * 1.2 / np.sqrt(4000))
    mixture = found.mixture_cm(found.root)
    limit = np.column_stack([mixture.shares, mixture.means_cm, mixture.sds_cm]).ravel()
    away = got.mean(axis=0) - limit - bias_times_size(found)[:6] / 2000
    assert (np.abs(away) < 4 * ses / np.sqrt(2000)).all()


def test_heavy_tails_have_no_two_groups():
    one = Population("one", (Group("a", 0.5, 170.0, 2.0), Group("b", 0.5, 170.0, 12.0)))
    assert moment_equations(EQUAL, sample_of(EQUAL, NoBias(), "random", one)) is None
