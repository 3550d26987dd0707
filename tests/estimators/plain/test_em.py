import numpy as np
import pytest

from stature.domain.model import Model
from stature.estimators.plain.em import climb_by_em, m_step
from stature.estimators.plain.newton import NEWTON_EM_STEPS, climb_by_newton
from stature.estimators.plain.problem import DEGENERATE, STEP_LIMIT, certify
from stature.kernels.sums import em_pass
from tests.estimators.laws import MODELS, START, problem_of, room_of


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.slug)
def test_the_likelihood_never_falls_along_em(model: Model):
    problem = problem_of(model)
    room, theta = room_of(problem), START.copy()
    before = -np.inf
    for _ in range(150):
        value, _ = certify(problem, theta, room)
        assert value >= before - 1e-10 * abs(value)
        before = value
        m_step(room.sums, problem.shares_known, problem.sds_rule, theta)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.slug)
def test_a_maximum_is_a_fixed_point_of_the_em_map(model: Model):
    problem = problem_of(model)
    room, theta = room_of(problem), START.copy()
    climb_by_newton(problem, theta, NEWTON_EM_STEPS, 1e-12, 100, room)
    mapped = theta.copy()
    em_pass(problem.x, problem.w, mapped, room.work, room.sums)
    m_step(room.sums, problem.shares_known, problem.sds_rule, mapped)
    np.testing.assert_allclose(mapped, theta, atol=1e-9)


def test_a_step_limit_is_a_status_and_not_convergence():
    problem = problem_of(Model("none"))
    room, theta = room_of(problem), START.copy()
    end = climb_by_em(problem, theta, 1e-8, 5, room)
    assert (end.status, end.steps, end.passes) == (STEP_LIMIT, 5, 6)


def test_a_group_on_one_person_is_degenerate():
    problem = problem_of(Model("none"))
    problem.x[0] = 12.0
    room, theta = room_of(problem), np.array([0.99, 0.01, 0.0, 12.0, 1.0, 1e-2])
    assert climb_by_em(problem, theta, 1e-8, 1000, room).status == DEGENERATE
