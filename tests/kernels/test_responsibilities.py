import numpy as np
import pytest

from stature.domain.mixture import Mixture, log_density
from stature.domain.mixture import responsibilities as plain
from stature.kernels.responsibilities import (
    coefficients,
    responsibilities,
    room_for_coefficients,
)
from stature.kernels.sums import BLOCK, ROWS

THETAS = [
    np.array([1.0, 0.3, 0.8]),
    np.array([0.3, 0.7, -1.0, 0.8, 0.5, 0.9]),
    np.array([0.2, 0.3, 0.5, -1.0, 0.1, 0.8, 0.5, 0.5, 0.9]),
]


@pytest.mark.parametrize("theta", THETAS, ids=len)
def test_they_are_those_of_the_plain_formula(theta: np.ndarray):
    groups = len(theta) // 3
    x = np.concatenate([np.random.default_rng(1).standard_normal(100), [-60.0, 0.0, 60.0]])
    work = np.empty((groups + ROWS, BLOCK))
    quadratics = room_for_coefficients(work, groups)
    coefficients(theta, quadratics)
    responsibilities(x, quadratics, work)
    mixture = Mixture(*np.split(theta, 3))
    n = len(x)
    np.testing.assert_allclose(work[:groups, :n].T, plain(mixture, x), rtol=1e-11, atol=1e-300)
    # What is left in the next rows makes the log-density, but for log sqrt(2 pi).
    logs = work[groups, :n] + np.log(work[groups + 1, :n]) - 0.5 * np.log(2 * np.pi)
    np.testing.assert_allclose(logs, log_density(mixture, x), rtol=1e-12)


def test_coefficients_are_those_of_the_log_density():
    theta, x = THETAS[1], 0.7
    quadratics = np.empty((2, 3))
    coefficients(theta, quadratics)
    for k, (share, mean, sd) in enumerate(theta.reshape(3, 2).T):
        expected = np.log(share / sd) - 0.5 * ((x - mean) / sd) ** 2
        assert quadratics[k] @ [1.0, x, x * x] == pytest.approx(expected)
