import numpy as np
import pytest

from stature.arrays import Floats
from stature.domain.model import Model
from stature.estimators.plain.em import climb_by_em
from stature.estimators.plain.hidden import told
from stature.estimators.plain.newton import NEWTON_EM_STEPS, climb_by_newton, move
from stature.estimators.plain.problem import CONVERGED, Problem, certify
from tests.estimators.laws import MODELS, START, problem_of, room_of


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.slug)
def test_em_and_newton_end_at_one_certified_maximum(model: Model):
    problem = problem_of(model)
    room = room_of(problem)
    ends: list[Floats] = []
    for climb in (climb_by_em, climb_by_newton):
        theta = START.copy()
        if climb is climb_by_em:
            end = climb_by_em(problem, theta, 1e-13, 20000, room)
        else:
            end = climb_by_newton(problem, theta, NEWTON_EM_STEPS, 1e-12, 20000, room)
        assert end.status == CONVERGED
        value, decrement = certify(problem, theta, room)
        assert decrement < 1e-12
        ends.append(np.append(theta, value))
    np.testing.assert_allclose(ends[0], ends[1], rtol=1e-5)
    assert ends[0][-1] == pytest.approx(ends[1][-1], abs=1e-9)


def test_newton_needs_a_hundredth_of_the_passes_of_em():
    # mathematics.md 3: medians 10 and 1901 at n = 2000 on the height problem.
    rng = np.random.default_rng(2)
    x = np.concatenate([rng.normal(163, 6.5, 1000), rng.normal(176, 7, 1000)])
    x = (x - x.mean()) / x.std()
    facts = told(Model("none"), 2, None)
    problem = Problem(x, np.ones(2000), facts.free, False, 0)
    room = room_of(problem)
    start = np.array([0.5, 0.5, -0.8, 0.8, 0.6, 0.6])
    newton = climb_by_newton(problem, start.copy(), NEWTON_EM_STEPS, 1e-12, 100, room)
    em = climb_by_em(problem, start.copy(), 1e-8, 100_000, room)
    assert newton.passes * 30 < em.passes


def test_a_move_of_no_length_changes_nothing():
    out = np.empty(6)
    move(START, np.zeros(5), 1.0, out)
    assert (out == START).all()


def test_a_move_goes_along_the_unconstrained_coordinates():
    out = np.empty(6)
    # eta + log 2: odds .45/.55 = 9/11 become 18/11, so the shares 18/29 and 11/29.
    move(START, np.array([np.log(2), 0.1, 0, 0, np.log(3)]), 1.0, out)
    np.testing.assert_allclose(out, [18 / 29, 11 / 29, -0.7, 0.8, 0.6, 1.8], rtol=1e-14)
