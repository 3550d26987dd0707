import numpy as np
import pytest
from scipy.optimize import minimize

from stature.domain.model import Model, free_coordinates
from stature.estimators.estimator import Estimator, Status
from stature.estimators.general.climb import Goal, climb, evaluate
from stature.estimators.general.search import Facts, search
from stature.estimators.general.steps import m_step
from stature.estimators.general.walls import (
    brought_inside,
    face,
    room,
    variances_within,
    wall_to_leave,
    walls_of,
)
from stature.theory.likelihood import rows_of

RNG = np.random.default_rng(8)
X = np.concatenate([RNG.normal(-1.0, 0.2, 150), RNG.normal(0.6, 0.8, 250)])
START = np.array([0.0, -0.9, 0.7, -0.6, -0.5])
MODEL = Model("none")
TWO = free_coordinates(MODEL, 2)


def goal(ratio: float, penalty: float = 0.0) -> Goal:
    return Goal(rows_of(X, X, np.ones(len(X))), TWO, penalty, sd_ratio=ratio)


@pytest.mark.parametrize("ratio", [0.5, 0.9, 1.0])
@pytest.mark.parametrize("groups", [2, 3, 4])
def test_variances_within_a_ratio_fit_best(groups: int, ratio: float):
    rng = np.random.default_rng(groups)
    for _ in range(5):
        people, squares = rng.uniform(5, 50, groups), rng.uniform(1, 100, groups)
        found = variances_within(people, squares, ratio)
        assert np.sqrt(found.min() / found.max()) >= ratio - 1e-12

        def value(log_v: np.ndarray, n: np.ndarray = people, q: np.ndarray = squares) -> float:
            return float(n @ log_v + np.sum(q * np.exp(-log_v)))

        # An independent optimiser with the same inequalities, from the answer and from elsewhere.
        pairs = [(k, j) for k in range(groups) for j in range(groups) if k != j]
        held = [
            {"type": "ineq", "fun": lambda v, k=k, j=j: v[k] - v[j] - 2 * np.log(ratio)}
            for k, j in pairs
        ]
        other = minimize(value, np.zeros(groups), method="SLSQP", constraints=held)
        assert value(np.log(found)) <= other.fun + 1e-6 * abs(other.fun)


def test_two_groups_at_the_wall_share_their_squares():
    # v_2 = (Q_1 / c^2 + Q_2) / N with v_1 = c^2 v_2: Q = (1, 40), N = 30, c = 1/2.
    found = variances_within(np.array([10.0, 20.0]), np.array([1.0, 40.0]), 0.5)
    np.testing.assert_allclose(found, [0.25 * 44 / 30, 44 / 30])


@pytest.mark.parametrize("penalty", [0.0, 1.0])
@pytest.mark.parametrize("ratio", [0.1, 0.5, 0.9])
def test_em_within_walls_never_lowers_the_likelihood_and_rests_where_newton_does(
    ratio: float, penalty: float
):
    aim, u = goal(ratio, penalty), brought_inside(START, ratio)
    for _ in range(150):
        at = evaluate(u, aim)
        u = m_step(at.posterior, u, aim, MODEL)
        assert evaluate(u, aim).value >= at.value - 1e-10 * abs(at.value)
    end = climb(START, aim, 5, 100, 1e-12)
    assert end.status == Status.CONVERGED
    np.testing.assert_allclose(m_step(end.at.posterior, end.u, aim, MODEL), end.u, atol=1e-8)
    assert end.at.value >= evaluate(u, aim).value - 1e-9
    # The SDs are .2 and .8: only the loosest of these walls stands clear of them.
    assert (np.ptp(end.u[3:]) > -np.log(ratio) - 1e-9) == (ratio > 0.3)


def test_a_loose_ratio_changes_nothing():
    free, held = climb(START, goal(0.0), 5, 100, 1e-12), climb(START, goal(1e-3), 5, 100, 1e-12)
    assert (free.u == held.u).all()
    assert held.free is not None
    assert (held.free == TWO).all()


def test_a_climb_that_began_at_a_wall_leaves_it():
    # Both SDs alike lie at the wall of a ratio of 1/2 the other way round.
    begun = np.array([0.0, -0.9, 0.7, np.log(0.9), np.log(0.45)])
    end = climb(begun, goal(0.2), 5, 100, 1e-12)
    np.testing.assert_allclose(end.u, climb(START, goal(0.0), 5, 100, 1e-12).u, atol=1e-6)


def test_three_groups_meet_their_walls():
    rng = np.random.default_rng(3)
    x = np.concatenate([rng.normal(m, s, 150) for m, s in ((-1.5, 0.1), (0.0, 0.4), (1.5, 0.2))])
    free = free_coordinates(MODEL, 3)
    aim = Goal(rows_of(x, x, np.ones(450)), free, sd_ratio=0.7)
    theta = np.array([[0.3, 0.3, 0.4, -1.4, 0.1, 1.4, 0.3, 0.3, 0.3]])
    estimator = Estimator("walls", MODEL, "newton", 1, kept_starts=1, tolerance=1e-12)
    found = search(aim, theta, Facts(MODEL, None, None), estimator)
    assert found.status == Status.CONVERGED
    assert np.ptp(found.end.u[5:]) == pytest.approx(-np.log(0.7), abs=1e-9)
    u = found.end.u
    for _ in range(50):
        u = m_step(evaluate(u, aim).posterior, u, aim, MODEL)
    np.testing.assert_allclose(u, found.end.u, atol=1e-8)
    assert found.end.free is not None
    assert found.end.free.shape[1] < free.shape[1]


def test_walls_are_planes_of_log_sds():
    walls = walls_of(2, 0.5)
    u = np.array([0.0, -1.0, 1.0, 0.0, 0.3])
    assert (walls.normals @ u - walls.least).round(3).tolist() == [
        round(-0.3 + np.log(2), 3),
        round(0.3 + np.log(2), 3),
    ]
    length, wall = room(u, np.array([0.0, 0, 0, -1.0, 0.0]), walls, [])
    assert (round(length, 12), wall) == (round(np.log(2) - 0.3, 12), 0)
    assert room(u, np.array([0.0, 0, 0, -1.0, 0.0]), walls, [0]) == (np.inf, -1)
    along = face(TWO, walls, [0])
    np.testing.assert_allclose(walls.normals[0] @ along, 0.0, atol=1e-12)
    assert along.shape == (5, 4)
    # A score that widens the gap is held by the wall; one that narrows it pulls away.
    assert wall_to_leave(np.array([0, 0, 0, -1.0, 1.0]), TWO, walls, [0]) is None
    assert wall_to_leave(np.array([0, 0, 0, 1.0, -1.0]), TWO, walls, [0]) == 0
    assert walls_of(3, 0.0).normals.shape == (0, 8)
