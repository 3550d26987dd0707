from dataclasses import fields, replace

import numpy as np
import pytest

from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import Fits, Interval
from stature.estimators.intervals.wald import wald_interval
from tests.estimators.laws import fit, samples

OF_INTERVALS = {"lower", "upper", "interval_status", "resamples_failed"}


@pytest.mark.parametrize("interval", ["sandwich", "profile", "bootstrap"])
@pytest.mark.parametrize("name", ["newton", "em-known-sds"])
def test_only_the_intervals_of_a_fit_differ(name: str, interval: Interval):
    people = samples(2, 120)
    count = 40 if interval == "bootstrap" else 0
    wald = fit(name, people, 60, 120)
    other = fit(
        replace(CATALOGUE[name], interval=interval, bootstrap_samples=count), people, 60, 120
    )
    for field in fields(Fits):
        if field.name not in OF_INTERVALS:
            np.testing.assert_array_equal(
                getattr(wald, field.name), getattr(other, field.name), err_msg=field.name
            )
    assert (wald.lower[..., 1] != other.lower[..., 1]).all()
    assert (np.isnan(wald.lower) == np.isnan(other.lower)).all()


def test_labelled_fits_have_sandwich_intervals():
    people = samples(2, 120)
    found = fit(replace(CATALOGUE["mle"], interval="sandwich"), people)
    expected = wald_interval(found.estimate, found.robust_std_error)
    np.testing.assert_array_equal((found.lower, found.upper), expected)
