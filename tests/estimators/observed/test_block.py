import numpy as np

from stature.estimators.observed.catalogue import CATALOGUE
from tests.estimators.laws import fit, samples

PEOPLE = samples(3, 120)


def test_a_fit_does_not_depend_on_its_block():
    estimator = CATALOGUE["mixture-truncated"]
    fits, first = fit(estimator, PEOPLE, 60, 120), fit(estimator, PEOPLE, 60)
    np.testing.assert_array_equal(fits.estimate[:, :1], first.estimate)
