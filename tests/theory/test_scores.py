"""Scores and information against differences, direct formulas and each other."""

from collections.abc import Callable

import numpy as np
import pytest

from stature.arrays import Floats
from stature.domain.mixture import Mixture, log_density, log_joint
from stature.theory.coordinates import coordinates, mixture_at
from stature.theory.quadrature import trapezoid
from stature.theory.scores import (
    complete_information,
    complete_scores,
    observed_information,
    scores,
)

# Off any maximum: the identities hold at every mixture.
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


def five_points(
    function: Callable[[Floats], Floats],
    u: Floats,
    step: float,
) -> Floats:
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


@pytest.mark.parametrize("mixture", MIXTURES, ids=["1", "2", "3", "4"])
def test_scores_are_derivatives_of_the_log_density(mixture: Mixture) -> None:
    slopes = five_points(
        lambda u: log_density(mixture_at(u), NODES), coordinates(mixture), step=1e-3
    )
    np.testing.assert_allclose(scores(mixture, NODES), slopes, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("mixture", MIXTURES, ids=["1", "2", "3", "4"])
def test_complete_scores_are_derivatives_of_the_joint_density(mixture: Mixture) -> None:
    slopes = five_points(
        lambda u: log_joint(mixture_at(u), NODES).T, coordinates(mixture), step=1e-3
    )
    np.testing.assert_allclose(complete_scores(mixture, NODES), slopes, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("mixture", MIXTURES, ids=["1", "2", "3", "4"])
def test_louis_information_is_minus_the_slope_of_the_score(mixture: Mixture) -> None:
    slopes = five_points(
        lambda u: WEIGHTS @ scores(mixture_at(u), NODES), coordinates(mixture), step=1e-3
    )
    observed, _ = observed_information(mixture, NODES, WEIGHTS)
    # Scale 100: 1e-10 of it is what five points of this step leave.
    np.testing.assert_allclose(observed, -slopes, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("mixture", MIXTURES, ids=["1", "2", "3", "4"])
def test_complete_information_is_minus_the_slope_of_the_complete_score(mixture: Mixture) -> None:
    masses = np.outer(np.arange(1.0, len(mixture.shares) + 1), WEIGHTS)
    slopes = five_points(
        lambda u: np.einsum("km,kmp->p", masses, complete_scores(mixture_at(u), NODES)),
        coordinates(mixture),
        step=1e-3,
    )
    np.testing.assert_allclose(
        complete_information(mixture, NODES, masses), -slopes, rtol=1e-8, atol=1e-8
    )


@pytest.mark.parametrize("mixture", MIXTURES, ids=["1", "2", "3", "4"])
def test_scores_at_the_truth_have_mean_zero_and_the_information_as_variance(
    mixture: Mixture,
) -> None:
    nodes, step = trapezoid(mixture)
    mass = step * np.exp(log_density(mixture, nodes))
    score = scores(mixture, nodes)
    np.testing.assert_allclose(mass @ score, 0.0, rtol=0, atol=1e-12)
    observed, _ = observed_information(mixture, nodes, mass)
    np.testing.assert_allclose(score.T @ (mass[:, None] * score), observed, rtol=0, atol=1e-11)


def test_weight_two_is_the_person_twice() -> None:
    once, _ = observed_information(MIXTURES[1], np.repeat(NODES, 2), np.ones(22))
    twice, _ = observed_information(MIXTURES[1], NODES, np.full(11, 2.0))
    np.testing.assert_allclose(once, twice, rtol=1e-13, atol=1e-13)


def test_one_group_misses_nothing() -> None:
    observed, completed = observed_information(MIXTURES[0], NODES, WEIGHTS)
    np.testing.assert_allclose(observed, completed, rtol=1e-14)
