import numpy as np
import pytest
from numpy.typing import NDArray

from stature.domain.model import Model, SdsRule, SharesRule
from stature.estimators.climb import (
    CONVERGED,
    DEGENERATE,
    STEP_LIMIT,
    Problem,
    certify,
    climb_by_em,
    climb_by_newton,
    is_degenerate,
    m_step,
    make_room,
    move,
)
from stature.estimators.hidden import told
from stature.kernels.sums import em_pass

RNG = np.random.default_rng(2)
MODELS = [
    Model("none", shares, sds) for shares in ("free", "known") for sds in ("free", "equal", "known")
]
START = np.array([0.45, 0.55, -0.8, 0.8, 0.6, 0.6])


def problem_of(model: Model, n: int = 400, groups: int = 2) -> Problem:
    x = np.where(RNG.random(n) < 0.5, RNG.normal(-0.9, 0.6, n), RNG.normal(0.9, 0.5, n))
    facts = told(model, groups, (0.6,) * groups if model.sds == "known" else None)
    return Problem(x, np.ones(n), facts.free, facts.shares_known, facts.sds_rule)


def room_of(problem: Problem, groups: int = 2):
    return make_room(groups, problem.free.shape[1])


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
def test_em_and_newton_end_at_one_certified_maximum(model: Model):
    problem = problem_of(model)
    room = room_of(problem)
    ends: list[NDArray[np.float64]] = []
    for climb, tolerance in ((climb_by_em, 1e-13), (climb_by_newton, 1e-12)):
        theta = START.copy()
        end = climb(problem, theta, tolerance, 20000, room)
        assert end.status == CONVERGED
        value, decrement = certify(problem, theta, room)
        assert decrement < 1e-12
        ends.append(np.append(theta, value))
    np.testing.assert_allclose(ends[0], ends[1], rtol=1e-5)
    assert ends[0][-1] == pytest.approx(ends[1][-1], abs=1e-9)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.slug)
def test_a_maximum_is_a_fixed_point_of_the_em_map(model: Model):
    problem = problem_of(model)
    room, theta = room_of(problem), START.copy()
    climb_by_newton(problem, theta, 1e-12, 100, room)
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
    assert is_degenerate(np.array([0.5, 0.5, 0, 1, np.nan, 1]), 100.0)


def test_newton_needs_a_hundredth_of_the_passes_of_em():
    # mathematics.md 3: medians 10 and 1901 at n = 2000 on the height problem.
    x = np.concatenate([RNG.normal(163, 6.5, 1000), RNG.normal(176, 7, 1000)])
    x = (x - x.mean()) / x.std()
    facts = told(Model("none"), 2, None)
    problem = Problem(x, np.ones(2000), facts.free, False, 0)
    room = room_of(problem)
    start = np.array([0.5, 0.5, -0.8, 0.8, 0.6, 0.6])
    newton = climb_by_newton(problem, start.copy(), 1e-12, 100, room)
    em = climb_by_em(problem, start.copy(), 1e-8, 100_000, room)
    assert newton.passes * 30 < em.passes


@pytest.mark.parametrize(("shares", "sds"), [("free", "free"), ("known", "equal")])
def test_a_move_of_no_length_changes_nothing(shares: SharesRule, sds: SdsRule):
    del shares, sds
    theta, out = START.copy(), np.empty(6)
    move(theta, np.zeros(5), 1.0, out)
    assert (out == theta).all()


def test_a_move_goes_along_the_unconstrained_coordinates():
    out = np.empty(6)
    # eta + log 2: odds .45/.55 = 9/11 become 18/11, so the shares 18/29 and 11/29.
    move(START, np.array([np.log(2), 0.1, 0, 0, np.log(3)]), 1.0, out)
    np.testing.assert_allclose(out, [18 / 29, 11 / 29, -0.7, 0.8, 0.6, 1.8], rtol=1e-14)
