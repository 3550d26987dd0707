"""The compiled likelihood is that of theory to rounding; penalties, edges and constraints."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize

from stature.domain.model import Model, free_coordinates
from stature.domain.observation import Conditional, Grid, Heaped, Truncated
from stature.estimators.general.newton import constrained_variances
from stature.estimators.general.objective import Constraints, coordinates_of, likelihood, theta_at
from stature.theory.likelihood import HIDDEN, Rows, rows_of
from stature.theory.likelihood import likelihood as of_theory
from stature.theory.terms import heaps_of
from tests.estimators.laws import objective_of
from tests.theory.test_likelihood import CONDITIONS, POINTS, kinds

X = np.random.default_rng(2).normal(size=40)


def assert_same(u: np.ndarray, rows: Rows, digits: float = 1e-11) -> None:
    got, expected = likelihood(u, rows), of_theory(u, rows)
    np.testing.assert_allclose(got.value, expected.value, rtol=1e-12)
    for name in ("score", "information", "completed", "outer", "posterior"):
        scale = np.abs(getattr(expected, name)).max()
        np.testing.assert_allclose(
            getattr(got, name), getattr(expected, name), rtol=0, atol=digits * scale
        )


@pytest.mark.parametrize("condition", CONDITIONS, ids=str)
@pytest.mark.parametrize("groups", [1, 2, 3])
def test_every_kind_of_row_gives_what_theory_gives(groups: int, condition: Conditional | None):
    for rows in kinds(groups, condition):
        assert_same(POINTS[groups], rows)
        assert_same(POINTS[groups], replace(rows, square=rows.weight**1.5))


def test_cells_far_in_the_tail_wide_and_narrow_agree():
    ones = np.ones(40)
    for lower, width in ((X, 1e-3), (X, 1.0), (X - 3.0, 6.0)):
        assert_same(POINTS[2], rows_of(lower, lower + width, ones))
    # Far out the recursion of the moments cancels, in either code.
    for lower, width in ((X + 8.0, 1.0), (X - 30.0, 1.0), (X + 25.0, 9.0)):
        assert_same(POINTS[2], rows_of(lower, lower + width, ones), 1e-9)


def test_labels_of_student_groups_agree():
    group = np.where(np.arange(40) < 20, np.arange(40) % 2, HIDDEN)
    rows = replace(rows_of(X, X, np.ones(40)), group=group, freedom=3.5)
    assert_same(POINTS[2], rows)
    assert_same(POINTS[2], replace(rows, informs=group == HIDDEN))


def test_heaped_people_agree():
    heaped = np.where(np.arange(40) < 20, np.rint(X / 0.5) * 0.5, X)
    rows = rows_of(heaped, heaped, np.ones(40))
    heaps = heaps_of(Heaped((Grid(0.5, 0.4),)), heaped, 1.0)
    assert heaps.here.any()
    assert_same(POINTS[2], replace(rows, heaps=heaps))
    assert (
        likelihood(POINTS[2], rows).value != likelihood(POINTS[2], replace(rows, heaps=heaps)).value
    )


def test_people_whom_no_group_explains_have_no_likelihood():
    rows = rows_of(np.array([1e200]), np.array([1e200]), np.ones(1))
    assert not np.isfinite(likelihood(POINTS[2], rows).value)


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


def test_edges_of_the_parameter_space_are_seen():
    objective = objective_of(rows_of(X, X, np.ones(40)), NONE)
    for edge in ([9.0, 0, 0, 0, 0], [0, 0, 0, -9.0, 0]):
        assert objective.is_degenerate(np.array(edge))
    assert not objective.is_degenerate(START)
    for far in ([0, 0, 200.0, 0, 0], [0, 0, 0, 0, 5.0]):
        assert objective.edge(np.array(far)) == "no_maximum"
    assert objective.edge(START) is None


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
    constraints, free = Constraints.of_ratio(2, 0.5), free_coordinates(NONE, 2)
    u = np.array([0.0, -1.0, 1.0, 0.0, 0.3])
    np.testing.assert_allclose(
        constraints.normals @ u - constraints.bound, [np.log(2) - 0.3, np.log(2) + 0.3]
    )
    narrowing = np.array([0.0, 0, 0, -1.0, 0.0])
    assert constraints.distance(u, narrowing, []) == (pytest.approx(np.log(2) - 0.3), 0)
    assert constraints.distance(u, narrowing, [0]) == (np.inf, -1)
    along = constraints.directions(free, [0])
    np.testing.assert_allclose(constraints.normals[0] @ along, 0.0, atol=1e-12)
    assert along.shape == (5, 4)
    # A score that widens the gap is stopped by the constraint; one that narrows it pulls away.
    assert constraints.to_release(np.array([0, 0, 0, -1.0, 1.0]), free, [0]) is None
    assert constraints.to_release(np.array([0, 0, 0, 1.0, -1.0]), free, [0]) == 0
    assert Constraints.of_ratio(3, 0.0).normals.shape == (0, 8)
