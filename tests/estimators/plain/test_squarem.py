import numpy as np
import pytest

from stature.arrays import Floats
from stature.domain.model import Model
from stature.estimators.plain.em import climb_by_em
from stature.estimators.plain.hidden import told
from stature.estimators.plain.newton import move
from stature.estimators.plain.problem import CONVERGED, STEP_LIMIT, Problem, certify
from stature.estimators.plain.squarem import climb_by_squarem, difference
from tests.estimators.laws import MODELS, START, problem_of, room_of


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.slug)
def test_it_ends_where_em_ends(model: Model):
    problem = problem_of(model)
    room = room_of(problem)
    ends: list[Floats] = []
    for climb in (climb_by_em, climb_by_squarem):
        theta = START.copy()
        assert climb(problem, theta, 1e-13, 50_000, room).status == CONVERGED
        ends.append(np.append(theta, certify(problem, theta, room)[0]))
    np.testing.assert_allclose(ends[0], ends[1], rtol=1e-5)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.slug)
def test_the_likelihood_never_falls_from_cycle_to_cycle(model: Model):
    problem = problem_of(model)
    room = room_of(problem)
    before = -np.inf
    for cycles in range(40):
        theta = START.copy()
        climb_by_squarem(problem, theta, 1e-300, cycles, room)
        value, _ = certify(problem, theta, room)
        assert value >= before - 1e-10 * abs(value)
        before = value


def test_it_needs_a_fraction_of_the_passes_of_em():
    # mathematics.md 3: medians 373 and 1901 at n = 2000 on the height problem.
    rng = np.random.default_rng(6)
    x = np.concatenate([rng.normal(163, 6.5, 1000), rng.normal(176, 7, 1000)])
    x = (x - x.mean()) / x.std()
    problem = Problem(x, np.ones(2000), told(Model("none"), 2, None).free, False, 0)
    room = room_of(problem)
    start = np.array([0.5, 0.5, -0.8, 0.8, 0.6, 0.6])
    quick = climb_by_squarem(problem, start.copy(), 1e-8, 100_000, room)
    slow = climb_by_em(problem, start.copy(), 1e-8, 100_000, room)
    assert quick.status == slow.status == CONVERGED
    assert quick.passes * 2 < slow.passes


def test_passes_are_counted_and_not_cycles():
    problem = problem_of(Model("none"))
    end = climb_by_squarem(problem, START.copy(), 1e-300, 5, room_of(problem))
    assert (end.status, end.steps) == (STEP_LIMIT, 5)
    # Two or three passes a cycle, and one for the last certificate.
    assert 11 <= end.passes <= 16


def test_a_difference_is_undone_by_the_move_along_it():
    other, out, found = np.array([0.2, 0.8, -1.0, 1.5, 0.3, 0.9]), np.empty(5), np.empty(6)
    difference(START, other, out)
    move(START, out, 1.0, found)
    np.testing.assert_allclose(found, other, rtol=1e-14)
