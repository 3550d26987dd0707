import numpy as np
import pytest

from stature.arrays import Floats
from stature.kernels.observations import (
    LARGEST,
    SMALLEST,
    Observations,
    Spread,
    empty_spread,
    extend,
    observations_pass,
    weighted_mean_and_sd,
)
from stature.kernels.sums import BLOCK, POWERS, ROWS, WITH_LIKELIHOOD, em_pass

THETA = np.array([0.4, 0.6, -0.7, 0.5, 0.6, 0.9])
NONE = np.empty(0)


def spread_of(x: Floats, *prefixes: int) -> tuple[Spread, float, float]:
    spread = empty_spread(x[0])
    for size in prefixes:
        extend(spread, x[:size])
    return spread, *extend(spread, x)


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 1001])
def test_mean_sd_and_range_are_those_of_the_library(size: int):
    x = np.random.default_rng(size).normal(170, 9, size)
    spread, mean, sd = spread_of(x)
    assert mean == pytest.approx(x.mean(), rel=1e-14)
    assert sd == pytest.approx(x.std(), rel=1e-13)
    assert weighted_mean_and_sd(x, np.ones(size)) == pytest.approx((mean, sd), rel=1e-13)
    assert (spread.now[SMALLEST], spread.now[LARGEST]) == (x.min(), x.max())


def test_values_far_from_zero_lose_no_digits():
    # NIST's NumAcc3 by its own numbers: SD .0999500375 of a million and a bit.
    x = np.array([1000000.2] + 500 * [1000000.1, 1000000.3])
    assert spread_of(x)[2] == pytest.approx(0.0999500375036845, rel=1e-10)


@pytest.mark.parametrize("prefixes", [(1,), (100, 200, 300), (256,), (512, 700), (999, 1000)])
def test_it_does_not_matter_in_how_many_pieces_a_sample_comes(prefixes: tuple[int, ...]):
    x = np.random.default_rng(1).normal(170, 9, 1000)
    assert (spread_of(x, *prefixes)[0].now == spread_of(x)[0].now).all()


@pytest.mark.parametrize("size", [1, 300, 1000])
def test_a_pass_over_observations_is_that_over_their_standardised_values(size: int):
    values = np.random.default_rng(2).normal(170, 9, size)
    x = (values - 168.0) / 8.0
    for counts in (NONE, np.random.default_rng(3).integers(1, 5, size).astype(float)):
        w = counts if len(counts) else np.ones(size)
        sums, expected = np.zeros((2, POWERS)), np.zeros((2, POWERS))
        work = np.empty((2 + ROWS, BLOCK))
        value = em_pass(x, w, THETA, WITH_LIKELIHOOD, work, expected)
        given = Observations(values, counts, 168.0, 8.0), THETA
        assert observations_pass(*given, True, work, sums) == pytest.approx(value, rel=1e-13)
        np.testing.assert_allclose(sums, expected, rtol=1e-12, atol=1e-12)
        assert np.isnan(observations_pass(*given, False, work, sums))
        np.testing.assert_allclose(sums, expected, rtol=1e-12, atol=1e-12)
