import numpy as np
import pytest

from stature.arrays import Floats
from stature.domain.mixture import Mixture, log_density, responsibilities
from stature.kernels.sums import BLOCK, POWERS, ROWS, em_pass, full_pass

RNG = np.random.default_rng(3)


def theta_of(groups: int, equal_sds: bool = False) -> Floats:
    shares = RNG.uniform(0.2, 1, groups)
    sds = np.full(groups, 0.5) if equal_sds else RNG.uniform(0.3, 1, groups)
    return np.concatenate([shares / shares.sum(), np.sort(RNG.uniform(-2, 2, groups)), sds])


def passes(x: Floats, w: Floats, theta: Floats) -> tuple[Floats, Floats, Floats, float]:
    groups = len(theta) // 3
    work = np.empty((groups + ROWS, BLOCK))
    once, sums = np.empty((groups, POWERS)), np.empty((groups, POWERS))
    cross = np.empty((groups, groups, 5))
    em_pass(x, w, theta, work, once)
    return once, sums, cross, full_pass(x, w, theta, work, sums, cross)


@pytest.mark.parametrize("groups", [1, 2, 3, 4])
@pytest.mark.parametrize("people", [1, 7, 256, 257, 1000])
@pytest.mark.parametrize("equal_sds", [False, True])
def test_sums_are_those_of_the_plain_formulas(groups: int, people: int, equal_sds: bool):
    theta = theta_of(groups, equal_sds)
    x, w = RNG.standard_normal(people), RNG.uniform(0.5, 2, people)
    mixture = Mixture(*np.split(theta, 3))
    r = responsibilities(mixture, x)
    powers = x[:, None] ** np.arange(5)
    once, sums, cross, log_likelihood = passes(x, w, theta)
    np.testing.assert_allclose(sums, (w[:, None] * r).T @ powers, rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(once[:, :3], sums[:, :3], rtol=1e-13, atol=1e-13)
    assert log_likelihood == pytest.approx(w @ log_density(mixture, x), rel=1e-13)
    for k in range(groups):
        for other in range(groups):
            if k != other:
                expected = (w * r[:, k] * r[:, other]) @ powers
                np.testing.assert_allclose(cross[k, other], expected, rtol=1e-10, atol=1e-11)


@pytest.mark.parametrize("groups", [2, 3])
def test_people_far_from_every_group_leave_finite_sums(groups: int):
    theta = np.concatenate(
        [np.full(groups, 1 / groups), np.arange(groups) * 1.0, np.full(groups, 1e-3)]
    )
    _, sums, _, log_likelihood = passes(np.array([-50.0, 0.5, 80.0]), np.ones(3), theta)
    assert np.isfinite(sums).all()
    assert sums[:, 0].sum() == pytest.approx(3.0)
    assert np.isfinite(log_likelihood)


@pytest.mark.parametrize("groups", [2, 3])
def test_a_weight_of_two_is_the_person_twice(groups: int):
    theta = theta_of(groups)
    x = RNG.standard_normal(50)
    twice = passes(np.repeat(x, 2), np.ones(100), theta)
    weighted = passes(x, np.full(50, 2.0), theta)
    for one, other in zip(twice, weighted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-11)
