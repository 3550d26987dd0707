import numpy as np
import pytest

from stature.arrays import Floats
from stature.domain.model import estimates_of, gradients
from stature.estimators.intervals.wald import standard_errors, wald_interval


def interval(theta: Floats, covariance: Floats) -> tuple[Floats, Floats]:
    std_error = standard_errors(gradients(theta), covariance)
    return wald_interval(estimates_of(theta), std_error)


def test_intervals_stay_where_parameters_can_be():
    theta = np.array([0.02, 0.98, 163.0, 176.0, 0.5, 7.0])
    wide = np.eye(5) * 9.0
    lower, upper = interval(theta, wide)
    assert (lower[[0, 3]] > 0).all()
    assert (upper[[0, 3]] < 1).all()
    assert (lower[[2, 5]] > 0).all()


def test_intervals_of_a_share_and_of_the_rest_are_each_others_mirror():
    theta = np.array([0.3, 0.7, 163.0, 176.0, 6.0, 7.0])
    lower, upper = interval(theta, np.eye(5))
    assert lower[0] == pytest.approx(1 - upper[3])
    # logit(0.3) - z: 1 / (1 + (7/3) e^z)
    assert lower[0] == pytest.approx(1 / (1 + 7 / 3 * np.exp(1.959963984540054)))
