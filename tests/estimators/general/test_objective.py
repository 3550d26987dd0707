"""Penalties, edges and constraints of what is maximised."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize

from stature.domain.model import Model, theta_at
from stature.domain.observation import Truncated
from stature.estimators.general.objective import coordinates_of
from stature.kernels.newton import constrained_variances, directions, to_release
from stature.theory.likelihood import rows_of
from tests.estimators.laws import objective_of

X = np.random.default_rng(2).normal(size=40)
NONE = Model("none")
START = np.array([0.0, -0.8, 0.8, -0.5, -0.5])


def test_the_penalty_has_its_derivatives():
    objective = objective_of(rows_of(X, X, np.ones(40), Truncated(-3.0)), NONE, penalty=20.0)
    u, h = START + 0.1, 1e-4
    at = objective.evaluate(u)
    for i, direction in enumerate(np.eye(5) * h):
        up, down = (objective.evaluate(u + sign * direction) for sign in (1, -1))
        np.testing.assert_allclose(at.score[i], (up.value - down.value) / (2 * h), atol=1e-5)
        slope = -(up.score - down.score) / (2 * h)
        np.testing.assert_allclose(at.information[i], slope, atol=1e-4)


def test_a_group_without_people_or_spread_is_seen():
    objective = objective_of(rows_of(X, X, np.ones(40)), NONE)
    for edge in ([9.0, 0, 0, 0, 0], [0, 0, 0, -9.0, 0]):
        assert objective.is_degenerate(np.array(edge))
    assert not objective.is_degenerate(START)


def test_what_is_known_takes_its_place_in_a_start():
    theta = np.array([0.5, 0.5, -0.8, 0.8, 0.5, 0.6])
    rows = rows_of(X, X, np.ones(40))
    known = objective_of(rows, Model("none", "known", "known"))
    known = replace(known, shares=np.array([0.3, 0.7]), sds=np.array([0.4, 0.9]))
    expected = [0.3, 0.7, -0.8, 0.8, 0.4, 0.9]
    np.testing.assert_allclose(theta_at(coordinates_of(theta, known)), expected)
    equal = coordinates_of(theta, objective_of(rows, Model("none", sds="equal")))
    assert equal[3] == equal[4] == 0.5 * np.log((0.25 + 0.36) / 2)


@pytest.mark.parametrize("ratio", [0.5, 0.9, 1.0])
@pytest.mark.parametrize("groups", [2, 3, 4])
def test_constrained_variances_a_ratio_fit_best(groups: int, ratio: float):
    rng = np.random.default_rng(groups)
    for _ in range(5):
        people, squares = rng.uniform(5, 50, groups), rng.uniform(1, 100, groups)
        found = constrained_variances(people, squares, ratio)
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


def test_two_groups_at_the_constraint_share_their_squares():
    # v_2 = (Q_1 / c^2 + Q_2) / N with v_1 = c^2 v_2: Q = (1, 40), N = 30, c = 1/2.
    found = constrained_variances(np.array([10.0, 20.0]), np.array([1.0, 40.0]), 0.5)
    np.testing.assert_allclose(found, [0.25 * 44 / 30, 44 / 30])


def test_constraints_are_half_spaces_of_log_sds():
    target = objective_of(rows_of(X, X, np.ones(40)), NONE, sd_ratio=0.5).target
    u = np.array([0.0, -1.0, 1.0, 0.0, 0.3])
    np.testing.assert_allclose(
        target.normals @ u - target.bound, [np.log(2) - 0.3, np.log(2) + 0.3]
    )
    first = np.array([True, False])
    along = directions(target, first)
    np.testing.assert_allclose(target.normals[0] @ along, 0.0, atol=1e-12)
    assert along.shape == (5, 4)
    np.testing.assert_array_equal(directions(target, ~first & first), target.free)
    # A score that widens the gap is stopped by the constraint; one that narrows it pulls away.
    assert to_release(target, np.array([0, 0, 0, -1.0, 1.0]), first) == -1
    assert to_release(target, np.array([0, 0, 0, 1.0, -1.0]), first) == 0
    assert objective_of(rows_of(X, X, np.ones(40)), NONE, 3).target.normals.shape == (0, 8)
