import numpy as np
import pytest

from stature.arrays import Floats
from stature.domain.mixture import Mixture, log_density
from stature.domain.mixture import responsibilities as plain
from stature.kernels.sums import (
    BLOCK,
    POWERS,
    ROWS,
    SUMS_ALONE,
    WITH_LIKELIHOOD,
    coefficients,
    em_pass,
    full_pass,
    responsibilities,
    responsibilities_alone,
)

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
    assert np.isnan(em_pass(x, w, theta, SUMS_ALONE, work, once))
    log_likelihood = em_pass(x, w, theta, WITH_LIKELIHOOD, work, sums)
    assert (sums[:, :3] == once[:, :3]).all()
    again = full_pass(x, w, theta, work, sums, cross)
    assert again == pytest.approx(log_likelihood, rel=1e-14)
    return once, sums, cross, log_likelihood


@pytest.mark.parametrize("groups", [1, 2, 3, 4])
@pytest.mark.parametrize("people", [1, 7, 256, 257, 1000])
@pytest.mark.parametrize("equal_sds", [False, True])
def test_sums_are_those_of_the_plain_formulas(groups: int, people: int, equal_sds: bool):
    theta = theta_of(groups, equal_sds)
    x, w = RNG.standard_normal(people), RNG.uniform(0.5, 2, people)
    mixture = Mixture.of(theta)
    r = plain(mixture, x)
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


THETAS = [
    np.array([1.0, 0.3, 0.8]),
    np.array([0.3, 0.7, -1.0, 0.8, 0.5, 0.9]),
    np.array([0.2, 0.3, 0.5, -1.0, 0.1, 0.8, 0.5, 0.5, 0.9]),
]


@pytest.mark.parametrize("theta", THETAS, ids=len)
def test_they_are_those_of_the_plain_formula(theta: Floats):
    groups = len(theta) // 3
    x = np.concatenate([np.random.default_rng(1).standard_normal(100), [-60.0, 0.0, 60.0]])
    work, quadratics = np.empty((groups + ROWS, BLOCK)), np.empty(3 * groups)
    coefficients(theta, quadratics)
    responsibilities(x, quadratics, work)
    mixture = Mixture.of(theta)
    n = len(x)
    np.testing.assert_allclose(work[:groups, :n].T, plain(mixture, x), rtol=1e-11, atol=1e-300)
    # What is left in the next rows makes the log-density, but for log sqrt(2 pi).
    logs = work[groups, :n] + np.log(work[groups + 1, :n]) - 0.5 * np.log(2 * np.pi)
    np.testing.assert_allclose(logs, log_density(mixture, x), rtol=1e-12)


@pytest.mark.parametrize("theta", THETAS, ids=len)
def test_alone_they_are_the_same_to_the_last_bit(theta: Floats):
    groups = len(theta) // 3
    x = np.concatenate([np.random.default_rng(2).standard_normal(101), [-60.0, 0.0, 60.0]])
    quadratics = np.empty(3 * groups)
    coefficients(theta, quadratics)
    with_logs, alone = np.empty((2, groups + ROWS, BLOCK))
    responsibilities(x, quadratics, with_logs)
    responsibilities_alone(x, quadratics, alone)
    assert (alone[:groups, : len(x)] == with_logs[:groups, : len(x)]).all()
