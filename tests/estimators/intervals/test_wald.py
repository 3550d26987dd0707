import numpy as np
import pytest

from stature.arrays import Floats
from stature.estimators.intervals.wald import (
    estimates_of,
    gradients,
    standard_errors,
    wald_interval,
)


def parameters(u: Floats) -> Floats:
    groups = (len(u) + 1) // 3
    shares = np.exp(np.append(u[: groups - 1], 0.0))
    shares /= shares.sum()
    means, sds = u[groups - 1 : 2 * groups - 1], np.exp(u[2 * groups - 1 :])
    return np.concatenate([np.stack([shares, means, sds], 1).ravel(), np.diff(means)])


def interval(theta: Floats, covariance: Floats) -> tuple[Floats, Floats]:
    std_error = standard_errors(gradients(theta), covariance)
    return wald_interval(estimates_of(theta), std_error)


@pytest.mark.parametrize("groups", [1, 2, 3])
def test_gradients_are_slopes(groups: int):
    rng = np.random.default_rng(groups)
    u = np.concatenate(
        [rng.normal(0, 0.3, groups - 1), rng.normal(170, 5, groups), rng.normal(1.9, 0.1, groups)]
    )
    at = parameters(u)
    theta = np.concatenate([at[0 : 3 * groups : 3], at[1 : 3 * groups : 3], at[2 : 3 * groups : 3]])
    got = gradients(theta)
    for i in range(len(u)):
        e = np.eye(len(u))[i] * 1e-5
        slope = (parameters(u + e) - parameters(u - e)) / 2e-5
        np.testing.assert_allclose(got[:, i], slope, atol=1e-8)


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
