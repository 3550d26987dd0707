from dataclasses import replace

from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import Status
from tests.estimators.laws import fit, samples


def test_more_starts_never_find_a_lower_maximum():
    people = samples(60, 60, gap_cm=10.0)
    few = fit(replace(CATALOGUE["em"], starts=4, kept_starts=1), people)
    many = fit(replace(CATALOGUE["em"], starts=20, kept_starts=20), people)
    both = (few.status == Status.CONVERGED) & (many.status == Status.CONVERGED)
    assert both.sum() > 20
    assert (many.log_likelihood - few.log_likelihood)[both].min() > -1e-6


def test_starts_that_agree_are_counted_among_those_that_ran():
    fits = fit("em", samples(20, 400, gap_cm=30.0))
    assert (fits.starts_agreeing >= 1).all()
    assert (fits.starts_agreeing <= fits.starts).all()
    assert (fits.starts <= CATALOGUE["em"].kept_starts).all()


def test_a_method_that_runs_out_of_steps_says_so():
    # Newton knows the maximum; EM has not reached it, and does not borrow it.
    short = replace(CATALOGUE["em"], step_limit=6)
    fits = fit(short, samples(5, 400, gap_cm=12.0))
    assert (fits.status == Status.STEP_LIMIT).all()
    assert not (fits.decrement < 1e-8).any()
