import numpy as np
import pytest

from stature.arrays import Floats
from stature.domain.mixture import Mixture
from stature.domain.model import Model
from stature.estimators.plain.finish import covariances, finish
from stature.estimators.plain.hidden import told
from stature.estimators.plain.newton import NEWTON_EM_STEPS, climb_by_newton
from stature.estimators.plain.problem import Problem, certify, make_room
from stature.estimators.plain.sample import Sample
from stature.kernels.information import outer_scores
from stature.kernels.sketch import NODES_PER_CELL, add_people, empty_cells, write_nodes
from tests.theory.schools import scores

RNG = np.random.default_rng(12)
X = np.concatenate([RNG.normal(-0.9, 0.55, 2000), RNG.normal(0.9, 0.5, 2000)])
W = np.ones(len(X))
FACTS = told(Model("none"), 2, None)
ROOM = make_room(2, 5)


def sketched(width: float) -> Sample:
    cells = empty_cells(X.min(), X.max(), width)
    add_people(cells, X, W)
    room = len(cells.distinct) * NODES_PER_CELL
    x, w = np.empty(room), np.empty(room)
    written = write_nodes(cells, x, w)
    return Sample(X, W, 0.0, 1.0, x[:written], w[:written], width, X.min(), X.max())


def climbed(x: Floats, w: Floats) -> tuple[Problem, Floats]:
    problem = Problem(x, w, FACTS.free, False, 0)
    theta = np.array([0.5, 0.5, -0.8, 0.8, 0.6, 0.6])
    climb_by_newton(problem, theta, NEWTON_EM_STEPS, 1e-12, 100, ROOM)
    return problem, theta


def test_a_fit_ends_at_the_maximum_of_the_people_however_they_were_summed_up():
    _, exact = climbed(X, W)
    # Cells so wide that the sketch's own maximum is another one.
    rough = sketched(1.0)
    problem, theta = climbed(rough.x, rough.w)
    assert np.abs(theta - exact).max() > 1e-6
    certificate = finish(rough, problem, theta, True, ROOM)
    np.testing.assert_allclose(theta, exact, atol=1e-8)
    assert certificate.decrement < 1e-12
    assert certificate.log_likelihood == pytest.approx(
        certify(Problem(X, W, FACTS.free, False, 0), exact, ROOM)[0], abs=1e-9
    )


def test_a_search_that_did_not_converge_is_left_where_it_ended():
    sample = Sample(X, W, 0.0, 1.0, X, W, 0.0, X.min(), X.max())
    problem = Problem(X, W, FACTS.free, False, 0)
    theta = np.array([0.5, 0.5, -0.8, 0.8, 0.6, 0.6])
    before = theta.copy()
    finish(sample, problem, theta, False, ROOM)
    assert (theta == before).all()


def test_outer_scores_are_those_of_the_theory():
    problem, theta = climbed(X, W)
    certify(problem, theta, ROOM)
    out = np.empty((5, 5))
    outer_scores(theta, ROOM.sums, ROOM.cross, out)
    each = scores(Mixture(*np.split(theta, 3)), X)
    np.testing.assert_allclose(out, each.T @ each, rtol=1e-9, atol=1e-9)


def test_the_sandwich_is_near_the_information_where_the_model_is_right():
    problem, theta = climbed(X, W)
    certify(problem, theta, ROOM)
    observed, sandwich = np.empty((5, 5)), np.empty((5, 5))
    assert covariances(problem, theta, ROOM, observed, sandwich)
    np.testing.assert_allclose(observed, np.linalg.inv(ROOM.h), rtol=1e-8, atol=1e-12)
    # n = 4000: the ratio of standard errors strays by a few per cent.
    ratio = np.sqrt(np.diag(sandwich) / np.diag(observed))
    np.testing.assert_allclose(ratio, 1.0, atol=0.15)
