from dataclasses import replace

import numpy as np
import pytest

from stature.domain.mixture import Mixture, log_density
from stature.domain.model import Model, free_coordinates
from stature.estimators.estimator import Estimator, SeStatus, Status
from stature.estimators.general.climb import Goal, climb, evaluate
from stature.estimators.general.search import Facts
from stature.estimators.general.trimmed import kept_rows, log_likelihoods, search_trimmed
from stature.theory.likelihood import HIDDEN, rows_of
from tests.estimators.laws import fit, samples

RNG = np.random.default_rng(5)
X = np.concatenate([RNG.normal(-0.9, 0.5, 190), RNG.normal(0.9, 0.6, 190), np.full(20, 6.0)])
X[-20:] += 0.01 * np.arange(20)
ROWS = rows_of(X, X, np.ones(400))
U = np.array([0.0, -0.8, 0.8, -0.5, -0.5])
MODEL = Model("none")
TRIMMED = Estimator("trimmed", MODEL, "newton", 3, tolerance=1e-12, trimmed=0.05)


def test_log_likelihoods_are_those_of_people():
    mixture = Mixture(np.array([0.5, 0.5]), U[1:3], np.exp(U[3:]))
    np.testing.assert_allclose(log_likelihoods(U, ROWS), log_density(mixture, X), rtol=1e-12)
    labelled = replace(ROWS, group=np.where(np.arange(400) < 10, 1, HIDDEN))
    of_group = Mixture(np.array([1.0]), U[2:3], np.exp(U[4:]))
    expected = np.log(0.5) + log_density(of_group, X[:10])
    np.testing.assert_allclose(log_likelihoods(U, labelled)[:10], expected, rtol=1e-12)


def test_the_least_likely_are_left_out_in_whole_people():
    kept = kept_rows(U, ROWS, 0.05)
    assert kept.weight.sum() == 380
    assert kept.lower.max() < 5.0
    # 5 of a hundred and .9 people more: nobody is left out in part.
    assert kept_rows(U, ROWS, 0.0522).weight.sum() == 380
    twice = replace(ROWS, weight=2 * ROWS.weight, square=2 * ROWS.weight)
    assert kept_rows(U, twice, 0.05).weight.sum() == 760


def test_a_concentration_step_never_lowers_the_trimmed_likelihood():
    u, before = U, -np.inf
    for _ in range(40):
        goal = Goal(kept_rows(u, ROWS, 0.05), free_coordinates(MODEL, 2))
        value = evaluate(u, goal).value
        assert value >= before - 1e-10 * abs(value)
        before = value
        u = climb(u, goal, 1, 1, 0.0).u


def test_people_who_do_not_belong_are_found_and_left_out():
    goal = Goal(ROWS, free_coordinates(MODEL, 2))
    begun = np.array([[0.5, 0.5, -0.5, 0.5, 1.0, 1.0], [0.9, 0.1, 0.0, 5.0, 1.0, 0.5]])
    found, rows = search_trimmed(goal, begun, Facts(MODEL, None, None), TRIMMED)
    assert found.status == Status.CONVERGED
    assert rows.lower.max() < 5.0
    # It is the maximum of those who are left, who are the likeliest there.
    alone = Goal(rows, free_coordinates(MODEL, 2))
    np.testing.assert_allclose(climb(found.end.u, alone, 0, 50, 1e-12).u, found.end.u, atol=1e-6)
    assert (kept_rows(found.end.u, ROWS, 0.05).lower == rows.lower).all()
    plain = climb(U, goal, 5, 100, 1e-12)
    assert plain.u[2] - plain.u[1] > 1.5 * (found.end.u[2] - found.end.u[1]) or plain.u[4] > 0


@pytest.mark.parametrize("share", [0.05, 0.2])
def test_trimmed_fits_have_no_errors_and_sds_that_are_too_small(share: float):
    people = samples(3, 2000)
    plain = fit(replace(TRIMMED, trimmed=0.0), people)
    trimmed = fit(replace(TRIMMED, trimmed=share), people)
    assert (trimmed.se_status == SeStatus.NONE).all()
    assert np.isnan(trimmed.std_error).all()
    assert (trimmed.estimate[..., [2, 5]] < plain.estimate[..., [2, 5]]).all()
    assert (trimmed.log_likelihood > plain.log_likelihood).all()
