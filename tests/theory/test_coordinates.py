"""Coordinates and parameters: there and back, and derivatives by differences."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from stature.domain.mixture import Mixture
from stature.domain.model import parameter_rows
from stature.theory.likelihood import (
    coordinates,
    mixture_at,
    parameter_jacobian,
    parameters,
    true_mixture,
)
from tests.theory.schools import SCHOOL

MIXTURES = [
    Mixture(np.array([1.0]), np.array([170.0]), np.array([6.0])),
    Mixture(np.array([0.3, 0.7]), np.array([163.0, 176.0]), np.array([6.5, 7.0])),
    Mixture(np.array([0.2, 0.5, 0.3]), np.array([150.0, 163.0, 176.0]), np.array([5.0, 6.5, 7.0])),
]


@pytest.mark.parametrize("mixture", MIXTURES, ids=["1", "2", "3"])
def test_there_and_back_is_the_same_mixture(mixture: Mixture) -> None:
    back = mixture_at(coordinates(mixture))
    assert_allclose(back.shares, mixture.shares, rtol=1e-14)
    assert_allclose(back.means_cm, mixture.means_cm, rtol=1e-14)
    assert_allclose(back.sds_cm, mixture.sds_cm, rtol=1e-14)


def test_parameters_stand_in_the_order_of_the_tables() -> None:
    names = [parameter for _, parameter in parameter_rows(("girls", "boys"))]
    values = dict(zip(names[3:], parameters(MIXTURES[1])[3:], strict=True))
    assert values == {"share": 0.7, "mean_cm": 176.0, "sd_cm": 7.0, "gap_cm": 13.0}


@pytest.mark.parametrize("mixture", MIXTURES, ids=["1", "2", "3"])
def test_jacobian_is_the_derivative_of_the_parameters(mixture: Mixture) -> None:
    u = coordinates(mixture)
    step = 1e-5
    differences = np.column_stack(
        [
            (parameters(mixture_at(u + step * e)) - parameters(mixture_at(u - step * e)))
            / (2 * step)
            for e in np.eye(len(u))
        ]
    )
    # Central differences: step^2 = 1e-10 of truncation, 1e-16 x 176 / 1e-5 = 2e-9 of rounding.
    assert_allclose(parameter_jacobian(mixture), differences, rtol=0, atol=2e-8)


def test_the_truth_is_that_of_the_groups() -> None:
    assert_array_equal(parameters(true_mixture(SCHOOL)), [0.5, 163.0, 6.5, 0.5, 176.0, 7.0, 13.0])
