"""Moments against the certified sets of NIST."""

import math
from fractions import Fraction

import numpy as np
import pytest

from stature.datafile.moments import mean_and_sd

NIST = {
    "NumAcc1": ([10000001.0, 10000003.0, 10000002.0], 10000002.0),
    "NumAcc2": ([1.2] + [1.1, 1.3] * 500, 1.2),
    "NumAcc3": ([1000000.2] + [1000000.1, 1000000.3] * 500, 1000000.2),
    "NumAcc4": ([10000000.2] + [10000000.1, 10000000.3] * 500, 10000000.2),
}


@pytest.mark.parametrize("name", NIST)
def test_mean_and_sd_keep_their_digits_on_the_nist_sets(name: str) -> None:
    values, certified_mean = NIST[name]
    mean, sd = mean_and_sd(np.array(values))
    # What the doubles themselves have, in exact arithmetic: the decimals are not doubles.
    exact = [Fraction(value) for value in values]
    middle = sum(exact) / len(exact)
    variance = sum((value - middle) ** 2 for value in exact) / len(exact)
    assert mean == pytest.approx(certified_mean, rel=1e-14)
    assert sd == pytest.approx(math.sqrt(variance), rel=1e-12)
