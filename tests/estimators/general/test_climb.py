import numpy as np

from stature.domain.model import Model, free_coordinates
from stature.domain.observation import Truncated
from stature.estimators.estimator import Status
from stature.estimators.general.climb import Goal, climb, evaluate, is_degenerate, is_endless
from stature.theory.likelihood import rows_of

RNG = np.random.default_rng(4)
X = np.concatenate([RNG.normal(-0.9, 0.5, 200), RNG.normal(0.9, 0.6, 200)])
FREE = free_coordinates(Model("none"), 2)
START = np.array([0.0, -0.8, 0.8, -0.5, -0.5])


def goal(penalty: float = 0.0) -> Goal:
    return Goal(rows_of(X, X, np.ones(400), Truncated(-3.0)), FREE, penalty)


def test_the_penalty_has_its_derivatives():
    u, h = START + 0.1, 1e-4
    at = evaluate(u, goal(3.0))
    for i, direction in enumerate(np.eye(5) * h):
        up, down = (evaluate(u + sign * direction, goal(3.0)) for sign in (1, -1))
        np.testing.assert_allclose(at.score[i], (up.value - down.value) / (2 * h), atol=1e-5)
        slope = -(up.score - down.score) / (2 * h)
        np.testing.assert_allclose(at.information[i], slope, atol=1e-4)


def test_a_climb_ends_certified_and_never_below_its_start():
    end = climb(START, goal(), 5, 200, 1e-12)
    assert end.status == Status.CONVERGED
    assert end.decrement < 1e-12
    assert end.at.value > evaluate(START, goal()).value
    np.testing.assert_allclose(end.at.score, 0.0, atol=1e-8)


def test_a_limit_of_steps_is_a_status():
    assert climb(START, goal(), 0, 1, 1e-12).status == Status.STEP_LIMIT


def test_the_edge_of_the_parameter_space_is_degenerate():
    for edge in ([9.0, 0, 0, 0, 0], [0, 0, 0, -9.0, 0]):
        assert is_degenerate(np.array(edge), goal())
    assert not is_degenerate(START, goal())


def test_a_group_at_infinity_is_no_maximum():
    for far in ([0, 0, 200.0, 0, 0], [0, 0, 0, 0, 5.0]):
        assert is_endless(np.array(far))
        assert climb(np.array(far), goal(), 0, 9, 1e-12).status == Status.NO_MAXIMUM
    assert not is_endless(START)
