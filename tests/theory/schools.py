"""Populations and mixtures that the tests of theory share, and what they ask of them."""

from collections.abc import Callable

import numpy as np

from stature.arrays import Floats
from stature.domain.bias import Bias
from stature.domain.mixture import Mixture
from stature.domain.model import Model, Sampling, coordinates
from stature.domain.population import Group, Pool, Population
from stature.theory.distributions import recorded_distribution
from stature.theory.infinite import InfiniteSample, infinite_sample
from stature.theory.likelihood import (
    Likelihood,
    Rows,
    likelihood,
    rows_of,
)
from stature.theory.limits import Limit, covariance_times_size, likelihood_equations, limit

SCHOOL = Population("school", (Group("girls", 0.5, 163.0, 6.5), Group("boys", 0.5, 176.0, 7.0)))
THREE = Population(
    "three", (Group("a", 0.3, 150.0, 5.0), Group("b", 0.3, 168.0, 6.0), Group("c", 0.4, 185.0, 6.0))
)
# Off any maximum of the people below: identities hold at every mixture.
MIXTURES = [
    Mixture(np.array([1.0]), np.array([0.3]), np.array([1.2])),
    Mixture(np.array([0.3, 0.7]), np.array([-1.0, 0.9]), np.array([0.65, 0.7])),
    Mixture(np.array([0.2, 0.5, 0.3]), np.array([-2.0, 0.1, 1.0]), np.array([0.5, 0.65, 1.1])),
    Mixture(
        np.array([0.1, 0.2, 0.3, 0.4]), np.array([-2.0, -1.0, 0.5, 2.0]), np.array([1, 0.5, 0.7, 2])
    ),
]
NODES = np.linspace(-3.0, 3.0, 11)
WEIGHTS = np.linspace(0.5, 2.0, 11)


def sample_of(
    model: Model,
    bias: Bias,
    sampling: Sampling = "random",
    population: Population = SCHOOL,
    pool: Pool | None = None,
) -> InfiniteSample:
    """Infinite sample of a scenario, which there must be."""
    sample = infinite_sample(population, bias, model, sampling, pool)
    assert sample is not None
    return sample


def limit_of(
    model: Model,
    bias: Bias,
    sampling: Sampling = "random",
    population: Population = SCHOOL,
    pool: Pool | None = None,
) -> Limit | None:
    """Limit of a model in a scenario."""
    sample = infinite_sample(population, bias, model, sampling, pool)
    recorded = recorded_distribution(population, bias, sampling, pool)
    return None if sample is None else limit(model, sample, recorded, population, sampling)


def limit_in(
    model: Model,
    bias: Bias,
    sampling: Sampling = "random",
    population: Population = SCHOOL,
    pool: Pool | None = None,
) -> Limit:
    """Limit of a model in a scenario, which there must be."""
    end = limit_of(model, bias, sampling, population, pool)
    assert end is not None
    return end


def covariance_of(end: Limit) -> Floats:
    """Covariance around a limit, times n."""
    return covariance_times_size(likelihood_equations(end))


def labelled_rows(x: Floats, masses: Floats) -> Rows:
    """People of known groups: masses of shape (k, m) at the heights (m,)."""
    groups, count = masses.shape
    heights, weight = np.tile(x, groups), masses.ravel()
    everybody = np.ones(groups * count, dtype=np.bool_)
    group = np.repeat(np.arange(groups), count)
    return Rows(heights, heights, weight, weight, group, everybody)


def scores(mixture: Mixture, x: Floats) -> Floats:
    """Score of an unlabelled person of each height, shape (m, 3 K - 1)."""
    return likelihood(coordinates(mixture.theta), rows_of(x, x, np.ones(len(x)))).scores


def complete_scores(mixture: Mixture, x: Floats) -> Floats:
    """Score of a person of each group and height, shape (k, m, 3 K - 1)."""
    groups = len(mixture.shares)
    rows = labelled_rows(x, np.ones((groups, len(x))))
    return likelihood(coordinates(mixture.theta), rows).scores.reshape(groups, len(x), -1)


def unlabelled(mixture: Mixture, x: Floats, weight: Floats) -> Likelihood:
    """Likelihood of unlabelled people."""
    return likelihood(coordinates(mixture.theta), rows_of(x, x, weight))


def five_points(function: Callable[[Floats], Floats], u: Floats, step: float) -> Floats:
    """Derivative of a function of u in each direction, last axis, to the order step^4."""
    columns = [
        (
            function(u - 2 * step * e)
            - 8 * function(u - step * e)
            + 8 * function(u + step * e)
            - function(u + 2 * step * e)
        )
        / (12 * step)
        for e in np.eye(len(u))
    ]
    return np.stack(columns, axis=-1)
