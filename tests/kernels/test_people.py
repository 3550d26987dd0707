import numpy as np
import pytest

from stature.arrays import Floats
from stature.kernels.people import (
    LARGEST,
    SMALLEST,
    Spread,
    mean_and_sd,
    meet,
    people_pass,
    spread_of_nobody,
)
from stature.kernels.sums import BLOCK, POWERS, ROWS, likelihood_pass

THETA = np.array([0.4, 0.6, -0.7, 0.5, 0.6, 0.9])
NONE = np.empty(0)


def spread_of(x: Floats, *prefixes: int) -> Spread:
    spread = spread_of_nobody(x[0])
    for people in (*prefixes, len(x)):
        meet(x[:people], spread)
    return spread


@pytest.mark.parametrize("people", [1, 2, 255, 256, 257, 1001])
def test_mean_sd_and_range_are_those_of_the_library(people: int):
    x = np.random.default_rng(people).normal(170, 9, people)
    spread = spread_of(x)
    mean, sd = mean_and_sd(spread)
    assert mean == pytest.approx(x.mean(), rel=1e-14)
    assert sd == pytest.approx(x.std(), rel=1e-13)
    assert (spread.now[SMALLEST], spread.now[LARGEST]) == (x.min(), x.max())


def test_people_far_from_zero_lose_no_digits():
    # NIST's NumAcc3 by its own numbers: SD .0999500375 of a million and a bit.
    x = np.array([1000000.2] + 500 * [1000000.1, 1000000.3])
    assert mean_and_sd(spread_of(x))[1] == pytest.approx(0.0999500375036845, rel=1e-10)


@pytest.mark.parametrize("prefixes", [(1,), (100, 200, 300), (256,), (512, 700), (999, 1000)])
def test_it_does_not_matter_in_how_many_pieces_people_come(prefixes: tuple[int, ...]):
    x = np.random.default_rng(1).normal(170, 9, 1000)
    assert (spread_of(x, *prefixes).now == spread_of(x).now).all()


@pytest.mark.parametrize("people", [1, 300, 1000])
def test_a_pass_over_people_is_that_over_their_standardised_heights(people: int):
    heights = np.random.default_rng(2).normal(170, 9, people)
    x = (heights - 168.0) / 8.0
    for counts in (NONE, np.random.default_rng(3).integers(1, 5, people).astype(float)):
        w = counts if len(counts) else np.ones(people)
        sums, expected = np.zeros((2, POWERS)), np.zeros((2, POWERS))
        work = np.empty((2 + ROWS, BLOCK))
        value = likelihood_pass(x, w, THETA, work, expected)
        told = heights, counts, 168.0, 8.0, THETA
        assert people_pass(*told, True, work, sums) == pytest.approx(value, rel=1e-13)
        np.testing.assert_allclose(sums, expected, rtol=1e-12, atol=1e-12)
        assert np.isnan(people_pass(*told, False, work, sums))
        np.testing.assert_allclose(sums, expected, rtol=1e-12, atol=1e-12)
