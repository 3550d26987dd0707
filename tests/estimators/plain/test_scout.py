import numpy as np

from stature.domain.model import Model
from stature.estimators.plain.climb import EM, Settings
from stature.estimators.plain.order import ranking
from stature.estimators.plain.problem import CONVERGED, DEGENERATE, certify
from stature.estimators.plain.sample import Sample, everybody, rough_nodes
from stature.estimators.plain.scout import admissible, scout
from tests.estimators.laws import START, problem_of, room_of

PROBLEM = problem_of(Model("none"), n=1000)
ROOM = room_of(PROBLEM)
NONE = np.empty(0)
SETTINGS = Settings(EM, 5, 4, 1000, 1e-8, 300)


def scouts_from(starts: np.ndarray, height: np.ndarray):
    x = PROBLEM.x
    ends = float(x.min()), float(x.max())
    people = everybody(Sample(x, NONE, 0.0, 1.0, NONE, NONE, 0.0, *ends))
    rough = rough_nodes(people, PROBLEM)
    return scout(people, PROBLEM, rough, starts, ranking(-height), height, SETTINGS, ROOM)


def test_scouts_from_near_starts_meet_at_one_certified_maximum():
    starts = np.tile(START, (3, 1))
    starts[1, 2], starts[2, 3] = -1.0, 1.1
    found = scouts_from(starts, np.array([-3.0, -1.0, -2.0]))
    assert found.run == 3
    assert found.start[:3].tolist() == [1, 2, 0]
    assert (found.status[:3] == CONVERGED).all()
    np.testing.assert_allclose(found.value[:3], found.value[0], atol=1e-8)
    _, decrement = certify(PROBLEM, found.theta[found.best], ROOM)
    assert decrement < 1e-12


def test_a_start_that_comes_to_the_place_of_another_is_not_followed_twice():
    found = scouts_from(np.tile(START, (3, 1)), np.zeros(3))
    assert found.run == 1


def test_starts_that_lead_nowhere_are_not_followed():
    starts = np.tile(START, (3, 1))
    starts[:, 2] += np.array([0.0, 0.1, 0.2])
    assert scouts_from(starts, np.array([-np.inf, -1.0, -np.inf])).run == 1
    assert scouts_from(starts, np.full(3, -np.inf)).run == 0


def test_no_more_starts_are_followed_than_are_to_be_kept():
    starts = np.tile(START, (8, 1))
    starts[:, 2] -= 0.05 * np.arange(8)
    assert scouts_from(starts, -np.arange(8.0)).run == SETTINGS.kept_starts


def test_an_end_keeps_its_status_unless_it_is_swapped():
    theta = np.array([0.2, 0.8, 1.0, -1.0, 0.5, 0.7])
    assert admissible(DEGENERATE, theta.copy(), PROBLEM) == DEGENERATE
    assert admissible(CONVERGED, theta, PROBLEM) == CONVERGED
    assert theta[2:4].tolist() == [-1.0, 1.0]
