import numpy as np
import pytest

from stature.arrays import Floats
from stature.domain.model import Model
from stature.estimators.estimator import Prior
from stature.estimators.plain.methods import (
    NEWTON_EM_STEPS,
    difference,
    iterate_em,
    iterate_newton,
    iterate_squarem,
    m_step,
    run_em,
    run_em_of_two,
)
from stature.estimators.plain.problem import (
    CONVERGED,
    DEGENERATE,
    SDS_FREE,
    STEP_LIMIT,
    Problem,
    certify,
    move,
)
from stature.kernels.sums import BLOCK, SUMS_ALONE, em_pass
from tests.estimators.laws import MODELS, START, problem_of, workspace_of

PRIORS = [None, Prior(), Prior("mclust")]


def height_problem(seed: int) -> tuple[Problem, Floats]:
    """The height problem of mathematics.md 3 at n = 2000, and a start."""
    rng = np.random.default_rng(seed)
    x = np.concatenate([rng.normal(163, 6.5, 1000), rng.normal(176, 7, 1000)])
    x = (x - x.mean()) / x.std()
    start = np.array([0.5, 0.5, -0.8, 0.8, 0.6, 0.6])
    return Problem(x, np.ones(2000), np.eye(5), False, SDS_FREE), start


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.slug)
@pytest.mark.parametrize("prior", PRIORS, ids=["none", "ratio", "mclust"])
def test_all_methods_end_at_one_certified_maximum(model: Model, prior: Prior | None):
    problem = problem_of(model, prior=prior)
    space = workspace_of(problem)
    ends: list[Floats] = []
    for method in ("em", "squarem", "newton"):
        theta = START.copy()
        if method == "newton":
            end = iterate_newton(problem, theta, NEWTON_EM_STEPS, 1e-12, 20_000, space)
        elif method == "em":
            end = iterate_em(problem, theta, 1e-13, 20_000, space)
        else:
            end = iterate_squarem(problem, theta, 1e-13, 50_000, space)
        assert end.status == CONVERGED
        value, decrement = certify(problem, theta, space)
        assert decrement < 1e-12
        ends.append(np.append(theta, value))
    for end in ends[1:]:
        np.testing.assert_allclose(end, ends[0], rtol=1e-5)
        assert end[-1] == pytest.approx(ends[0][-1], abs=1e-9)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.slug)
@pytest.mark.parametrize("prior", PRIORS, ids=["none", "ratio", "mclust"])
def test_the_likelihood_never_falls_along_em(model: Model, prior: Prior | None):
    problem = problem_of(model, prior=prior)
    space, theta = workspace_of(problem), START.copy()
    before = -np.inf
    for _ in range(150):
        value, _ = certify(problem, theta, space)
        assert value >= before - 1e-10 * abs(value)
        before = value
        m_step(space.sums, problem.shares_known, problem.sds_rule, problem.prior, theta)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.slug)
@pytest.mark.parametrize("prior", PRIORS, ids=["none", "ratio", "mclust"])
def test_a_maximum_is_a_fixed_point_of_the_em_map(model: Model, prior: Prior | None):
    problem = problem_of(model, prior=prior)
    space, theta = workspace_of(problem), START.copy()
    iterate_newton(problem, theta, NEWTON_EM_STEPS, 1e-12, 100, space)
    mapped = theta.copy()
    em_pass(problem.x, problem.w, mapped, SUMS_ALONE, space.work, space.sums)
    m_step(space.sums, problem.shares_known, problem.sds_rule, problem.prior, mapped)
    np.testing.assert_allclose(mapped, theta, atol=1e-9)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.slug)
@pytest.mark.parametrize("prior", PRIORS, ids=["none", "ratio", "mclust"])
@pytest.mark.parametrize("people", [20, BLOCK - 1, BLOCK, BLOCK + 1])
def test_quick_steps_of_two_groups_are_steps(model: Model, prior: Prior | None, people: int):
    whole = problem_of(model, prior=prior)
    x, w = (np.resize(each, people) for each in (whole.x, whole.w))
    problem, space = whole._replace(x=x, w=w), workspace_of(whole)
    expected, theta = START.copy(), START.copy()
    assert run_em(problem, expected, 7, space) == 0
    assert run_em_of_two(problem, theta, 7, space) == 0
    np.testing.assert_allclose(theta, expected, rtol=1e-11, atol=1e-13)
    assert np.abs(theta - START).max() > 1e-3


def test_both_ways_of_steps_say_when_a_group_is_lost():
    problem = problem_of(Model("none"))
    problem.x[0] = 12.0
    space, start = workspace_of(problem), np.array([0.99, 0.01, 0.0, 12.0, 1.0, 1e-2])
    lost = run_em(problem, start.copy(), 100, space)
    assert 0 < lost < 100
    assert run_em_of_two(problem, start.copy(), 100, space) == lost
    assert run_em(problem, start.copy(), lost - 1, space) == 0


def test_a_step_limit_is_a_status_and_not_convergence():
    problem = problem_of(Model("none"))
    space, theta = workspace_of(problem), START.copy()
    end = iterate_em(problem, theta, 1e-8, 5, space)
    assert (end.status, end.steps, end.passes) == (STEP_LIMIT, 5, 6)


def test_a_group_on_one_person_is_degenerate():
    problem = problem_of(Model("none"))
    problem.x[0] = 12.0
    space, theta = workspace_of(problem), np.array([0.99, 0.01, 0.0, 12.0, 1.0, 1e-2])
    assert iterate_em(problem, theta, 1e-8, 1000, space).status == DEGENERATE


def test_newton_needs_a_hundredth_of_the_evaluations_of_em():
    # Medians of likelihood evaluations are 10 and 1901.
    problem, start = height_problem(2)
    space = workspace_of(problem)
    newton = iterate_newton(problem, start.copy(), NEWTON_EM_STEPS, 1e-12, 100, space)
    em = iterate_em(problem, start.copy(), 1e-8, 100_000, space)
    assert newton.passes * 30 < em.passes


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.slug)
@pytest.mark.parametrize("prior", PRIORS, ids=["none", "ratio", "mclust"])
def test_the_likelihood_never_falls_from_cycle_to_cycle_of_squarem(
    model: Model, prior: Prior | None
):
    problem = problem_of(model, prior=prior)
    space = workspace_of(problem)
    before = -np.inf
    for cycles in range(40):
        theta = START.copy()
        iterate_squarem(problem, theta, 1e-300, cycles, space)
        value, _ = certify(problem, theta, space)
        assert value >= before - 1e-10 * abs(value)
        before = value


def test_squarem_needs_a_fraction_of_the_evaluations_of_em():
    # Medians are 373 and 1901.
    problem, start = height_problem(6)
    space = workspace_of(problem)
    quick = iterate_squarem(problem, start.copy(), 1e-8, 100_000, space)
    slow = iterate_em(problem, start.copy(), 1e-8, 100_000, space)
    assert quick.status == slow.status == CONVERGED
    assert quick.passes * 2 < slow.passes


def test_evaluations_are_counted_and_not_cycles():
    problem = problem_of(Model("none"))
    end = iterate_squarem(problem, START.copy(), 1e-300, 5, workspace_of(problem))
    assert (end.status, end.steps) == (STEP_LIMIT, 5)
    # Two or three passes a cycle, and one for the last certificate.
    assert 11 <= end.passes <= 16


def test_a_difference_is_undone_by_the_move_along_it():
    other, out, found = np.array([0.2, 0.8, -1.0, 1.5, 0.3, 0.9]), np.empty(5), np.empty(6)
    difference(START, other, out)
    move(START, out, 1.0, found)
    np.testing.assert_allclose(found, other, rtol=1e-14)
