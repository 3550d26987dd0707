import numpy as np
import pytest

from stature.arrays import Floats
from stature.domain.model import Model
from stature.estimators.plain.methods import NEWTON_EM_STEPS, iterate_newton
from stature.estimators.plain.problem import (
    CONVERGED,
    STEP_LIMIT,
    Problem,
    Sample,
    certify,
    covariances,
    finish,
    is_degenerate,
    make_workspace,
    move,
)
from stature.kernels.observations import Observations
from stature.kernels.sketch import Nodes, sketch
from tests.estimators.laws import START, problem_of, read_only, workspace_of

RNG = np.random.default_rng(12)
X = np.concatenate([RNG.normal(-0.9, 0.55, 2000), RNG.normal(0.9, 0.5, 2000)])
W = np.ones(len(X))
FREE = np.eye(5)
SPACE = make_workspace(2, 5)


@pytest.mark.parametrize(
    ("theta", "degenerate"),
    [
        ([0.5, 0.5, 0, 1, 0.5, 0.5], False),
        ([0.009, 0.991, 0, 1, 0.5, 0.5], True),  # less than one of a hundred people
        ([0.5, 0.5, 0, 1, 0.0009, 0.5], True),
        ([0.5, 0.5, 0, 1, np.nan, 0.5], True),
        ([np.nan, 0.5, 0, 1, 0.5, 0.5], True),
    ],
)
def test_a_group_without_people_or_spread_is_degenerate(theta: list[float], degenerate: bool):
    assert is_degenerate(np.array(theta, dtype=float), 100.0) == degenerate


def test_the_decrement_is_the_gain_that_newton_promises():
    problem = problem_of(Model("none"))
    space = workspace_of(problem)
    _, decrement = certify(problem, START, space)
    expected = space.g @ np.linalg.solve(space.h, space.g)
    assert np.isnan(decrement) == (np.linalg.eigvalsh(space.h).min() <= 0)
    if not np.isnan(decrement):
        assert decrement == pytest.approx(expected, rel=1e-9)


def test_the_decrement_means_nothing_at_a_saddle():
    problem = problem_of(Model("none"))
    alike = np.array([0.5, 0.5, 0.0, 0.0, 1.0, 1.0])
    alike[2:4] = problem.x.mean()
    alike[4:] = problem.x.std()
    _, decrement = certify(problem, alike, workspace_of(problem))
    assert np.isnan(decrement)


def test_a_move_goes_along_the_unconstrained_coordinates():
    out = np.empty(6)
    # eta + log 2: odds .45/.55 = 9/11 become 18/11, so the shares 18/29 and 11/29.
    move(START, np.array([np.log(2), 0.1, 0, 0, np.log(3)]), 1.0, out)
    np.testing.assert_allclose(out, [18 / 29, 11 / 29, -0.7, 0.8, 0.6, 1.8], rtol=1e-14)


def sample_of(nodes: Nodes, width: float) -> Sample:
    return Sample(Observations(read_only(X), W, 0.0, 1.0), *nodes, width, X.min(), X.max())


def optimised(x: Floats, w: Floats) -> tuple[Problem, Floats]:
    problem = Problem(x, w, FREE, False, 0)
    theta = np.array([0.5, 0.5, -0.8, 0.8, 0.6, 0.6])
    iterate_newton(problem, theta, NEWTON_EM_STEPS, 1e-12, 100, SPACE)
    return problem, theta


def test_a_fit_ends_at_the_maximum_of_the_people_however_they_were_summed_up():
    _, exact = optimised(X, W)
    # Cells so wide that the sketch's own maximum is another one.
    rough = sample_of(sketch(X, W, 1.0), 1.0)
    problem, theta = optimised(rough.x, rough.w)
    assert np.abs(theta - exact).max() > 1e-6
    log_likelihood, decrement, _ = finish(rough, problem, theta, CONVERGED, SPACE)
    np.testing.assert_allclose(theta, exact, atol=1e-8)
    assert decrement < 1e-12
    assert log_likelihood == pytest.approx(
        certify(Problem(X, W, FREE, False, 0), exact, SPACE)[0], abs=1e-9
    )


def test_a_search_that_did_not_converge_is_left_where_it_ended():
    problem = Problem(X, W, FREE, False, 0)
    theta = np.array([0.5, 0.5, -0.8, 0.8, 0.6, 0.6])
    before = theta.copy()
    finish(sample_of(Nodes(X, W), 0.0), problem, theta, STEP_LIMIT, SPACE)
    assert (theta == before).all()


def test_the_sandwich_is_near_the_information_where_the_model_is_right():
    problem, theta = optimised(X, W)
    certify(problem, theta, SPACE)
    observed, sandwich = np.empty((5, 5)), np.empty((5, 5))
    assert covariances(problem, theta, 1.0, SPACE, observed, sandwich)
    np.testing.assert_allclose(observed, np.linalg.inv(SPACE.h), rtol=1e-8, atol=1e-12)
    # n = 4000: the ratio of standard errors strays by a few per cent.
    ratio = np.sqrt(np.diag(sandwich) / np.diag(observed))
    np.testing.assert_allclose(ratio, 1.0, atol=0.15)
    # Means in other units: their rows and columns are scaled.
    scaled, unit = np.empty((5, 5)), np.array([1.0, 8.0, 8.0, 1.0, 1.0])
    assert covariances(problem, theta, 8.0, SPACE, scaled, sandwich)
    assert (scaled == observed * unit * unit[:, None]).all()
