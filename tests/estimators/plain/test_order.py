import numpy as np
import pytest

from stature.domain.model import Model
from stature.estimators.plain.hidden import told
from stature.estimators.plain.order import distance, is_better, order_by_mean, ranking
from stature.estimators.plain.problem import (
    CONVERGED,
    DEGENERATE,
    NONFINITE,
    STEP_LIMIT,
    SWAPPED,
    Problem,
)


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


def test_a_distance_is_the_largest_difference_or_endless():
    assert distance(np.array([1.0, 2.0]), np.array([1.5, 1.0])) == 1.0
    assert distance(np.array([np.nan, 2.0]), np.array([1.5, 1.0])) == np.inf
    assert distance(np.array([np.inf, 2.0]), np.array([1.5, 1.0])) == np.inf


def test_certified_ends_come_first_then_higher_ones():
    best_first = (CONVERGED, STEP_LIMIT, SWAPPED, DEGENERATE, NONFINITE)
    for position, status in enumerate(best_first):
        assert is_better(status, 1.0, status, 0.0)
        assert not is_better(status, 1.0, status, 1.0)
        for worse in best_first[position + 1 :]:
            assert is_better(status, -9.0, worse, 9.0)
            assert not is_better(worse, 9.0, status, -9.0)
