from dataclasses import replace

import numpy as np
import pytest

from stature.domain.model import Model
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import Status
from stature.estimators.hidden import told
from stature.estimators.problem import CONVERGED, Problem
from stature.estimators.search import SWAPPED, order_by_mean, ranking
from tests.estimators.laws import fit, samples


def problem_of(model: Model) -> Problem:
    facts = told(model, 2, (6.0, 7.0))
    return Problem(np.empty(0), np.empty(0), facts.free, facts.shares_known, facts.sds_rule)


def test_free_groups_are_relabelled_by_their_means():
    theta = np.array([0.2, 0.8, 1.0, -1.0, 0.5, 0.7])
    assert order_by_mean(theta, problem_of(Model("none"))) == CONVERGED
    assert theta.tolist() == [0.8, 0.2, -1.0, 1.0, 0.7, 0.5]


@pytest.mark.parametrize("model", [Model("none", shares="known"), Model("none", sds="known")])
def test_what_is_told_of_a_group_stays_with_it(model: Model):
    theta = np.array([0.2, 0.8, 1.0, -1.0, 0.5, 0.7])
    assert order_by_mean(theta, problem_of(model)) == SWAPPED
    assert theta.tolist() == [0.2, 0.8, 1.0, -1.0, 0.5, 0.7]


def test_equal_known_shares_do_not_tell_the_groups_apart():
    theta = np.array([0.5, 0.5, 1.0, -1.0, 0.5, 0.7])
    assert order_by_mean(theta, problem_of(Model("none", shares="known"))) == CONVERGED
    assert theta[2:4].tolist() == [-1.0, 1.0]


def test_a_ranking_is_that_of_a_stable_sort():
    values = np.array([3.0, 1.0, 2.0, 1.0, np.inf, -np.inf, 2.0])
    assert (ranking(values) == np.argsort(values, kind="stable")).all()


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
