import numpy as np
import pytest

from stature.estimators.batch import centre_and_scale, width_of_cells


def test_mean_and_sd_are_those_of_the_library():
    x = np.random.default_rng(0).normal(170, 9, 1001)
    centre, scale = centre_and_scale(x)
    assert centre == pytest.approx(x.mean(), rel=1e-14)
    assert scale == pytest.approx(x.std(), rel=1e-13)


def test_people_far_from_zero_lose_no_digits():
    # NIST's NumAcc3 by its own numbers: SD .0999500375 of a million and a bit.
    x = np.array([1000000.2] + 500 * [1000000.1, 1000000.3])
    assert centre_and_scale(x)[1] == pytest.approx(0.0999500375036845, rel=1e-10)


@pytest.mark.parametrize(("sd", "width"), [(6.0, 1.0), (11.9, 1.0), (5.9, 0.5), (0.09, 2**-7)])
def test_cells_are_a_sixth_to_a_twelfth_of_the_sd(sd: float, width: float):
    assert width_of_cells(sd) == width
    assert sd / 12 < width <= sd / 6
