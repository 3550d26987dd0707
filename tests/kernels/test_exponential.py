from collections.abc import Callable

import numpy as np
import pytest

from stature.arrays import Floats
from stature.kernels.compile import jit, jit_sums
from stature.kernels.exponential import exp, log, log_to_two


@jit
def exp_all(z: Floats, out: Floats) -> None:
    for i in range(z.shape[0]):
        out[i] = exp(z[i])


@jit
def log_all(z: Floats, out: Floats) -> None:
    for i in range(z.shape[0]):
        out[i] = log(z[i])


@jit
def log_to_two_all(z: Floats, out: Floats) -> None:
    for i in range(z.shape[0]):
        out[i] = log_to_two(z[i])


@jit_sums
def exp_all_in_a_reordering_function(z: Floats, out: Floats) -> None:
    for i in range(z.shape[0]):
        out[i] = exp(z[i])


def ulps(got: Floats, expected: Floats) -> float:
    return float(np.max(np.abs(got - expected) / np.spacing(np.abs(expected))))


@pytest.mark.parametrize("function", [exp_all, exp_all_in_a_reordering_function])
def test_the_exponential_is_right_to_two_ulps(function: Callable[..., None]):
    # The second function may reorder its own sums, but not the range reduction that it calls.
    z = np.concatenate([np.linspace(-700, 700, 400_001), np.linspace(-1e-3, 1e-3, 1001)])
    got = np.empty_like(z)
    function(z, got)
    assert ulps(got, np.exp(z)) <= 2


def test_the_exponential_is_clamped_and_never_overflows():
    got = np.empty(3)
    exp_all(np.array([-1e300, 1e300, 0.0]), got)
    assert 0 < got[0] < 1e-300
    assert np.isfinite(got[1])
    assert got[2] == 1


def test_the_logarithm_is_right_to_two_ulps():
    z = np.concatenate([np.linspace(1, 2, 100_001), np.logspace(-300, 300, 100_001)])
    got = np.empty_like(z)
    log_all(z, got)
    expected = np.log(z)
    assert np.max(np.abs(got - expected) / np.spacing(np.maximum(np.abs(expected), 1))) <= 2


def test_the_logarithm_of_numbers_from_one_to_two_is_the_same_to_the_last_bit():
    z = np.concatenate([np.linspace(1, 2, 100_001), 1 + np.logspace(-16, 0, 10_001), [2**0.5]])
    general, special = np.empty_like(z), np.empty_like(z)
    log_all(z, general)
    log_to_two_all(z, special)
    assert (general == special).all()
