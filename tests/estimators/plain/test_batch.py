import numpy as np

from stature.estimators.catalogue import CATALOGUE
from stature.estimators.plain.batch import empty_outcome
from stature.estimators.plain.hidden import fit_hidden
from tests.estimators.laws import samples

SIZES = np.array([50, 200, 700, 3000], np.int32)


def test_an_empty_outcome_says_nothing():
    outcome = empty_outcome(2, 3, 2)
    assert outcome.theta.shape == (2, 3, 6)
    assert np.isnan(outcome.theta).all()
    assert np.isnan(outcome.observed).all()
    assert (outcome.status == 0).all()


def test_a_size_is_fitted_alike_whatever_other_sizes_there_are():
    people = samples(3, 3000)
    uniforms = np.random.default_rng(0).random((3, 10, 6))
    together, _ = fit_hidden(CATALOGUE["newton"], people, SIZES, uniforms, None, None)
    for column, size in enumerate(SIZES):
        sizes = np.array([size], np.int32)
        alone, _ = fit_hidden(CATALOGUE["newton"], people, sizes, uniforms, None, None)
        for number in ("theta", "observed", "sandwich", "log_likelihood", "passes"):
            first, second = getattr(together, number)[:, column], getattr(alone, number)[:, 0]
            np.testing.assert_array_equal(first, second, err_msg=number)
