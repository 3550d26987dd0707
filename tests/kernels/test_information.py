import numpy as np
import pytest

from stature.arrays import Floats
from stature.domain.mixture import Mixture
from stature.domain.model import Model, SdsRule, SharesRule, free_coordinates, theta_at
from stature.kernels.information import (
    information,
    outer_scores,
    reduce_information,
    reduce_score,
    score,
)
from stature.kernels.sums import BLOCK, POWERS, ROWS, full_pass
from tests.theory.schools import five_points, scores

RNG = np.random.default_rng(11)
X = RNG.standard_normal(300)
W = RNG.uniform(0.5, 2, 300)


def derivatives(u: Floats) -> tuple[float, Floats, Floats]:
    groups = (len(u) + 1) // 3
    theta = theta_at(u)
    sums, cross = np.empty((groups, POWERS)), np.empty((groups, groups, 5))
    value = full_pass(X, W, theta, np.empty((groups + ROWS, BLOCK)), sums, cross)
    g, h = np.empty(len(u)), np.empty((len(u), len(u)))
    score(theta, sums, g)
    information(theta, sums, cross, h)
    return value, g, h


def somewhere(groups: int) -> Floats:
    # Off the maximum, where only an exact Hessian is right.
    return np.concatenate(
        [
            RNG.uniform(-0.5, 0.5, groups - 1),
            np.linspace(-1, 1, groups) + 0.1,
            RNG.uniform(-0.6, 0.1, groups),
        ]
    )


@pytest.mark.parametrize("groups", [1, 2, 3, 4])
def test_score_and_information_are_the_slopes_of_log_likelihood_and_score(groups: int):
    u = somewhere(groups)
    _, g, h = derivatives(u)
    slope = five_points(lambda u: np.array(derivatives(u)[0]), u, 1e-3)
    np.testing.assert_allclose(g, slope, atol=1e-8 * W.sum())
    bend = five_points(lambda u: derivatives(u)[1], u, 1e-3)
    np.testing.assert_allclose(h, -bend, atol=1e-8 * W.sum())


@pytest.mark.parametrize("shares", ["free", "known"])
@pytest.mark.parametrize("sds", ["free", "equal", "known"])
def test_a_restricted_model_has_the_projected_score_and_information(
    shares: SharesRule, sds: SdsRule
):
    free = np.ascontiguousarray(free_coordinates(Model("none", shares, sds), 3))
    _, g, h = derivatives(somewhere(3))
    p = free.shape[1]
    g_model, h_model = np.empty(p), np.empty((p, p))
    reduce_score(free, g, g_model)
    reduce_information(free, h, h_model)
    np.testing.assert_allclose(g_model, free.T @ g, rtol=1e-13, atol=1e-12)
    np.testing.assert_allclose(h_model, free.T @ h @ free, rtol=1e-13, atol=1e-12)


@pytest.mark.parametrize("groups", [1, 2, 3, 4])
def test_outer_scores_are_the_sum_over_people(groups: int):
    theta = theta_at(somewhere(groups))
    sums, cross = np.empty((groups, POWERS)), np.empty((groups, groups, 5))
    full_pass(X, W, theta, np.empty((groups + ROWS, BLOCK)), sums, cross)
    out = np.empty((3 * groups - 1, 3 * groups - 1))
    outer_scores(theta, sums, cross, out)
    each = scores(Mixture.of(theta), X)
    np.testing.assert_allclose(out, (W[:, None] * each).T @ each, rtol=1e-10, atol=1e-9)
